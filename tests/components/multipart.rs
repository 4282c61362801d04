//! `Multipart<T>` through a router.

use actix_charter::{
    prelude::*,
    request::MultipartLimits,
    testing::{MultipartForm, TestClient},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

#[derive(Debug, Deserialize, JsonSchema, Model)]
#[serde(rename_all = "camelCase")]
struct Upload {
    card_title: String,
    pages: u8,
    place: Option<Place>,
    #[model(accept("image/*"), max_size = "16 B")]
    photo: UploadedFile,
    #[serde(default)]
    more: Vec<UploadedFile>,
}

#[derive(Debug, Deserialize, Serialize, JsonSchema, Model)]
struct Place {
    row: u8,
    names: Vec<String>,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema, Model)]
struct Note {
    text: String,
    #[serde(default)]
    stars: Vec<u8>,
}

struct Uploads;

#[controller]
impl Uploads {
    #[post("/uploads")]
    async fn upload(&self, form: Multipart<Upload>) -> Vec<String> {
        let place = form.place.as_ref().map(|place| format!("{}{}", place.row, place.names.concat()));
        vec![
            form.card_title.clone(),
            form.pages.to_string(),
            form.photo.safe_name(),
            form.more.len().to_string(),
            place.unwrap_or_default(),
        ]
    }

    #[post("/optional")]
    async fn optional(&self, form: Option<Multipart<Note>>) -> Option<String> {
        form.map(|form| form.0.text)
    }

    #[post("/either", parsers(Json, Multipart))]
    async fn either(&self, note: Body<Note>) -> Note {
        note.0
    }

    #[post("/few", multipart = MultipartLimits::new().parts(1))]
    async fn few(&self, note: Multipart<Note>) -> Note {
        note.0
    }

    #[post("/small", body_limit = 100)]
    async fn small(&self, note: Multipart<Note>) -> Note {
        note.0
    }
}

async fn client() -> TestClient {
    crate::roas::client(Router::new("").controller(Uploads)).await
}

fn upload() -> MultipartForm {
    MultipartForm::new().text("cardTitle", "Sea").text("pages", "3").file(
        "photo",
        "../sea.jpg",
        "image/jpeg",
        b"\xff\xd8",
    )
}

#[actix_web::test]
async fn texts_and_files_are_read() {
    let form = upload().file("more", "a.txt", "text/plain", "a").file("more", "b.txt", "text/plain", "b");
    let answer = client().await.post("/uploads").multipart(form).send().await;
    answer.assert_status(201).assert_json(&["Sea", "3", "sea.jpg", "2", ""]);
}

#[actix_web::test]
async fn json_parts_fill_nested_models() {
    let form = upload().file("place", "", "application/json", r#"{"row": 4, "names": ["a", "b"]}"#);
    client()
        .await
        .post("/uploads")
        .multipart(form)
        .send()
        .await
        .assert_json(&["Sea", "3", "sea.jpg", "0", "4ab"]);
    let form = upload().file("place", "", "application/json", r#"{"row": "SECRET", "names": ["a", 3]}"#);
    let answer = client().await.post("/uploads").multipart(form).send().await;
    answer.assert_status(400).problem().assert_fault("body", "/place/row", "type").assert_fault(
        "body",
        "/place/names/1",
        "type",
    );
    assert!(!answer.text().contains("SECRET"));
    let form = upload().file("place", "", "application/json", "{SECRET");
    let answer = client().await.post("/uploads").multipart(form).send().await;
    answer.assert_status(400).problem().assert_fault("body", "/place", "syntax");
}

#[actix_web::test]
async fn everything_that_is_missing_is_told() {
    let answer = client().await.post("/uploads").multipart(MultipartForm::new().text("x", "y")).send().await;
    answer
        .assert_status(400)
        .problem()
        .assert_fault_count(3)
        .assert_fault("body", "/cardTitle", "required")
        .assert_fault("body", "/pages", "required")
        .assert_fault("body", "/photo", "required");
    let form = MultipartForm::new().text("cardTitle", "a").text("pages", "SECRET").text("photo", "no file");
    let answer = client().await.post("/uploads").multipart(form).send().await;
    answer.assert_status(400).problem().assert_fault("body", "/pages", "type");
    assert!(!answer.text().contains("SECRET"));
}

#[actix_web::test]
async fn files_are_held_to_their_rules() {
    let form = MultipartForm::new().text("cardTitle", "a").text("pages", "1");
    let answer = client()
        .await
        .post("/uploads")
        .multipart(form.clone().file("photo", "a", "text/plain", "x"))
        .send()
        .await;
    answer.assert_status(400).problem().assert_fault("body", "/photo", "media_type");
    let answer =
        client().await.post("/uploads").multipart(form.file("photo", "a", "image/png", [0; 17])).send().await;
    answer.assert_status(413).problem().assert_fault("body", "/photo", "length");
}

#[actix_web::test]
async fn optional_forms_may_be_left_out() {
    let client = client().await;
    client.post("/optional").send().await.assert_status(404);
    let answer = client.post("/optional").multipart(MultipartForm::new().text("text", "a")).send().await;
    answer.assert_status(201).assert_body("\"a\"");
    client.post("/optional").multipart(MultipartForm::new()).send().await.assert_status(400);
    client.post("/optional").json(&json!({"text": "a"})).send().await.assert_status(415);
}

#[actix_web::test]
async fn a_body_may_be_json_or_a_form() {
    let client = client().await;
    let form = || MultipartForm::new().text("text", "a").text("stars", "1").text("stars", "2");
    let expected = json!({"text": "a", "stars": [1, 2]});
    client.post("/either").multipart(form()).send().await.assert_status(201).assert_json(&expected);
    client.post("/either").json(&expected).send().await.assert_status(201).assert_json(&expected);
    client.post("/either").body("text/plain", "x").send().await.assert_status(415);
    let answer = client.post("/either").multipart(MultipartForm::new().text("stars", "x")).send().await;
    answer
        .assert_status(400)
        .problem()
        .assert_fault("body", "/text", "required")
        .assert_fault("body", "/stars/0", "type");
}

#[actix_web::test]
async fn limits_come_from_the_layers() {
    let one = || MultipartForm::new().text("text", "a");
    let client = client().await;
    client.post("/few").multipart(one()).send().await.assert_status(201);
    client.post("/few").multipart(one().text("stars", "1")).send().await.assert_status(413);
    // An explicit body limit is one for forms too.
    client.post("/small").multipart(one()).send().await.assert_status(413);

    let limits = MultipartLimits::new().parts(1);
    let router = Router::new("").options(Options::new().multipart(limits.clone())).controller(Uploads);
    let of_router = crate::roas::client(router).await;
    of_router.post("/optional").multipart(one().text("stars", "1")).send().await.assert_status(413);
    let outermost = crate::roas::client(Router::new("").app_data(limits).controller(Uploads)).await;
    outermost.post("/optional").multipart(one().text("stars", "1")).send().await.assert_status(413);
}
