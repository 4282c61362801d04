//! `TestClient` holds answers to the document: it catches a lie, and lets the truth pass.

use std::panic::AssertUnwindSafe;

use actix_charter::{
    endpoint::{HeaderSpec, Output, OutputContent},
    prelude::*,
    router::TrailingSlash,
    testing::{DocumentContract, TestClient},
};
use actix_web::{App, HttpResponse, guard, http::Method, web};
use futures_util::FutureExt;
use schemars::JsonSchema;
use serde::{Serialize, Serializer};
use serde_json::json;

#[derive(Debug, Serialize, JsonSchema, Model)]
struct User {
    id: u32,
}

/// What the schema says and what is sent differ.
#[derive(Debug, JsonSchema, Model)]
struct Lie {
    #[allow(dead_code, reason = "only the schema counts")]
    id: u32,
    #[allow(dead_code, reason = "only the schema counts")]
    when: Option<String>,
}

impl Serialize for Lie {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        json!({"id": -1}).serialize(serializer)
    }
}

fn with_header() -> Output {
    let mut output = Output::new(Some(204), OutputContent::Empty);
    output.headers.push(HeaderSpec::required("X-Version"));
    output
}

struct Users;

/// Without the run-time contract, so that what lies goes out.
#[controller(path = "/users", contract = off, renderers(Json, MsgPack))]
impl Users {
    #[get]
    async fn list(&self) -> Vec<User> {
        vec![User { id: 1 }]
    }

    #[get("/lie")]
    async fn lie(&self) -> Lie {
        Lie { id: 1, when: None }
    }

    #[get("/status", declares(200: User))]
    async fn status(&self) -> HttpResponse {
        HttpResponse::ImATeapot().finish()
    }

    #[get("/server-error", declares(200: User, 503))]
    async fn server_error(&self, down: Query<std::collections::BTreeMap<String, String>>) -> HttpResponse {
        if down.contains_key("declared") {
            HttpResponse::ServiceUnavailable()
                .content_type("application/problem+json")
                .json(json!({"title": "x", "status": 503}))
        } else {
            HttpResponse::BadGateway().finish()
        }
    }

    #[get("/content-type", declares(200: User))]
    async fn content_type(&self) -> HttpResponse {
        HttpResponse::Ok().content_type("text/html").body("x")
    }

    #[get("/no-content-type", declares(200: User))]
    async fn no_content_type(&self) -> HttpResponse {
        HttpResponse::Ok().finish()
    }

    #[get("/body", declares(202))]
    async fn body(&self) -> HttpResponse {
        HttpResponse::Accepted().body("x")
    }

    #[get("/header", declare = with_header())]
    async fn header(&self) -> HttpResponse {
        HttpResponse::NoContent().finish()
    }

    #[get("/problem", declares(409))]
    async fn problem(&self) -> HttpResponse {
        HttpResponse::Conflict().content_type("application/problem+json").body("{\"status\": 409}")
    }

    #[get("/syntax", declares(200: User))]
    async fn syntax(&self) -> HttpResponse {
        HttpResponse::Ok().content_type("application/json").body("{")
    }

    #[get("/{id}")]
    async fn show(&self, id: Path<u32>) -> Option<User> {
        (id.0 == 1).then_some(User { id: 1 })
    }

    #[get("/guarded", guard = || guard::Header("x-in", "1"))]
    async fn guarded(&self) -> User {
        User { id: 2 }
    }

    #[get("/hidden", hidden, declares(200))]
    async fn hidden(&self) -> HttpResponse {
        HttpResponse::ImATeapot().finish()
    }

    #[method("QUERY", "/search")]
    async fn search(&self) -> User {
        User { id: 3 }
    }

    #[get("/extracted")]
    async fn extracted(&self, query: web::Query<Page>) -> u8 {
        query.page
    }
}

#[derive(serde::Deserialize)]
struct Page {
    page: u8,
}

fn api() -> Router {
    Router::new("/api").controller(Users).openapi(Info::new("Users", "1"))
}

/// What the test fails with.
async fn caught(client: &TestClient, target: &str) -> String {
    let sent = AssertUnwindSafe(client.get(target).send()).catch_unwind().await;
    let panic = sent.err().unwrap_or_else(|| panic!("{target} passed"));
    *panic.downcast::<String>().unwrap()
}

