//! Each rule, broken once by a raw answer: in each mode, and allowed by name.

use actix_charter::{
    endpoint::{CookieSpec, HeaderSpec, Output, OutputContent},
    prelude::*,
    testing::TestClient,
};
use actix_web::{HttpResponse, body::SizedStream, cookie::Cookie, web::Bytes};
use futures_util::stream;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;

use crate::log::Log;

#[derive(Debug, Serialize, JsonSchema, Model)]
struct User {
    id: u32,
    name: String,
}

fn user() -> HttpResponse {
    HttpResponse::Ok().json(json!({"id": 1, "name": "ann"}))
}

/// 200 with a required header and, `sid` always and `theme` sometimes, cookies.
fn rich() -> Output {
    let mut output = Output::new(Some(200), OutputContent::Empty);
    output.headers.push(HeaderSpec::required("X-Version"));
    let mut fixed = HeaderSpec::required("X-Fixed");
    fixed.value = Some("1".into());
    output.headers.push(fixed);
    output.headers.push(HeaderSpec::optional("X-Maybe"));
    let mut sid = CookieSpec::required("sid");
    sid.http_only = true;
    output.cookies.push(sid);
    let mut theme = CookieSpec::required("theme");
    theme.required = false;
    output.cookies.push(theme);
    output
}

fn sid() -> Cookie<'static> {
    Cookie::build("sid", "SECRET")
        .path("/")
        .http_only(true)
        .same_site(actix_web::cookie::SameSite::Lax)
        .finish()
}

/// How a rich answer is broken; `whole` is not.
fn broken(how: &str) -> HttpResponse {
    let mut answer = HttpResponse::Ok();
    if how != "version" {
        answer.insert_header(("x-version", "7"));
    }
    answer.insert_header(("x-fixed", if how == "fixed" { "2" } else { "1" }));
    match how {
        "no-cookie" => {}
        "script" => {
            let mut cookie = sid();
            cookie.set_http_only(false);
            answer.cookie(cookie);
        }
        "removed" => {
            let mut cookie = sid();
            cookie.make_removal();
            answer.cookie(cookie);
        }
        _ => {
            answer.cookie(sid());
        }
    }
    if how == "other-cookie" {
        answer.cookie(Cookie::new("tracker", "SECRET"));
    }
    if how == "maybe" {
        answer.insert_header(("x-maybe", "1"));
    }
    answer.finish()
}

struct Raw;

#[controller(path = "/raw")]
impl Raw {
    #[get("/fine", declares(200: User))]
    async fn fine(&self) -> HttpResponse {
        user()
    }

    #[get("/status", declares(200: User, 404))]
    async fn status(&self) -> HttpResponse {
        HttpResponse::ImATeapot().body("SECRET")
    }

    #[get("/content-type", declares(200: User))]
    async fn content_type(&self) -> HttpResponse {
        HttpResponse::Ok().content_type("text/html").body("{\"id\":1,\"name\":\"SECRET\"}")
    }

    #[get("/problem", declares(200: User, 404))]
    async fn problem(&self) -> HttpResponse {
        HttpResponse::NotFound().content_type("text/plain").body("SECRET")
    }

    #[get("/undeclared-header", declares(200: User))]
    async fn undeclared_header(&self) -> HttpResponse {
        HttpResponse::Ok().insert_header(("x-secret", "SECRET")).json(json!({"id": 1, "name": "a"}))
    }

    #[get("/empty-body", declares(202))]
    async fn empty_body(&self) -> HttpResponse {
        HttpResponse::Accepted().body("SECRET")
    }

    #[get("/body-model", declares(200: User))]
    async fn body_model(&self) -> HttpResponse {
        HttpResponse::Ok().json(json!({"id": "SECRET"}))
    }

