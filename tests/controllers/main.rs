//! What `#[controller]` makes of a block: generics, modules, names, attributes, texts.
#![allow(
    clippy::unwrap_used,
    clippy::todo,
    unreachable_pub,
    reason = "a test may break, and shows what users write"
)]

mod allow;
mod attributes;
mod generics;
mod signatures;

use actix_charter::prelude::*;
use actix_web::{App, http::Method, test};

/// The answer of a router to one request: status and body.
async fn ask(api: Router, method: Method, path: &str, body: &str) -> (u16, String) {
    api.assert_sound();
    let app = test::init_service(App::new().service(api)).await;
    let mut request = test::TestRequest::default().method(method).uri(path);
    if !body.is_empty() {
        request = request.insert_header(("content-type", "application/json")).set_payload(body.to_owned());
    }
    let answer = test::call_service(&app, request.to_request()).await;
    let status = answer.status().as_u16();
    (status, String::from_utf8(test::read_body(answer).await.to_vec()).unwrap())
}

async fn get(api: Router, path: &str) -> (u16, String) {
    ask(api, Method::GET, path, "").await
}
