//! A slash too many or too few.

use actix_charter::{prelude::*, router::TrailingSlash};
use actix_web::{test::TestRequest, web};

use crate::{
    answer::{ask, get, method},
    app,
};

struct Things;

#[controller]
impl Things {
    #[get("/bare")]
    fn bare(&self) -> Text {
        Text("bare".into())
    }

    #[post("/bare")]
    fn add(&self) -> NoContent {
        NoContent
    }

    #[get("/slash/")]
    fn slash(&self) -> Text {
        Text("slash".into())
    }

    #[get("/both")]
    fn one(&self) -> Text {
        Text("without".into())
    }

    #[get("/both/")]
    fn other(&self) -> Text {
        Text("with".into())
    }

    #[get("/p/{a}/{b}")]
    fn parameters(&self, Path((a, b)): Path<(String, String)>) -> Text {
        Text(format!("{a} {b}"))
    }
}

fn api(policy: TrailingSlash) -> Router {
    Router::new("/api").trailing_slash(policy).controller(Things)
}

#[actix_web::test]
async fn strict_is_the_default() {
    for api in [Router::new("/api").controller(Things), api(TrailingSlash::Strict)] {
        let app = app!(api);
        ask(&app, get("/api/bare")).await.is(200, "bare");
        ask(&app, get("/api/slash/")).await.is(200, "slash");
        ask(&app, get("/api/bare/")).await.problem(404, "not-found");
        ask(&app, get("/api/slash")).await.problem(404, "not-found");
    }
}

#[actix_web::test]
async fn ignored() {
    let app = app!(api(TrailingSlash::Ignore));
    for (path, told) in [
        ("/api/bare", "bare"),
        ("/api/bare/", "bare"),
        ("/api/slash", "slash"),
        ("/api/slash/", "slash"),
        // Two routes that differ in the slash stay two.
        ("/api/both", "without"),
        ("/api/both/", "with"),
        ("/api/p/x/y/", "x y"),
    ] {
        ask(&app, get(path)).await.is(200, told);
    }
    ask(&app, get("/api/bare//")).await.problem(404, "not-found");
    assert_eq!(ask(&app, method("POST", "/api/bare/")).await.status, 204);
    assert_eq!(
        ask(&app, method("PUT", "/api/bare/")).await.header("allow"),
        Some("GET, HEAD, OPTIONS, POST")
    );
}

#[actix_web::test]
async fn redirected_with_the_query() {
    let app = app!(api(TrailingSlash::Redirect), web::scope("/s").service(api(TrailingSlash::Redirect)));
    for (path, to) in [
        ("/api/bare/", "/api/bare"),
        ("/api/bare/?a=1&b=%2F", "/api/bare?a=1&b=%2F"),
        ("/api/slash", "/api/slash/"),
        ("/api/p/%C3%BC/a%2Fb/", "/api/p/%C3%BC/a%2Fb"),
        ("/s/api/bare/", "/s/api/bare"),
    ] {
        let answer = ask(&app, get(path)).await;
        assert_eq!((answer.status, answer.header("location")), (308, Some(to)), "{path}");
    }
    // 308 keeps method and body.
    assert_eq!(ask(&app, method("POST", "/api/bare/")).await.status, 308);
    ask(&app, get("/api/bare")).await.is(200, "bare");
    ask(&app, get("/api/none/")).await.problem(404, "not-found");
}

struct Free;

#[controller]
impl Free {
    #[get("/{a}")]
    fn one(&self, a: Path<String>) -> Text {
        Text(a.0)
    }

    #[get("//{a}")]
    fn two(&self, a: Path<String>) -> Text {
        Text(a.0)
    }
}

#[actix_web::test]
async fn no_redirect_leads_to_another_host() {
    let app = app!(Router::new("").trailing_slash(TrailingSlash::Redirect).controller(Free));
    let to = async |path: &str| {
        let uri = actix_web::http::Uri::builder().path_and_query(path).build().unwrap();
        let mut request = TestRequest::get().to_request();
        request.head_mut().uri = uri;
        let response = actix_web::test::call_service(&app, request).await;
        response.headers().get("location").map(|to| to.to_str().unwrap().to_owned())
    };
    assert_eq!(to("/fine/").await.as_deref(), Some("/fine"));
    for path in ["//evil.example/", "/\\evil.example/", "/\\/evil.example/"] {
        assert_eq!(to(path).await, None, "{path}");
    }
}