#[actix_web::test]
async fn lies_fail_the_test() {
    let client = crate::roas::client(api()).await;
    for (target, text) in [
        ("/api/users/lie", "GET /api/users/lie: 200: the body at \"/id\": -1 is less than the minimum of 0"),
        ("/api/users/status", "GET /api/users/status answered 418; the document declares 200"),
        ("/api/users/server-error", "GET /api/users/server-error answered 502; the document declares 200"),
        (
            "/api/users/content-type",
            "200 came with text/html; declared is application/json, application/msgpack",
        ),
        ("/api/users/no-content-type", "200 came with no Content-Type"),
        ("/api/users/body", "202 is declared without a body, and has one"),
        ("/api/users/header", "204 lacks the header X-Version"),
        ("/api/users/problem", "409: the body at \"\": \"title\" is a required property"),
        ("/api/users/syntax", "200: the body is not JSON"),
        ("/api/users/extracted", "GET /api/users/extracted answered 400; the document declares 200"),
    ] {
        let panic = caught(&client, target).await;
        assert!(
            panic.contains("the answer breaks its contract:") && panic.contains(text),
            "{target}: {panic}"
        );
        assert!(panic.contains("sent at tests/contract/by_test_client.rs"), "{panic}");
        client.get(target).unchecked().send().await;
    }
}

#[actix_web::test]
async fn lies_in_messagepack_are_found_too() {
    let client = crate::roas::client(api()).await.header(("accept", "application/msgpack"));
    let panic = caught(&client, "/api/users/lie").await;
    assert!(panic.contains("the body at \"/id\": -1 is less than"), "{panic}");
}

#[actix_web::test]
async fn the_truth_passes() {
    let client = crate::roas::client(api()).await;
    client.get("/api/users").send().await.assert_status(200);
    client.get("/api/users/1").send().await.assert_status(200);
    client.get("/api/users/2").send().await.assert_status(404);
    client.get("/api/users/x").send().await.assert_status(400);
    client.get("/api/users").accept("text/html").send().await.assert_status(406);
    client.head("/api/users").send().await.assert_status(200);
    client.options("/api/users").send().await.assert_status(204);
    client.delete("/api/users").send().await.assert_status(405);
    client.get("/api/nowhere").send().await.assert_status(404);
    client.get("/elsewhere").send().await.assert_status(404);
    client.get("/api/users/extracted?page=3").send().await.assert_status(200);
    client
        .request(Method::from_bytes(b"QUERY").unwrap(), "/api/users/search")
        .send()
        .await
        .assert_status(200);
    // A declared 503 is part of the contract.
    client.get("/api/users/server-error?declared=1").send().await.assert_status(503);
    // No guard agrees, so that nothing is there.
    client.get("/api/users/guarded").send().await.assert_status(404);
    client.get("/api/users/guarded").header(("x-in", "1")).send().await.assert_status(200);
    // What is hidden is none of the document's business; the document is hidden itself.
    client.get("/api/users/hidden").send().await.assert_status(418);
    client.get("/api/openapi.json").send().await.assert_status(200);
}

#[actix_web::test]
async fn checked_routers_and_slashes_are_known() {
    let client = TestClient::new(api().trailing_slash(TrailingSlash::Ignore).try_mount().unwrap()).await;
    assert!(caught(&client, "/api/users/status/").await.contains("answered 418"));
    let client = crate::roas::client(api().trailing_slash(TrailingSlash::Redirect)).await;
    client.get("/api/users/").send().await.assert_status(308);
}

#[actix_web::test]
async fn prefixes_with_parameters_are_matched() {
    let client = crate::roas::client(Router::new("/{tenant}/api").controller(Users)).await;
    assert!(
        caught(&client, "/acme/api/users/status")
            .await
            .contains("GET /{tenant}/api/users/status answered 418")
    );
}

#[actix_web::test]
async fn real_sockets_and_scopes_are_held_to_it_too() {
    let router = api();
    let contract = DocumentContract::of(&router).unwrap();
    let server = actix_test::start({
        let router = router.clone();
        move || App::new().service(router.clone())
    });
    let client = TestClient::at(&format!("http://{}", server.addr())).contract(contract);
    client.get("/api/users").send().await.assert_status(200);
    assert!(caught(&client, "/api/users/lie").await.contains("-1 is less than the minimum of 0"));

    let contract = DocumentContract::of(&router).unwrap().below("/outer");
    let client = TestClient::configured(move |config| {
        config.service(web::scope("/outer").service(router));
    });
    let client = client.await.contract(contract);
    assert!(caught(&client, "/outer/api/users/status").await.contains("answered 418"));
}

#[actix_web::test]
async fn a_middlewares_lie_about_a_miss_is_one() {
    use actix_web::{
        body::BoxBody,
        dev::{ServiceRequest, ServiceResponse},
        middleware::{Next, from_fn},
    };

    async fn fine(request: ServiceRequest, _: Next<BoxBody>) -> Result<ServiceResponse, actix_web::Error> {
        Ok(request.into_response(HttpResponse::Ok().finish()))
    }
    let client = crate::roas::client(api().wrap(|| from_fn(fine))).await;
    assert!(caught(&client, "/api/nowhere").await.contains("there is nothing at this path"));
    let sent = AssertUnwindSafe(client.delete("/api/users").send()).catch_unwind().await;
    assert!(sent.unwrap_err().downcast::<String>().unwrap().contains("the path has no DELETE"));
}
