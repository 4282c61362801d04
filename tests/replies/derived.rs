//! `#[derive(Replies)]` through a router.

use actix_charter::{prelude::*, testing::TestClient};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;

use crate::log::Log;

#[derive(Debug, Serialize, JsonSchema, Model)]
struct Session {
    user: String,
}

#[derive(Replies)]
enum LogIn {
    /// Welcome.
    #[reply(status = 200, header("Cache-Control" = "no-store"))]
    Welcome {
        body: Session,
        #[reply(header = "X-Rate-Left")]
        left: u32,
        #[reply(header = "X-Hint")]
        hint: Option<String>,
        #[reply(cookie = "sid", secure, http_only, same_site = "Strict", max_age = 3600)]
        session: String,
        #[reply(cookie = "theme")]
        theme: Option<String>,
    },
    /// A second factor is asked for.
    #[reply(status = 202)]
    SecondFactor,
    #[reply(transparent)]
    Elsewhere(SeeOther),
}

struct Doors;

#[controller]
impl Doors {
    #[post("/log-in/{how}")]
    async fn log_in(&self, how: Path<String>) -> LogIn {
        match how.as_str() {
            "second" => LogIn::SecondFactor,
            "elsewhere" => LogIn::Elsewhere(SeeOther::to("/other")),
            how => LogIn::Welcome {
                body: Session { user: "ann".into() },
                left: 9,
                hint: (how == "all").then(|| "change it".into()),
                session: if how == "broken" { "a; Domain=evil".into() } else { "s1".into() },
                theme: (how == "all").then(|| "dark".into()),
            },
        }
    }
}

async fn client() -> TestClient {
    crate::roas::client(Router::new("").controller(Doors)).await
}

#[actix_web::test]
async fn headers_and_cookies_go_with_their_variant() {
    let answer = client().await.post("/log-in/all").send().await;
    answer
        .assert_status(200)
        .assert_json(&json!({"user": "ann"}))
        .assert_header("cache-control", "no-store")
        .assert_header("x-rate-left", "9")
        .assert_header("x-hint", "change it")
        .assert_header("set-cookie", "sid=s1; HttpOnly; SameSite=Strict; Secure; Path=/; Max-Age=3600")
        .assert_header("set-cookie", "theme=dark; SameSite=Lax; Path=/");
    let answer = client().await.post("/log-in/some").send().await;
    answer.assert_status(200).assert_no_header("x-hint");
    assert_eq!(answer.headers().get_all("set-cookie").count(), 1);
}

#[actix_web::test]
async fn other_variants_have_nothing_of_it() {
    let answer = client().await.post("/log-in/second").send().await;
    answer
        .assert_status(202)
        .assert_no_body()
        .assert_no_header("set-cookie")
        .assert_no_header("cache-control");
    let answer = client().await.post("/log-in/elsewhere").send().await;
    answer.assert_status(303).assert_header("location", "/other");
}

#[actix_web::test]
async fn a_cookie_cannot_set_attributes_of_its_own() {
    let log = Log::start();
    let answer = client().await.post("/log-in/broken").unchecked().send().await;
    answer.assert_status(500).assert_no_header("set-cookie");
    let lines = log.take().join("\n");
    assert!(lines.contains("cookie=sid") && !lines.contains("evil"), "{lines}");
}
