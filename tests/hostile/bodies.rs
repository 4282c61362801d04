//! Bodies at the edge of their limits, and beyond.

use actix_web::{dev::Payload, error::PayloadError, http::header::CONTENT_LENGTH, test::TestRequest};
use bytes::Bytes;
use futures_util::stream;

use crate::api::{BODY_LIMIT, SECRET, ask, json, post};

/// A JSON text of exactly so many bytes.
fn sized(bytes: usize) -> String {
    let frame = r#"{"text":""}"#.len();
    format!(r#"{{"text":"{}"}}"#, "x".repeat(bytes - frame))
}

#[actix_web::test]
async fn one_byte_over_the_limit() {
    for (path, media_type) in [("/json", "application/json"), ("/raw", "any/thing"), ("/text", "text/plain")]
    {
        for announced in [true, false] {
            let request = |bytes: usize| {
                let request = post(path, media_type, sized(bytes));
                if announced {
                    request.insert_header((CONTENT_LENGTH, bytes))
                } else {
                    request.insert_header(("transfer-encoding", "chunked"))
                }
            };
            let fits = ask(request(BODY_LIMIT)).await;
            assert_eq!(fits.status, 201, "{path}: {}", fits.body);
            ask(request(BODY_LIMIT + 1)).await.refuses(413, "too-large");
        }
    }
}

#[actix_web::test]
async fn a_length_alone_is_refused() {
    for length in ["1001", "18446744073709551615"] {
        let request = json("/json", "").insert_header((CONTENT_LENGTH, length));
        ask(request).await.refuses(413, "too-large");
    }
}

/// A service request whose body comes in these pieces.
async fn ask_with(path: &str, pieces: Vec<Result<&'static [u8], PayloadError>>) -> crate::api::Answer {
    use actix_web::{App, body::to_bytes, dev::Service};
    let app = actix_web::test::init_service(App::new().service(crate::api::api())).await;
    let body = stream::iter(pieces.into_iter().map(|piece| piece.map(Bytes::from_static)));
    let (request, _) = TestRequest::post()
        .uri(&format!("/api{path}"))
        .insert_header(("content-type", "application/json"))
        .insert_header(("transfer-encoding", "chunked"))
        .to_request()
        .replace_payload(Payload::Stream {
            payload: Box::pin(body) as std::pin::Pin<Box<dyn futures_util::Stream<Item = _>>>,
        });
    let response = app.call(request).await.unwrap();
    let (head, body) = response.into_parts().1.into_parts();
    let body = to_bytes(body).await.unwrap_or_default();
    crate::api::Answer {
        status: head.status().as_u16(),
        headers: head.headers().clone(),
        body: String::from_utf8(body.to_vec()).unwrap(),
    }
}

#[actix_web::test]
async fn in_pieces() {
    let answer = ask_with("/json", vec![Ok(b"{\"te"), Ok(b""), Ok(b"xt\":"), Ok(b"\"x\"}")]).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
}

#[actix_web::test]
async fn that_grow_too_large_are_not_read_to_their_end() {
    // The error behind the limit is never seen.
    let answer =
        ask_with("/json", vec![Ok(&[b'x'; 600]), Ok(&[b'x'; 600]), Err(PayloadError::EncodingCorrupted)])
            .await;
    answer.refuses(413, "too-large");
}

#[actix_web::test]
async fn that_break_off() {
    for path in ["/json", "/raw", "/text"] {
        let answer =
            ask_with(path, vec![Ok(b"{\"text\":\"s3cr3t"), Err(PayloadError::Incomplete(None))]).await;
        answer.refuses(400, "incomplete");
        let answer = ask_with(path, vec![Err(PayloadError::EncodingCorrupted)]).await;
        answer.refuses(400, "encoding");
    }
}

#[actix_web::test]
async fn text_that_is_none() {
    let faults = ask(post("/text", "text/plain", b"s3cr3t\xff".to_vec())).await.faults();
    assert_eq!(faults, [("body".into(), String::new(), "invalid".into())]);
}

#[actix_web::test]
async fn of_a_type_that_is_none() {
    for media_type in [
        "",
        "json",
        "application/json, text/plain",
        "application/xml",
        "application/json; charset=utf-16",
        "\u{e9}/\u{e9}",
    ] {
        let answer = ask(post("/json", media_type, format!(r#"{{"text":"{SECRET}"}}"#))).await;
        answer.refuses(415, "unsupported-media-type");
    }
}
