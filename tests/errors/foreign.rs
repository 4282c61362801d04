//! Errors that Actix and its extractors raise: in the API's format, without the value that was refused.

use actix_charter::{prelude::*, testing::TestClient};
use actix_web::{
    Error, HttpRequest, HttpResponse, ResponseError,
    error::{ErrorBadRequest, InternalError, JsonPayloadError, QueryPayloadError},
    http::{StatusCode, header},
    web,
};
use serde::Deserialize;
use serde_json::json;

use crate::log::Log;

#[derive(Deserialize)]
#[allow(dead_code, reason = "it is never read successfully")]
struct Wanted {
    number: u32,
}

#[derive(Debug, derive_more::Display)]
enum AppError {
    #[display("no more than three")]
    Limit,
    #[display("SECRET cause")]
    Broken,
}

impl ResponseError for AppError {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::Limit => StatusCode::TOO_MANY_REQUESTS,
            Self::Broken => StatusCode::BAD_GATEWAY,
        }
    }

    fn error_response(&self) -> HttpResponse {
        HttpResponse::build(self.status_code())
            .insert_header((header::RETRY_AFTER, "7"))
            .content_type("text/html")
            .body("<h1>SECRET markup</h1>")
    }
}

struct Endpoints;

#[controller]
impl Endpoints {
    #[post("/json", declares(400, 413, 415))]
    async fn json(&self, _json: web::Json<Wanted>) -> NoContent {
        NoContent
    }

    #[post("/form", declares(400, 413, 415))]
    async fn form(&self, _form: web::Form<Wanted>) -> NoContent {
        NoContent
    }

    #[get("/query", declares(400))]
    async fn query(&self, _query: web::Query<Wanted>) -> NoContent {
        NoContent
    }

    #[get("/path/{number}", declares(404))]
    async fn path(&self, _path: web::Path<u32>) -> NoContent {
        NoContent
    }

    #[post("/bytes", declares(413))]
    async fn bytes(&self, _bytes: web::Bytes) -> NoContent {
        NoContent
    }

    #[get("/app/{how}", declares(429, 502))]
    async fn app(&self, how: Path<String>) -> Result<NoContent, Error> {
        Err(if how.as_str() == "limit" { AppError::Limit.into() } else { AppError::Broken.into() })
    }

    #[get("/internal", declares(409))]
    async fn internal(&self) -> Result<NoContent, Error> {
        let response = HttpResponse::Conflict().insert_header(("x-kept", "1")).body("SECRET body");
        Err(InternalError::from_response("it is taken", response).into())
    }

    #[get("/wrapped", declares(400))]
    async fn wrapped(&self) -> Result<NoContent, Error> {
        let error = serde_json::from_str::<Wanted>(r#"{"number": "SECRET"}"#).err().unwrap();
        Err(ErrorBadRequest(error))
    }
}

fn json_handler(error: JsonPayloadError, _: &HttpRequest) -> Error {
    InternalError::from_response(error, HttpResponse::BadRequest().body("SECRET")).into()
}

fn query_handler(error: QueryPayloadError, _: &HttpRequest) -> Error {
    ErrorBadRequest(error)
}

async fn client() -> TestClient {
    crate::roas::client(Router::new("").controller(Endpoints)).await
}

#[actix_web::test]
async fn actixs_extractors_do_not_tell_what_was_sent() {
    let client = client().await;
    let form = "application/x-www-form-urlencoded";
    for (request, status, code) in [
        (client.post("/json").json(&json!({"number": "SECRET"})), 400, "invalid-request"),
        (client.post("/json").body("application/json", "{SECRET"), 400, "invalid-request"),
        (client.post("/json").body("text/plain", "SECRET"), 415, "unsupported-media-type"),
        (client.post("/json").body("application/json", vec![b' '; 3 << 20]), 413, "too-large"),
        (client.post("/form").body(form, "number=SECRET"), 400, "invalid-request"),
        (client.post("/form").body("text/plain", "SECRET"), 415, "unsupported-media-type"),
        (client.post("/form").body(form, vec![b'a'; 1 << 20]), 413, "too-large"),
        (client.post("/bytes").body("a/b", vec![0; 1 << 20]), 413, "too-large"),
        (client.get("/query?number=SECRET"), 400, "invalid-request"),
        (client.get("/path/SECRET"), 404, "not-found"),
        (client.get("/wrapped"), 400, "invalid-request"),
    ] {
        let answer = request.send().await;
        answer
            .assert_status(status)
            .assert_content_type("application/problem+json")
            .problem()
            .assert_code(code);
        assert!(!answer.text().contains("SECRET"), "{answer}");
    }
}

#[actix_web::test]
async fn error_handlers_of_an_application_do_not_tell_it_either() {
    let api = Router::new("")
        .app_data(web::JsonConfig::default().error_handler(json_handler))
        .app_data(web::QueryConfig::default().error_handler(query_handler))
        .controller(Endpoints);
    let client = crate::roas::client(api).await;
    for request in
        [client.post("/json").json(&json!({"number": "SECRET"})), client.get("/query?number=SECRET")]
    {
        let answer = request.send().await;
        answer.assert_status(400).problem().assert_code("invalid-request");
        assert!(!answer.text().contains("SECRET"), "{answer}");
    }
}

#[actix_web::test]
async fn an_applications_own_errors_keep_status_headers_and_text() {
    let answer = client().await.get("/app/limit").send().await;
    answer
        .assert_status(429)
        .assert_header("retry-after", "7")
        .assert_content_type("application/problem+json")
        .assert_json(&json!({"title": "Too Many Requests", "status": 429, "detail": "no more than three"}));
    let answer = client().await.get("/internal").send().await;
    answer
        .assert_status(409)
        .assert_header("x-kept", "1")
        .assert_json(&json!({"title": "Conflict", "status": 409, "detail": "it is taken"}));
}

#[actix_web::test]
async fn a_servers_error_is_for_the_log() {
    let log = Log::start();
    let answer = client().await.get("/app/broken").send().await;
    answer
        .assert_status(502)
        .assert_json(&json!({"title": "Bad Gateway", "status": 502, "code": "internal"}));
    let lines = log.take().join("\n");
    assert!(lines.contains("SECRET cause") && lines.contains("endpoints_app"), "{lines}");
}
