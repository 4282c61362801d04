//! `Accept`, `Content-Type`, `Vary`.

use actix_charter::{prelude::*, testing::TestClient};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

#[derive(Debug, Serialize, Deserialize, JsonSchema, Model)]
struct Note {
    text: String,
}

struct Notes;

#[controller(renderers(Json, MsgPack))]
impl Notes {
    #[get("/note")]
    async fn note(&self) -> Note {
        Note { text: "a".into() }
    }

    #[get("/json", renderers(Json))]
    async fn json(&self) -> Note {
        Note { text: "a".into() }
    }

    #[get("/text")]
    async fn text(&self) -> Text {
        Text("a".into())
    }

    #[delete("/note")]
    async fn delete(&self) -> NoContent {
        NoContent
    }

    #[post("/note", parsers(MsgPack))]
    async fn create(&self, note: Body<Note>) -> Note {
        note.0
    }
}

async fn client() -> TestClient {
    crate::roas::client(Router::new("").controller(Notes)).await
}

const JSON: Option<&str> = Some("application/json");
const MSGPACK: Option<&str> = Some("application/msgpack");

#[actix_web::test]
async fn accept_chooses() {
    let client = client().await;
    for (accept, chosen) in [
        ("*/*", JSON),
        ("", JSON),
        ("application/*", JSON),
        ("application/msgpack", MSGPACK),
        ("APPLICATION/MSGPACK", MSGPACK),
        ("application/json;q=0.5, application/msgpack", MSGPACK),
        ("application/json;q=0.5, application/msgpack;q=0.4", JSON),
        ("application/json;q=0, */*", MSGPACK),
        ("application/*;q=0.1, application/json;q=0", MSGPACK),
        ("text/html, application/xhtml+xml, */*;q=0.1", JSON),
        ("text/html", None),
        ("application/json;q=0", None),
        ("*/*;q=0", None),
        ("image/*, application/xml;q=0.9", None),
    ] {
        let answer = client.get("/note").accept(accept).send().await;
        match chosen {
            Some(chosen) => answer.assert_status(200).assert_content_type(chosen),
            None => answer.assert_status(406),
        };
    }
    let answer =
        client.get("/note").accept("text/html").header(("accept", "application/msgpack;q=0.1")).send().await;
    answer.assert_status(200).assert_content_type("application/msgpack");
    client.get("/note").send().await.assert_status(200).assert_content_type("application/json");
}

#[actix_web::test]
async fn a_406_says_what_there_is() {
    let answer = client().await.get("/note").accept("text/html").send().await;
    answer
        .assert_status(406)
        .assert_content_type("application/problem+json")
        .assert_header("vary", "accept")
        .assert_json(&json!({
            "title": "Not Acceptable", "status": 406, "code": "not-acceptable",
            "detail": "this endpoint answers with application/json, application/msgpack",
        }));
}

#[actix_web::test]
async fn errors_are_negotiated_too() {
    let client = client().await;
    let answer = client.get("/nowhere").accept("application/problem+json").send().await;
    answer.assert_status(404);
    let answer = client.post("/note").accept("application/msgpack").msgpack(&json!({})).send().await;
    answer
        .assert_status(400)
        .assert_content_type("application/msgpack")
        .problem()
        .assert_fault("body", "/text", "required");
    // Who asks for problems only knows that success comes as JSON.
    let answer =
        client.post("/note").accept("application/problem+json").msgpack(&json!({"text": "a"})).send().await;
    answer.assert_status(201).assert_content_type("application/json");
}

#[actix_web::test]
async fn vary_is_sent_where_there_is_a_choice() {
    let client = client().await;
    client.get("/note").send().await.assert_header("vary", "accept");
    client.get("/json").send().await.assert_no_header("vary");
}

#[actix_web::test]
async fn what_is_not_rendered_is_not_refused() {
    let client = client().await;
    client.get("/text").accept("image/png").send().await.assert_status(200).assert_body("a");
    client.delete("/note").accept("image/png").send().await.assert_status(204);
}

#[actix_web::test]
async fn bodies_of_other_types_are_refused() {
    let client = client().await;
    let answer = client.post("/note").json(&json!({"text": "a"})).send().await;
    answer.assert_status(415).problem().assert_code("unsupported-media-type");
    assert_eq!(answer.problem().detail(), Some("the body must be application/msgpack"));
    client.post("/note").msgpack(&json!({"text": "a"})).send().await.assert_status(201);
}
