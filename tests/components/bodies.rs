//! `Body<T>` of structs, tuples, scalars and lists; with and without a body.

use std::collections::BTreeMap;

use actix_charter::{prelude::*, testing::TestClient};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

#[derive(Debug, Serialize, Deserialize, JsonSchema, Model)]
struct Named {
    name: String,
    #[serde(default)]
    count: u8,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema, Model)]
struct Wrapped(u16);

#[derive(Debug, Serialize, Deserialize, JsonSchema, Model)]
struct Pair(u16, String);

#[derive(Debug, Serialize, Deserialize, JsonSchema, Model)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum Shape {
    Circle { radius: f64 },
    Square { side: f64 },
}

struct Bodies;

#[controller]
impl Bodies {
    #[put("/named")]
    async fn named(&self, body: Body<Named>) -> Named {
        body.into_inner()
    }

    #[put("/wrapped")]
    async fn wrapped(&self, body: Body<Wrapped>) -> Wrapped {
        body.0
    }

    #[put("/pair")]
    async fn pair(&self, body: Body<Pair>) -> Pair {
        body.0
    }

    #[put("/shape")]
    async fn shape(&self, body: Body<Shape>) -> Shape {
        body.0
    }

    #[put("/text")]
    async fn text(&self, body: Body<String>) -> String {
        body.0
    }

    #[put("/map")]
    async fn map(&self, body: Body<BTreeMap<String, u8>>) -> BTreeMap<String, u8> {
        body.0
    }

    #[put("/optional")]
    async fn optional(&self, body: Option<Body<Named>>) -> Option<Named> {
        body.map(|body| body.0)
    }

    #[put("/small", body_limit = 16)]
    async fn small(&self, body: Body<String>) -> String {
        body.0
    }
}

async fn client() -> TestClient {
    crate::roas::client(Router::new("").controller(Bodies)).await
}

#[actix_web::test]
async fn any_model_is_a_body() {
    let client = client().await;
    for (path, sent, answered) in [
        ("/named", json!({"name": "a", "more": 1}), json!({"name": "a", "count": 0})),
        ("/wrapped", json!(7), json!(7)),
        ("/pair", json!([1, "x"]), json!([1, "x"])),
        ("/shape", json!({"kind": "circle", "radius": 2.5}), json!({"kind": "circle", "radius": 2.5})),
        ("/text", json!("x"), json!("x")),
        ("/map", json!({"a": 1}), json!({"a": 1})),
    ] {
        client.put(path).json(&sent).send().await.assert_status(200).assert_json(&answered);
    }
}

#[actix_web::test]
async fn what_does_not_fit_is_told_where_it_is() {
    let client = client().await;
    for (path, sent, pointer, code) in [
        ("/named", json!({"count": 1}), "/name", "required"),
        ("/named", json!({"name": "a", "count": 256}), "/count", "range"),
        ("/named", json!([]), "", "type"),
        ("/wrapped", json!("7"), "", "type"),
        ("/pair", json!([1, 2]), "/1", "type"),
        ("/text", json!(5), "", "type"),
        ("/map", json!({"a/b": "x"}), "/a~1b", "type"),
    ] {
        let answer = client.put(path).json(&sent).send().await;
        answer.assert_status(400).problem().assert_fault("body", pointer, code);
    }
}

#[actix_web::test]
async fn optional_bodies_may_be_left_out() {
    let client = client().await;
    client.put("/optional").send().await.assert_status(404);
    client.put("/optional").json(&json!({"name": "a"})).send().await.assert_status(200);
    client.put("/optional").json(&json!({})).send().await.assert_status(400);
    // What is not read cannot be left out.
    client.put("/optional").body("text/plain", "x").send().await.assert_status(415);
    client.put("/named").send().await.assert_status(400).problem().assert_fault("body", "", "required");
}

#[actix_web::test]
async fn syntax_is_told_without_the_text() {
    let answer = client().await.put("/named").body("application/json", r#"{"name": SECRET}"#).send().await;
    answer.assert_status(400).problem().assert_fault("body", "", "syntax");
    assert!(!answer.text().contains("SECRET"));
}

#[actix_web::test]
async fn limits_are_kept_to_the_byte() {
    let client = client().await;
    let text = |bytes: usize| format!("{:?}", "x".repeat(bytes - 2));
    client.put("/small").body("application/json", text(16)).send().await.assert_status(200);
    let answer = client.put("/small").body("application/json", text(17)).send().await;
    answer.assert_status(413).problem().assert_code("too-large");
}

#[actix_web::test]
async fn json_with_a_suffix_and_a_charset_is_json() {
    let client = client().await;
    for kind in ["application/json; charset=utf-8", "APPLICATION/JSON", "application/merge-patch+json"] {
        client.put("/text").body(kind, "\"x\"").send().await.assert_status(200);
    }
    for kind in ["text/json", "application/jsonx", "application/json; charset=utf-16", "nonsense"] {
        client.put("/text").body(kind, "\"x\"").send().await.assert_status(415);
    }
}
