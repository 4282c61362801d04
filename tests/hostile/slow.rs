//! Bodies that do not arrive. Their time is none at all here, so no clock is needed.

use std::pin::Pin;

use actix_web::{
    App,
    dev::{Payload, Service},
    error::PayloadError,
    http::StatusCode,
    test::TestRequest,
};
use bytes::Bytes;
use futures_util::{Stream, StreamExt, stream};

async fn ask(path: &str, media_type: &str, first: &'static [u8]) -> StatusCode {
    let app = actix_web::test::init_service(App::new().service(crate::api::api())).await;
    let begun: Pin<Box<dyn Stream<Item = Result<Bytes, PayloadError>>>> =
        Box::pin(stream::iter([Ok(Bytes::from_static(first))]).chain(stream::pending()));
    let (request, _) = TestRequest::post()
        .uri(path)
        .insert_header(("content-type", media_type))
        .insert_header(("transfer-encoding", "chunked"))
        .to_request()
        .replace_payload(Payload::Stream { payload: begun });
    let response = app.call(request).await.unwrap();
    let status = response.status();
    let body = actix_web::body::to_bytes(response.into_body()).await.unwrap_or_default();
    assert_eq!(crate::api::problem(std::str::from_utf8(&body).unwrap())["code"], "timeout");
    status
}

#[actix_web::test]
async fn are_a_408() {
    assert_eq!(ask("/api/slow", "application/json", b"").await, 408);
    assert_eq!(ask("/api/slow", "application/json", b"{\"text\":").await, 408);
}

#[actix_web::test]
async fn are_a_408_as_multipart() {
    let media_type = "multipart/form-data; boundary=b";
    assert_eq!(ask("/api/slow/multipart", media_type, b"--b\r\n").await, 408);
    let within = b"--b\r\ncontent-disposition: form-data; name=\"title\"\r\n\r\ns3cr3t";
    assert_eq!(ask("/api/slow/multipart", media_type, within).await, 408);
}

#[actix_web::test]
async fn what_is_there_at_once_is_never_too_late() {
    let answer = crate::api::ask(crate::api::json("/slow", r#"{"text":"x"}"#)).await;
    assert_eq!(answer.status, 204, "{}", answer.body);
}

#[test]
fn the_document_says_so() {
    let document = crate::api::api().document(&actix_charter::document::Info::new("t", "1")).unwrap();
    for path in ["/api/slow", "/api/slow/multipart"] {
        assert!(document.to_value()["paths"][path]["post"]["responses"]["408"].is_object(), "{path}");
    }
}
