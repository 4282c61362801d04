//! What middlewares make of answers, or answer themselves, inside a router.

use actix_charter::{prelude::*, testing::TestClient};
use actix_web::{
    Error, HttpResponse,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::header::{HeaderName, HeaderValue},
    middleware::{DefaultHeaders, Next, from_fn},
};
use schemars::JsonSchema;
use serde::{Serialize, Serializer};
use serde_json::json;

use crate::log::Log;

#[derive(Debug, JsonSchema, Model)]
struct Lie {
    #[allow(dead_code, reason = "only the schema counts")]
    id: u32,
}

/// Is not what its schema says, which nobody looks at as long as the type vouches for it.
impl Serialize for Lie {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        json!({"id": "no number"}).serialize(serializer)
    }
}

#[derive(Debug, Serialize, JsonSchema, Model)]
struct User {
    id: u32,
}

struct Users;

#[controller]
impl Users {
    #[get("/typed")]
    async fn typed(&self) -> User {
        User { id: 1 }
    }

    #[get("/lie")]
    async fn lie(&self) -> Lie {
        Lie { id: 1 }
    }

    #[get("/raw-lie", declares(200: Lie))]
    async fn raw_lie(&self) -> HttpResponse {
        HttpResponse::Ok().json(Lie { id: 1 })
    }

    #[get("/limited", declares(429))]
    async fn limited(&self) -> User {
        User { id: 2 }
    }
}

/// Answers instead of the endpoint, as the header `x-do` says.
async fn meddle(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    match request.headers().get("x-do").and_then(|how| how.to_str().ok()) {
        Some("answer") => Ok(request.into_response(HttpResponse::TooManyRequests().body("SECRET"))),
        Some("fail") => Err(actix_web::error::ErrorTooManyRequests("slow down")),
        Some("break") => Err(actix_web::error::ErrorInternalServerError("SECRET")),
        Some("header") => {
            let mut answer = next.call(request).await?.map_into_boxed_body();
            answer.headers_mut().insert(HeaderName::from_static("x-trace"), HeaderValue::from_static("1"));
            Ok(answer)
        }
        _ => next.call(request).await.map(ServiceResponse::map_into_boxed_body),
    }
}

async fn client(options: Options) -> TestClient {
    crate::roas::client(Router::new("").options(options).wrap(|| from_fn(meddle)).controller(Users)).await
}

#[actix_web::test]
async fn answers_of_middlewares_are_held_to_the_endpoints_contract() {
    let client = client(Options::new()).await;
    let log = Log::start();
    for how in ["answer", "fail"] {
        let answer = client.get("/typed").header(("x-do", how)).unchecked().send().await;
        answer.assert_status(500).problem().assert_code("internal");
        let line = log.only();
        assert!(line.contains("rule=status") && line.contains("operation=users_typed"), "{line}");
    }
    // Where 429 is declared it is a problem, as all errors are.
    let answer = client.get("/limited").header(("x-do", "fail")).send().await;
    answer.assert_status(429).assert_content_type("application/problem+json");
    assert_eq!(answer.problem().detail(), Some("slow down"));
    client.get("/limited").header(("x-do", "answer")).unchecked().send().await.assert_status(500);
}

#[actix_web::test]
async fn errors_of_middlewares_say_nothing_when_they_are_ours() {
    let log = Log::start();
    let answer =
        client(Options::new()).await.get("/typed").header(("x-do", "break")).unchecked().send().await;
    answer
        .assert_status(500)
        .assert_json(&json!({"title": "Internal Server Error", "status": 500, "code": "internal"}));
    assert!(log.take().concat().contains("SECRET"));
}

#[actix_web::test]
async fn headers_of_middlewares_are_declared_for_a_layer() {
    let log = Log::start();
    let undeclared = client(Options::new()).await;
    undeclared.get("/typed").header(("x-do", "header")).unchecked().send().await.assert_status(500);
    assert!(log.only().contains("the undeclared header x-trace"));
    let header = actix_charter::endpoint::HeaderSpec::optional("X-Trace");
    let declared = client(Options::new().headers([header])).await;
    declared
        .get("/typed")
        .header(("x-do", "header"))
        .send()
        .await
        .assert_status(200)
        .assert_header("x-trace", "1");
}

#[actix_web::test]
async fn typed_bodies_are_not_parsed_again() {
    // The body is a lie. That it goes out shows that nobody looked at it.
    let answer = client(Options::new()).await.get("/lie").unchecked().send().await;
    answer.assert_status(200).assert_json(&json!({"id": "no number"}));
}

#[actix_web::test]
async fn nothing_is_told_twice() {
    let client = client(Options::new().contract(ContractMode::Log)).await;
    let log = Log::start();
    client.get("/raw-lie").unchecked().send().await.assert_status(200);
    let line = log.only();
    assert!(line.contains("rule=body_model"), "{line}");
    // What the middleware adds to a broken answer is told beside it.
    client.get("/raw-lie").header(("x-do", "header")).unchecked().send().await.assert_status(200);
    let lines = log.take();
    assert_eq!(lines.len(), 2, "{lines:#?}");
}

#[actix_web::test]
async fn middlewares_around_a_miss_are_not_held_to_an_endpoint() {
    let client = crate::roas::client(Router::new("/api").wrap(|| from_fn(meddle)).controller(Users)).await;
    let nowhere = |how: &str| client.get("/api/nowhere").header(("x-do", how)).send();
    nowhere("answer").await.assert_status(429).assert_body("SECRET");
    nowhere("fail").await.assert_status(429).assert_content_type("application/problem+json");
    nowhere("header").await.assert_status(404).assert_header("x-trace", "1");
}

#[actix_web::test]
async fn default_headers_at_an_endpoint_are_declared_there() {
    struct Traced;

    #[controller]
    impl Traced {
        #[get("/traced", wrap = || DefaultHeaders::new().add(("x-trace", "1")), headers("X-Trace"))]
        async fn traced(&self) -> User {
            User { id: 1 }
        }
    }

    let client = crate::roas::client(Router::new("").controller(Traced)).await;
    client.get("/traced").send().await.assert_status(200).assert_header("x-trace", "1");
}
