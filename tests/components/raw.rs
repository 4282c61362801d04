//! Bodies as they come.

use actix_charter::{
    prelude::*,
    request::{BodyStream, RawBody, TextBody},
};
use futures_util::StreamExt;

struct Raw;

#[controller(body_limit = 8)]
impl Raw {
    #[post("/bytes")]
    async fn bytes(&self, body: RawBody) -> Binary {
        Binary(body.0)
    }

    #[post("/text")]
    async fn text(&self, body: TextBody) -> Text {
        Text(body.0)
    }

    #[post("/stream")]
    async fn stream(&self, body: BodyStream) -> usize {
        body.0.map(|chunk| chunk.map_or(0, |chunk| chunk.len())).fold(0, async |sum, len| sum + len).await
    }
}

#[actix_web::test]
async fn raw_bodies_are_taken_whatever_they_are() {
    let client = crate::roas::client(Router::new("").controller(Raw)).await;
    let answer = client.post("/bytes").body("image/png", b"\xff\x00".as_slice()).send().await;
    answer.assert_status(201).assert_content_type("application/octet-stream").assert_body(b"\xff\x00");
    client.post("/bytes").send().await.assert_status(201).assert_body("");
    client.post("/bytes").body("image/png", "123456789").send().await.assert_status(413);

    let answer = client.post("/text").body("text/plain", "ünï").send().await;
    answer.assert_status(201).assert_header("content-type", "text/plain; charset=utf-8").assert_body("ünï");
    let answer = client.post("/text").body("text/plain", b"\xff".as_slice()).send().await;
    answer.assert_status(400).problem().assert_fault("body", "", "invalid");

    // No limit is kept for a stream: that is the handler's to do.
    client.post("/stream").body("video/mp4", vec![0; 100]).send().await.assert_status(201).assert_body("100");
}
