//! The board's page: what it is made of, and the cookie it works with.

use actix_web::http::header;
use serde_json::{Value, json};

use crate::client;

#[actix_web::test]
async fn everything_the_page_names_is_there_and_nothing_is_inline() {
    let client = client().await;
    let page = client.get("/").send().await;
    page.assert_status(200).assert_content_type("text/html");
    let policy = page.header("content-security-policy").unwrap().to_owned();
    assert!(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self';"), "{policy}");
    assert!(!policy.contains("unsafe"), "{policy}");
    let html = page.text();
    assert!(!html.contains("style=\"") && !html.contains(" onclick="), "the policy would refuse it");
    let parts: Vec<_> = html.split('"').filter(|text| text.starts_with("/page/")).collect();
    assert_eq!(parts, ["/page/icon.svg", "/page/page.css", "/page/centrifuge.js", "/page/main.js"]);
    for part in parts.into_iter().chain(["/page/api.js", "/page/board.js", "/page/people.js"]) {
        client.get(part).send().await.assert_status(200);
    }
    client.get("/page/main.rs").send().await.assert_status(404);
}

#[actix_web::test]
async fn a_page_signs_in_by_cookie_and_other_sites_pages_may_not_use_it() {
    let client = client().await;
    let credentials = json!({"email": "ada@example.org", "password": "correct horse battery"});
    let answer = client.post("/api/login").json(&credentials).send().await;
    let cookie = answer.cookie("session").unwrap();
    assert_eq!(cookie.value(), answer.json::<Value>()["token"].as_str().unwrap());
    assert_eq!((cookie.http_only(), cookie.path()), (Some(true), Some("/")));
    assert!(answer.header("set-cookie").unwrap().contains("SameSite=Strict"));

    let session = cookie.value().to_owned();
    let me = client.get("/api/me").cookie("session", &session).send().await;
    me.assert_json(&json!({"sub": "user:1", "scope": "boards:write users:write"}));
    for (site, status) in [("same-origin", 201), ("cross-site", 403)] {
        let board = client.post("/api/boards").cookie("session", &session).header(("sec-fetch-site", site));
        board.json(&json!({"title": "Plans"})).send().await.assert_status(status);
    }

    let answer = client.post("/api/logout").cookie("session", &session).send().await;
    answer.assert_status(204);
    let forgotten = answer.header(header::SET_COOKIE.as_str()).unwrap();
    assert!(forgotten.contains("session=;") && forgotten.contains("Max-Age=0"), "{forgotten}");
}
