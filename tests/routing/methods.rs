//! HEAD, OPTIONS, 405, 404, guards, and methods of one's own.

use actix_charter::prelude::*;
use actix_web::guard;

use crate::{
    answer::{ask, get, method},
    app,
};

struct Books;

#[controller(path = "/books")]
impl Books {
    #[get]
    fn list(&self) -> Vec<String> {
        vec!["Emma".into()]
    }

    #[post]
    fn add(&self) -> NoContent {
        NoContent
    }

    #[get("/{id}")]
    fn show(&self, id: Path<u32>) -> Option<Text> {
        (id.0 == 1).then(|| Text("Emma".into()))
    }

    #[head("/{id}", declares(200))]
    fn look(&self, id: Path<u32>) -> actix_web::HttpResponse {
        let mut response = actix_web::HttpResponse::Ok();
        if id.0 == 9 {
            response.insert_header(("content-type", "text/plain")).body("never sent")
        } else {
            response.finish()
        }
    }

    #[delete("/{id}")]
    fn remove(&self, _id: Path<u32>) -> NoContent {
        NoContent
    }

    #[get("/quiet", head = false, options = false)]
    fn quiet(&self) -> NoContent {
        NoContent
    }

    #[options("/spoken")]
    fn spoken(&self) -> Text {
        Text("ask me".into())
    }

    #[method("QUERY", "/search")]
    fn search(&self, body: Body<String>) -> Text {
        Text(body.0)
    }

    #[method("PURGE", "/search")]
    fn purge(&self) -> NoContent {
        NoContent
    }
}

fn api() -> Router {
    Router::new("/api").controller(Books)
}

#[actix_web::test]
async fn head_is_get_without_its_body() {
    let app = app!(api());
    let there = ask(&app, get("/api/books")).await;
    let response = actix_web::test::call_service(&app, method("HEAD", "/api/books").to_request()).await;
    assert_eq!((response.status().as_u16(), there.status), (200, 200));
    assert_eq!(response.headers().get("content-type").unwrap(), "application/json");
    let body = response.into_body();
    assert_eq!(
        actix_web::body::MessageBody::size(&body),
        actix_web::body::BodySize::Sized(there.body.len() as u64)
    );
    assert_eq!(actix_web::body::to_bytes(body).await.ok().unwrap(), "");
}

#[actix_web::test]
async fn head_of_a_problem_has_no_body_either() {
    let app = app!(api());
    let answer = ask(&app, method("HEAD", "/api/books/quiet")).await;
    assert_eq!(answer.status, 405);
    let answer = ask(&app, method("HEAD", "/api/none")).await;
    assert_eq!(answer.status, 404);
}

#[actix_web::test]
async fn an_explicit_head_wins() {
    let app = app!(api());
    // GET would say 404.
    ask(&app, method("HEAD", "/api/books/2")).await.is(200, "");
    ask(&app, get("/api/books/2")).await.problem(404, "not-found");
}

#[actix_web::test]
async fn options_tells_what_there_is() {
    let app = app!(api());
    for (path, allow) in [
        ("/api/books", "GET, HEAD, OPTIONS, POST"),
        ("/api/books/7", "DELETE, GET, HEAD, OPTIONS"),
        ("/api/books/search", "OPTIONS, PURGE, QUERY"),
    ] {
        let answer = ask(&app, method("OPTIONS", path)).await;
        assert_eq!(
            (answer.status, answer.header("allow"), answer.body.as_str()),
            (204, Some(allow), ""),
            "{path}"
        );
    }
    ask(&app, method("OPTIONS", "/api/books/spoken")).await.is(200, "ask me");
    ask(&app, method("OPTIONS", "/api/none")).await.problem(404, "not-found");
}

#[actix_web::test]
async fn other_methods_are_405_with_allow() {
    let app = app!(api());
    for (name, path, allow) in [
        ("PUT", "/api/books", "GET, HEAD, OPTIONS, POST"),
        ("PURGE", "/api/books", "GET, HEAD, OPTIONS, POST"),
        ("GET", "/api/books/search", "OPTIONS, PURGE, QUERY"),
        ("CONNECT", "/api/books/search", "OPTIONS, PURGE, QUERY"),
        ("HEAD", "/api/books/quiet", "GET"),
        ("OPTIONS", "/api/books/quiet", "GET"),
        // Methods are case-sensitive (RFC 9110 §9.1).
        ("get", "/api/books", "GET, HEAD, OPTIONS, POST"),
    ] {
        let answer = ask(&app, method(name, path)).await;
        answer.problem(405, "method-not-allowed");
        assert_eq!(answer.header("allow"), Some(allow), "{name} {path}");
    }
}

#[actix_web::test]
async fn methods_of_ones_own() {
    let app = app!(api());
    let query = method("QUERY", "/api/books/search")
        .insert_header(("content-type", "application/json"))
        .set_payload(r#""emma""#);
    ask(&app, query).await.is(200, "emma");
    assert_eq!(ask(&app, method("PURGE", "/api/books/search")).await.status, 204);
}

struct Versions;

#[controller(path = "/v")]
impl Versions {
    #[get(operation_id = "old", guard = || guard::Header("x-version", "1"))]
    fn older(&self) -> Text {
        Text("old".into())
    }

    #[get(operation_id = "new", guard = || guard::Header("x-version", "2"))]
    fn newer(&self) -> Text {
        Text("new".into())
    }

    #[get("/open", operation_id = "guarded", guard = || guard::Header("x-version", "1"))]
    fn guarded(&self) -> Text {
        Text("guarded".into())
    }

    #[get("/open", operation_id = "open")]
    fn open(&self) -> Text {
        Text("open".into())
    }

    #[get("/two", guard = || guard::Header("a", "1"), guard = || guard::Header("b", "1"))]
    fn two(&self) -> Text {
        Text("both".into())
    }
}

#[actix_web::test]
async fn guards_tell_endpoints_apart() {
    let app = app!(Router::new("").controller(Versions));
    let version = |path: &str, version: &str| get(path).insert_header(("x-version", version.to_owned()));
    ask(&app, version("/v", "1")).await.is(200, "old");
    ask(&app, version("/v", "2")).await.is(200, "new");
    ask(&app, version("/v", "3")).await.problem(404, "not-found");
    ask(&app, get("/v")).await.problem(404, "not-found");
    ask(&app, version("/v/open", "1")).await.is(200, "guarded");
    ask(&app, get("/v/open")).await.is(200, "open");
    // Another method is still 405.
    ask(&app, method("POST", "/v")).await.problem(405, "method-not-allowed");
    // HEAD asks the guards of GET.
    let head = method("HEAD", "/v").insert_header(("x-version", "2"));
    assert_eq!(ask(&app, head).await.status, 200);
}

#[actix_web::test]
async fn all_guards_of_an_endpoint_must_agree() {
    let app = app!(Router::new("").controller(Versions));
    ask(&app, get("/v/two").insert_header(("a", "1"))).await.problem(404, "not-found");
    ask(&app, get("/v/two").insert_header(("a", "1")).insert_header(("b", "1"))).await.is(200, "both");
}