    #[get("/stream", declares(200: User))]
    async fn stream(&self) -> HttpResponse {
        let body = SizedStream::new(2, stream::iter([Ok::<_, actix_web::Error>(Bytes::from_static(b"{}"))]));
        HttpResponse::Ok().content_type("application/json").body(body)
    }

    #[get("/rich/{how}", declare = rich())]
    async fn rich(&self, how: Path<String>) -> HttpResponse {
        broken(&how)
    }
}

struct Allowed;

#[controller(path = "/raw")]
impl Allowed {
    #[get("/status", declares(200: User, 404), allow(status))]
    async fn status(&self) -> HttpResponse {
        HttpResponse::ImATeapot().body("SECRET")
    }

    #[get("/content-type", declares(200: User), allow(content_type))]
    async fn content_type(&self) -> HttpResponse {
        HttpResponse::Ok().content_type("text/html").body("SECRET")
    }

    #[get("/problem", declares(200: User, 404), allow(content_type))]
    async fn problem(&self) -> HttpResponse {
        HttpResponse::NotFound().content_type("text/plain").body("SECRET")
    }

    #[get("/undeclared-header", declares(200: User), allow(undeclared_header))]
    async fn undeclared_header(&self) -> HttpResponse {
        HttpResponse::Ok().insert_header(("x-secret", "SECRET")).json(json!({"id": 1, "name": "a"}))
    }

    #[get("/empty-body", declares(202), allow(empty_body))]
    async fn empty_body(&self) -> HttpResponse {
        HttpResponse::Accepted().body("SECRET")
    }

    #[get("/body-model", declares(200: User), allow(body_model))]
    async fn body_model(&self) -> HttpResponse {
        HttpResponse::Ok().json(json!({"id": "SECRET"}))
    }

    #[get("/rich/{how}", declare = rich(), allow(required_header, cookies))]
    async fn rich(&self, how: Path<String>) -> HttpResponse {
        broken(&how)
    }
}

/// Path, status of the broken answer, rule, what the log says.
const BREACHES: &[(&str, u16, &str, &str)] = &[
    ("/raw/status", 418, "status", "answered 418, declared are 200, 404"),
    ("/raw/content-type", 200, "content_type", "declared is application/json"),
    ("/raw/problem", 404, "content_type", "declared is a problem"),
    ("/raw/undeclared-header", 200, "undeclared_header", "the undeclared header x-secret"),
    ("/raw/empty-body", 202, "empty_body", "202 is declared empty and has a body"),
    ("/raw/rich/version", 200, "required_header", "200 lacks the header x-version"),
    ("/raw/rich/fixed", 200, "required_header", "another value of x-fixed"),
    ("/raw/rich/no-cookie", 200, "cookies", "does not set the cookie sid"),
    ("/raw/rich/script", 200, "cookies", "the cookie sid differs from its declaration in HttpOnly"),
    ("/raw/rich/other-cookie", 200, "cookies", "the undeclared cookie tracker"),
];

async fn client(mode: ContractMode) -> TestClient {
    crate::roas::client(Router::new("").options(Options::new().contract(mode)).controller(Raw)).await
}

#[actix_web::test]
async fn a_broken_contract_is_a_500_that_says_nothing_and_a_log_that_says_all() {
    let client = client(ContractMode::Fail).await;
    let log = Log::start();
    for (path, _, rule, text) in BREACHES {
        let answer = client.get(path).unchecked().send().await;
        answer
            .assert_status(500)
            .assert_json(&json!({"title": "Internal Server Error", "status": 500, "code": "internal"}));
        for name in ["x-secret", "set-cookie", "x-version"] {
            answer.assert_no_header(name);
        }
        // A type that stands for anything is held to nothing else, so that most breaches come alone.
        let lines = log.take();
        let line = lines.iter().find(|line| line.contains(&format!("rule={rule}")));
        let line = line.unwrap_or_else(|| panic!("{path}: {lines:#?}"));
        assert!(line.starts_with("ERROR actix_charter::contract:"), "{line}");
        assert!(
            line.contains("operation=raw_") && line.contains(&format!("pattern={}", pattern(path))),
            "{line}"
        );
        assert!(line.contains(text), "{path}: {line}");
        assert!(!line.contains("SECRET"), "{line}");
    }
}

