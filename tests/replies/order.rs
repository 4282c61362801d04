//! DESIGN §4: which refusal wins when a request deserves several. Each request below deserves all that come later, too.

use actix_charter::{prelude::*, security::ApiKey};
use actix_web::http::Method;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize, JsonSchema, Model)]
struct Note {
    text: String,
}

type Key = ApiKey<&'static str>;

struct Notes;

#[controller(path = "/notes", security = Key, body_limit = 20)]
impl Notes {
    #[post("/{id}")]
    async fn create(&self, _id: Path<u8>, note: Body<Note>) -> Result<Note, Conflict> {
        if note.text == "taken" { Err(Conflict::new()) } else { Ok(note.0) }
    }
}

#[actix_web::test]
async fn the_order_of_refusals_is_a_promise() {
    let api = Router::new("/api").scheme(ApiKey::fixed([("key", "ann")])).controller(Notes);
    let client = crate::roas::client(api).await;
    let json = "application/json";
    // path, method, Accept, key, Content-Type, body
    for (status, path, method, accept, key, kind, body) in [
        (404, "/api/other/x", "PATCH", "text/html", "no", "text/plain", "{}"),
        (405, "/api/notes/x", "PATCH", "text/html", "no", "text/plain", "{}"),
        (406, "/api/notes/x", "POST", "text/html", "no", "text/plain", "{}"),
        (401, "/api/notes/x", "POST", json, "no", "text/plain", "{}"),
        (415, "/api/notes/x", "POST", json, "key", "text/plain", "{}"),
        (413, "/api/notes/x", "POST", json, "key", json, "{\"text\": \"much too long\"}"),
        (400, "/api/notes/x", "POST", json, "key", json, "{\"text\":\"taken\"}"),
        (400, "/api/notes/1", "POST", json, "key", json, "{}"),
        (409, "/api/notes/1", "POST", json, "key", json, "{\"text\":\"taken\"}"),
        (201, "/api/notes/1", "POST", json, "key", json, "{\"text\":\"a\"}"),
    ] {
        let request = client.request(Method::from_bytes(method.as_bytes()).unwrap(), path);
        let answer = request.accept(accept).header(("x-api-key", key)).body(kind, body).send().await;
        answer.assert_status(status);
        if status == 405 {
            answer.assert_header("allow", "OPTIONS, POST");
        }
        let content_type = if status == 201 { json } else { "application/problem+json" };
        answer.assert_content_type(content_type);
    }
}
