//! 404, 405, 406 and panics.

use actix_charter::{prelude::*, testing::TestClient};
use serde_json::json;

use crate::log::Log;

struct Things;

#[controller(path = "/things", renderers(Json, MsgPack))]
impl Things {
    #[get]
    async fn list(&self) -> Vec<u8> {
        Vec::new()
    }

    #[get("/panic/{how}")]
    fn panic(&self, how: Path<String>) -> u8 {
        if how.as_str() == "formatted" { panic!("SECRET {}", how.0) } else { panic!("SECRET") }
    }

    #[post("/panic-in-model")]
    async fn panic_in_model(&self, body: Body<Vec<u8>>) -> u8 {
        body[usize::MAX]
    }
}

async fn client() -> TestClient {
    let options = Options::new()
        .renderers([actix_charter::media::Rendering::Json, actix_charter::media::Rendering::MsgPack]);
    crate::roas::client(Router::new("/api").options(options).controller(Things)).await
}

#[actix_web::test]
async fn misses_are_negotiated() {
    let client = client().await;
    for (request, status, code) in [
        (client.get("/api/nowhere"), 404, "not-found"),
        (client.put("/api/things"), 405, "method-not-allowed"),
        (client.get("/api/things/panic/x"), 500, "internal"),
    ] {
        let answer = request.accept("application/msgpack").unchecked().send().await;
        answer
            .assert_status(status)
            .assert_content_type("application/msgpack")
            .assert_header("vary", "accept");
        answer.problem().assert_code(code);
    }
    let answer = client.put("/api/things").send().await;
    answer.assert_status(405).assert_header("allow", "GET, HEAD, OPTIONS").assert_json(&json!({
        "title": "Method Not Allowed", "status": 405, "code": "method-not-allowed",
        "detail": "this path takes GET, HEAD, OPTIONS",
    }));
    // Nothing suits, so it is the first.
    client
        .get("/api/nowhere")
        .accept("image/png")
        .send()
        .await
        .assert_status(404)
        .assert_content_type("application/problem+json");
}

#[actix_web::test]
async fn a_panic_is_a_500_that_says_nothing() {
    let client = client().await;
    let log = Log::start();
    for how in ["plain", "formatted"] {
        let answer = client.get(&format!("/api/things/panic/{how}")).unchecked().send().await;
        answer
            .assert_status(500)
            .assert_json(&json!({"title": "Internal Server Error", "status": 500, "code": "internal"}));
        let line = log.only();
        assert!(line.contains("the handler panicked") && line.contains("panic=SECRET"), "{line}");
        assert!(
            line.contains("operation=things_panic") && line.contains("pattern=/api/things/panic/{how}"),
            "{line}"
        );
    }
    client.post("/api/things/panic-in-model").json(&[1]).unchecked().send().await.assert_status(500);
    // And the worker goes on.
    client.get("/api/things").send().await.assert_status(200);
}

#[actix_web::test]
async fn head_of_an_error_has_no_body() {
    let answer = client().await.head("/api/nowhere").send().await;
    answer.assert_status(404).assert_content_type("application/problem+json").assert_body("");
}