fn pattern(path: &str) -> &str {
    if path.starts_with("/raw/rich") { "/raw/rich/{how}" } else { path }
}

#[actix_web::test]
async fn in_log_mode_the_answer_goes_out_as_it_is() {
    let client = client(ContractMode::Log).await;
    let log = Log::start();
    for (path, status, rule, text) in BREACHES {
        client.get(path).unchecked().send().await.assert_status(*status);
        let lines = log.take();
        assert!(
            lines.iter().any(|line| line.contains(&format!("rule={rule}")) && line.contains(text)),
            "{lines:#?}"
        );
    }
    let answer = client.get("/raw/status").unchecked().send().await;
    answer.assert_status(418).assert_body("SECRET");
}

#[actix_web::test]
async fn turned_off_nothing_is_looked_at() {
    let client = client(ContractMode::Off).await;
    let log = Log::start();
    for (path, status, ..) in BREACHES {
        client.get(path).unchecked().send().await.assert_status(*status);
    }
    client.get("/raw/body-model").unchecked().send().await.assert_status(200);
    assert_eq!(log.take(), [""; 0]);
}

#[actix_web::test]
async fn each_rule_is_allowed_by_its_name() {
    let client = crate::roas::client(Router::new("").controller(Allowed)).await;
    let log = Log::start();
    for (path, status, ..) in BREACHES {
        client.get(path).unchecked().send().await.assert_status(*status);
    }
    client.get("/raw/body-model").unchecked().send().await.assert_status(200);
    assert_eq!(log.take(), [""; 0]);
}

#[actix_web::test]
async fn allowing_at_an_inner_layer_replaces_what_an_outer_one_allows() {
    let outer = Options::new().allow([Rule::BodyModel]);
    let client = crate::roas::client(Router::new("").options(outer).controller(Allowed)).await;
    // `allow(undeclared_header)` at the endpoint, so the body's model counts again; this body is right.
    client.get("/raw/undeclared-header").unchecked().send().await.assert_status(200);
    client.get("/raw/body-model").unchecked().send().await.assert_status(200);
}

#[actix_web::test]
async fn bodies_fit_their_models() {
    let client = client(ContractMode::Fail).await;
    client.get("/raw/fine").send().await.assert_status(200);
    let log = Log::start();
    client.get("/raw/body-model").unchecked().send().await.assert_status(500);
    let lines = log.take();
    assert!(lines.iter().any(|line| line.contains("rule=body_model") && line.contains("/id")), "{lines:#?}");
    assert!(
        lines.iter().any(|line| line.contains("rule=body_model") && line.contains("/name")),
        "{lines:#?}"
    );
    assert!(!lines.concat().contains("SECRET"), "{lines:#?}");
}

#[actix_web::test]
async fn streams_pass() {
    let answer = client(ContractMode::Fail).await.get("/raw/stream").unchecked().send().await;
    answer.assert_status(200).assert_body("{}");
}

#[actix_web::test]
async fn cookies_may_be_removed_and_optional_things_left_out() {
    let client = client(ContractMode::Fail).await;
    for how in ["whole", "removed", "maybe"] {
        client.get(&format!("/raw/rich/{how}")).send().await.assert_status(200);
    }
}

#[actix_web::test]
async fn head_is_held_to_all_but_the_body() {
    let client = client(ContractMode::Fail).await;
    client.head("/raw/fine").send().await.assert_status(200).assert_content_type("application/json");
    client.head("/raw/body-model").send().await.assert_status(200);
    client.head("/raw/status").unchecked().send().await.assert_status(500);
    client.head("/raw/content-type").unchecked().send().await.assert_status(500);
}
