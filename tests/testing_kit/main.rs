//! The testing kit, used as a user would: over a service in this process and over a socket.
#![cfg(feature = "testing")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod downloads;
#[cfg(all(feature = "live", feature = "validator"))]
mod live;

use std::panic::{AssertUnwindSafe, catch_unwind};

use actix_charter::testing::{Contract, Exchange, MultipartForm, TestClient};
use actix_web::{
    App, HttpRequest, HttpResponse,
    http::{Method, header},
    web::{self, Bytes, ServiceConfig},
};
use futures_util::FutureExt;
use serde_json::{Value, json};

/// Answers with what it was sent.
async fn echo(request: HttpRequest, body: Bytes) -> HttpResponse {
    let header = |name: &str| {
        let values = request.headers().get_all(name);
        values.map(|value| value.to_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    HttpResponse::Ok().json(json!({
        "method": request.method().as_str(),
        "path": request.path(),
        "query": request.query_string(),
        "host": header("host").len(),
        "accept": header("accept"),
        "authorization": header("authorization"),
        "content-type": header("content-type"),
        "content-length": header("content-length"),
        "cookie": header("cookie"),
        "x-many": header("x-many"),
        "body": String::from_utf8_lossy(&body),
    }))
}

async fn faulty() -> HttpResponse {
    let fault =
        |pointer: &str, code: &str| json!({"in": "body", "pointer": pointer, "code": code, "detail": "no"});
    let body = json!({
        "title": "Bad Request",
        "status": 400,
        "code": "invalid-request",
        "detail": "the request does not match",
        "errors": [fault("/email", "email"), fault("/lines/0", "type")],
    });
    HttpResponse::BadRequest().content_type("application/problem+json").body(body.to_string())
}

async fn compact() -> HttpResponse {
    let fault = json!({"msg": "no", "type": "email", "loc": ["body", "lines", 0, "a/b"]});
    HttpResponse::BadRequest().json(json!({"detail": [fault]}))
}

fn routes(config: &mut ServiceConfig) {
    config
        .route("/echo", web::to(echo))
        .route("/faulty", web::to(faulty))
        .route("/compact", web::to(compact))
        .route(
            "/teapot",
            web::to(|| async {
                HttpResponse::ImATeapot().json(json!({"detail": [{"msg": "short", "type": "stout"}]}))
            }),
        )
        .route(
            "/moved",
            web::to(|| async { HttpResponse::Found().insert_header((header::LOCATION, "/echo")).finish() }),
        )
        .route("/nothing", web::to(|| async { HttpResponse::NoContent().finish() }))
        .route(
            "/page",
            web::to(|| async { HttpResponse::Ok().content_type("text/html; charset=utf-8").body("<p>") }),
        )
        .route("/long", web::to(|| async { HttpResponse::Ok().body("x".repeat(5000)) }))
        .route(
            "/cookie",
            web::to(|| async {
                HttpResponse::Ok().insert_header((header::SET_COOKIE, "a=1; HttpOnly")).finish()
            }),
        )
        .route(
            "/error",
            web::to(|| async { Err::<HttpResponse, _>(actix_web::error::ErrorConflict("taken")) }),
        );
}

fn server() -> actix_test::TestServer {
    actix_test::start(|| App::new().configure(routes))
}

fn base(server: &actix_test::TestServer) -> String {
    format!("http://{}", server.addr())
}

/// What a closure panics with.
fn panic_of<T>(run: impl FnOnce() -> T) -> String {
    let panic = catch_unwind(AssertUnwindSafe(run)).err().expect("it did not panic");
    match panic.downcast::<String>() {
        Ok(text) => *text,
        Err(panic) => panic.downcast_ref::<&str>().map(|text| (*text).to_owned()).expect("not a text"),
    }
}

async fn everything_is_sent(client: TestClient) {
    let answer = client
        .post("/echo?a=1")
        .query(&[("b", "x y"), ("b", "ü")])
        .query(&json!({}))
        .header(("x-many", "1"))
        .header(("x-many", "2"))
        .accept("application/json")
        .bearer("token")
        .cookie("c", "1")
        .cookie("d", "2")
        .json(&json!({"name": "ann"}))
        .send()
        .await;
    answer.assert_status(200).assert_content_type("application/json").assert_json(&json!({
        "method": "POST",
        "path": "/echo",
        "query": "a=1&b=x+y&b=%C3%BC",
        "host": 1,
        "accept": ["application/json"],
        "authorization": ["Bearer token"],
        "content-type": ["application/json"],
        "content-length": ["14"],
        "cookie": ["c=1; d=2"],
        "x-many": ["1", "2"],
        "body": r#"{"name":"ann"}"#,
    }));
    let answer = client.get("/echo").basic("ann", "pass:word").send().await;
    let seen: Value = answer.json();
    assert_eq!(seen["method"], "GET");
    assert_eq!(seen["authorization"], json!(["Basic YW5uOnBhc3M6d29yZA=="]));
    assert_eq!(seen["content-type"], json!([]));
    assert_eq!(seen["body"], "");

    client.get("/moved").send().await.assert_status(302).assert_header("location", "/echo");
    client.get("/nothing").send().await.assert_status(204).assert_no_body();
    client.head("/page").send().await.assert_status(200).assert_body("");
    client.get("/error").send().await.assert_status(409).assert_body("taken");
    client.get("/absent").send().await.assert_status(404);
    for method in ["PUT", "PATCH", "DELETE", "OPTIONS", "QUERY"] {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let seen: Value = client.request(method.clone(), "/echo").send().await.json();
        assert_eq!(seen["method"], method.as_str());
    }
}

#[actix_web::test]
async fn everything_is_sent_in_process() {
    everything_is_sent(TestClient::configured(routes).await).await;
}

#[actix_web::test]
async fn everything_is_sent_over_a_socket() {
    let server = server();
    everything_is_sent(TestClient::at(&base(&server))).await;
}

#[actix_web::test]
async fn middleware_is_tested_too() {
    let app = App::new()
        .wrap(actix_web::middleware::DefaultHeaders::new().add(("x-wrapped", "yes")))
        .configure(routes);
    let client = TestClient::service(actix_web::test::init_service(app).await);
    client.get("/page").send().await.assert_header("X-Wrapped", "yes").assert_no_header("x-other");
}

#[actix_web::test]
async fn a_clients_headers_go_with_every_request() {
    let client = TestClient::configured(routes).await.bearer("mine").header(("x-many", "0"));
    let seen: Value = client.get("/echo").send().await.json();
    assert_eq!((&seen["authorization"], &seen["x-many"]), (&json!(["Bearer mine"]), &json!(["0"])));
    let seen: Value = client
        .get("/echo")
        .bearer("other")
        .header(("x-many", "1"))
        .header(("x-many", "2"))
        .send()
        .await
        .json();
    assert_eq!((&seen["authorization"], &seen["x-many"]), (&json!(["Bearer other"]), &json!(["1", "2"])));
    let seen: Value = client.get("/echo").without("Authorization").send().await.json();
    assert_eq!(seen["authorization"], json!([]));
    assert!(!format!("{client:?}").contains("mine"));
}

#[actix_web::test]
async fn forms_are_sent() {
    let client = TestClient::configured(routes).await;
    let seen: Value = client.post("/echo").form(&[("a", "1"), ("b", "x y")]).send().await.json();
    assert_eq!(seen["body"], "a=1&b=x+y");
    assert_eq!(seen["content-type"], json!(["application/x-www-form-urlencoded"]));

    let form =
        MultipartForm::new().text("ti\"tle", "Holiday").file("photo", "sea.txt", "text/plain", "waves");
    let seen: Value = client.post("/echo").multipart(form).send().await.json();
    let content_type = seen["content-type"][0].as_str().unwrap();
    let boundary = content_type.strip_prefix("multipart/form-data; boundary=").unwrap();
    let expected = format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"ti%22tle\"\r\n\r\nHoliday\r\n\
         --{boundary}\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"sea.txt\"\r\n\
         Content-Type: text/plain\r\n\r\nwaves\r\n--{boundary}--\r\n"
    );
    assert_eq!(seen["body"], expected);
}

#[actix_web::test]
async fn problems_are_read_in_both_shapes() {
    let client = TestClient::configured(routes).await;
    let answer = client.get("/faulty").send().await;
    let problem = answer.assert_status(400).problem();
    problem
        .assert_code("invalid-request")
        .assert_fault("body", "/email", "email")
        .assert_fault("body", "/lines/0", "type")
        .assert_no_fault("body", "/age")
        .assert_no_fault("query", "/email")
        .assert_fault_count(2);
    assert_eq!(problem.detail(), Some("the request does not match"));
    assert_eq!(problem.faults()[0].detail, "no");

    let answer = client.get("/compact").send().await;
    answer.problem().assert_fault("body", "/lines/0/a~1b", "email").assert_fault_count(1);
    let answer = client.get("/teapot").send().await;
    answer.problem().assert_code("stout").assert_fault_count(0);
}

#[actix_web::test]
async fn cookies_are_read() {
    let answer = TestClient::configured(routes).await.get("/cookie").send().await;
    let cookie = answer.cookie("a").unwrap();
    assert_eq!((cookie.value(), cookie.http_only()), ("1", Some(true)));
    assert!(answer.cookie("b").is_none());
}

#[actix_web::test]
async fn failed_assertions_show_the_answer() {
    let client = TestClient::configured(routes).await;
    let answer = client.get("/page?x=1").send().await;
    let shown = "\n  GET /page?x=1 -> 200 OK\n  content-type: text/html; charset=utf-8\n<p>";
    for (message, panic) in [
        ("expected status 201", panic_of(|| answer.assert_status(201).status())),
        ("expected the header `x-a: 1`, found []", panic_of(|| answer.assert_header("x-a", "1").status())),
        (
            "expected no header `content-type`, found \"text/html; charset=utf-8\"",
            panic_of(|| answer.assert_no_header("content-type").status()),
        ),
        (
            "expected the content type `application/json`, found Some(\"text/html; charset=utf-8\")",
            panic_of(|| answer.assert_content_type("application/json").status()),
        ),
        ("expected the body `<b>`", panic_of(|| answer.assert_body("<b>").status())),
        ("expected no body", panic_of(|| answer.assert_no_body().status())),
        (
            "the body is not serde_json::value::Value in JSON: expected value at line 1 column 1",
            panic_of(|| answer.json::<Value>()),
        ),
        ("the body is no problem", panic_of(|| answer.problem().faults().len())),
    ] {
        assert_eq!(panic, format!("{message}{shown}"));
    }
    let answer = client.get("/compact").send().await;
    let panic = panic_of(|| answer.assert_json(&json!({"a": 1})).status());
    assert!(
        panic.starts_with("expected the body {\n  \"a\": 1\n}\n  GET /compact -> 400 Bad Request"),
        "{panic}"
    );
    let long = client.get("/long").send().await;
    let panic = panic_of(|| long.assert_status(201).status());
    assert!(panic.ends_with("x .. and 2952 bytes more"), "{panic}");
    assert!(panic.len() < 2200);
    let nothing = client.get("/nothing").send().await;
    assert!(panic_of(|| nothing.assert_status(200).status()).ends_with("(no body)"));
}

#[actix_web::test]
async fn failed_assertions_on_problems_show_the_faults() {
    let answer = TestClient::configured(routes).await.get("/faulty").send().await;
    let problem = answer.problem();
    let list = "body /email (email), body /lines/0 (type)";
    for (message, panic) in [
        ("expected a problem with the code `x`\n", panic_of(|| problem.assert_code("x").faults().len())),
        (
            &*format!("expected the fault query /email (email), found {list}\n"),
            panic_of(|| problem.assert_fault("query", "/email", "email").faults().len()),
        ),
        (
            &*format!("expected no fault at body /email, found {list}\n"),
            panic_of(|| problem.assert_no_fault("body", "/email").faults().len()),
        ),
        (
            &*format!("expected 1 faults, found {list}\n"),
            panic_of(|| problem.assert_fault_count(1).faults().len()),
        ),
    ] {
        assert!(panic.starts_with(message), "{panic}");
        assert!(panic.contains("GET /faulty -> 400 Bad Request"), "{panic}");
    }
}

/// Refuses every answer, and says what it saw.
struct Refusing;

impl Contract for Refusing {
    fn check(&self, exchange: &Exchange<'_>) -> Result<(), Vec<String>> {
        if exchange.path == "/page" {
            return Ok(());
        }
        let length = exchange.body.len();
        Err(vec![format!("{} {}", exchange.method, exchange.path), format!("{} {length}", exchange.status)])
    }
}

#[actix_web::test]
async fn every_answer_is_held_to_the_contract() {
    let client = TestClient::configured(routes).await.contract(Refusing);
    client.get("/page?x=1").send().await.assert_status(200);
    client.delete("/nothing?x=1").unchecked().send().await.assert_status(204);

    let sent = client.delete("/nothing?x=1").send();
    let panic = AssertUnwindSafe(sent).catch_unwind().await.err().unwrap();
    let panic = panic.downcast_ref::<String>().unwrap();
    let expected =
        "the answer breaks its contract:\n  - DELETE /nothing\n  - 204 No Content 0\n  DELETE /nothing?x=1";
    assert!(panic.starts_with(expected), "{panic}");
    assert!(panic.contains("sent at tests/testing_kit/main.rs:"), "{panic}");
}

#[actix_web::test]
async fn what_cannot_be_sent_fails_the_test() {
    let client = TestClient::configured(routes).await;
    assert_eq!(panic_of(|| client.get("/").header(("a b", "1"))), "this cannot be sent as a header");
    assert!(panic_of(|| client.get("/").query(&1)).starts_with("this cannot be sent as a query"));
    assert!(panic_of(|| drop(client.get("no-slash").send())).starts_with("`no-slash` is no path"));
    assert!(panic_of(|| drop(client.get("/a b").send())).starts_with("`/a b` is no path"));
}

#[actix_web::test]
async fn no_answer_fails_the_test() {
    let server = server();
    let base = base(&server);
    server.stop().await;
    let panic = AssertUnwindSafe(TestClient::at(&base).get("/x").send()).catch_unwind().await.err().unwrap();
    let panic = panic.downcast_ref::<String>().unwrap();
    assert!(panic.starts_with("there was no answer"), "{panic}");
    assert!(panic.contains("GET /x, sent at tests/testing_kit/main.rs:"), "{panic}");
}
