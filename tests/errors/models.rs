//! RFC 9457, the compact shape, and a model of one's own: whole bodies.

use actix_charter::{
    model::SchemaOf,
    prelude::*,
    problem::{CompactDetail, ErrorModel, Problem},
    testing::TestClient,
};
use actix_web::{HttpRequest, http::StatusCode};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

#[derive(Debug, Serialize, Deserialize, JsonSchema, Model)]
struct Note {
    text: String,
    #[serde(default)]
    stars: Vec<u8>,
}

#[derive(Debug, thiserror::Error, ApiError)]
enum NoteError {
    #[error("{title} is taken")]
    #[api(status = 409, code = "taken", title = "Taken", type = "https://example.org/taken")]
    Taken {
        title: String,
        #[api(extension = "suggestion")]
        suggestion: String,
        #[api(header = "Retry-After")]
        after: u32,
    },
}

struct Notes;

#[controller(path = "/notes")]
impl Notes {
    #[post]
    async fn create(&self, note: Body<Note>, _all: Query<Flags>) -> Result<Note, NoteError> {
        if note.text == "taken" {
            return Err(NoteError::Taken { title: "taken".into(), suggestion: "taken-2".into(), after: 30 });
        }
        Ok(note.0)
    }

    #[get("/panics")]
    async fn panics(&self) -> Note {
        panic!("SECRET")
    }

    #[get("/whole", declares(422))]
    async fn whole(&self) -> Result<Note, Problem> {
        let problem = Problem::new(StatusCode::UNPROCESSABLE_ENTITY)
            .type_uri("https://example.org/whole")
            .titled("All of it")
            .code("whole")
            .detail("a sentence")
            .instance("/notes/7")
            .extension("more", json!({"a": [1]}))
            .extension("status", 200);
        Err(problem)
    }
}

#[derive(Debug, Deserialize, JsonSchema, Model)]
#[allow(dead_code, reason = "it is only read")]
struct Flags {
    #[serde(default)]
    all: bool,
}

/// Everything in one word.
#[derive(Debug)]
struct OneWord;

impl ErrorModel for OneWord {
    fn body(&self, problem: &Problem, request: &HttpRequest) -> Value {
        json!({"word": problem.get_code().unwrap_or("error"), "faults": problem.faults().iter().count(), "at": request.path()})
    }

    fn schema(&self) -> SchemaOf {
        SchemaOf::of::<WordSchema>()
    }
}

#[derive(JsonSchema)]
#[allow(dead_code, reason = "only the schema counts")]
struct WordSchema {
    word: String,
    faults: u32,
    at: String,
}

async fn client(options: Options) -> TestClient {
    crate::roas::client(Router::new("/api").options(options).controller(Notes)).await
}

/// Status, content type and body of each error.
async fn all(client: &TestClient) -> Value {
    let sent = [
        ("faults", client.post("/api/notes?all=maybe").json(&json!({"stars": [1, "x"]}))),
        ("declared", client.post("/api/notes").json(&json!({"text": "taken"}))),
        ("everything", client.get("/api/notes/whole")),
        ("media type", client.post("/api/notes").body("text/plain", "x")),
        ("not acceptable", client.post("/api/notes").accept("text/html")),
        ("nothing there", client.get("/api/nowhere")),
        ("no such method", client.delete("/api/notes")),
        ("panic", client.get("/api/notes/panics").unchecked()),
    ];
    let mut all = serde_json::Map::new();
    for (name, request) in sent {
        let answer = request.send().await;
        assert!(!answer.text().contains("SECRET"), "{answer}");
        let told = json!({
            "status": answer.status().as_u16(),
            "content-type": answer.header("content-type"),
            "retry-after": answer.header("retry-after"),
            "body": answer.json::<Value>(),
        });
        all.insert(name.to_owned(), told);
    }
    all.into()
}

#[actix_web::test]
async fn problem_details_by_default() {
    insta::assert_json_snapshot!(all(&client(Options::new()).await).await);
}

#[actix_web::test]
async fn the_compact_shape() {
    insta::assert_json_snapshot!(all(&client(Options::new().error_model(CompactDetail)).await).await);
}

#[actix_web::test]
async fn a_model_of_ones_own() {
    insta::assert_json_snapshot!(all(&client(Options::new().error_model(OneWord)).await).await);
}

#[actix_web::test]
async fn the_document_shows_the_model_in_force() {
    let router = Router::new("/api").options(Options::new().error_model(OneWord)).controller(Notes);
    let document = router.document(&Info::new("Notes", "1")).unwrap();
    let content = document.to_value().pointer("/paths/~1api~1notes/post/responses/409/content").unwrap();
    assert_eq!(
        *content,
        json!({"application/json": {"schema": {"$ref": "#/components/schemas/WordSchema"}}})
    );
}
