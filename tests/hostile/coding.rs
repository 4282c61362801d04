//! Bodies with a content coding, which would have to be undone first: a bomb is never unpacked.

use crate::api::{ask, json};

#[actix_web::test]
async fn are_refused() {
    for coding in ["gzip", "br", "deflate", "zstd", "GZIP", "identity, gzip", "gzip, identity", "x"] {
        let answer = ask(json("/json", r#"{"text":"x"}"#).insert_header(("content-encoding", coding))).await;
        answer.refuses(415, "unsupported-content-coding");
        assert_eq!(answer.headers.get("accept-encoding").unwrap(), "identity");
    }
    let twice = json("/json", r#"{"text":"x"}"#)
        .append_header(("content-encoding", "identity"))
        .append_header(("content-encoding", "gzip"));
    ask(twice).await.refuses(415, "unsupported-content-coding");
}

#[actix_web::test]
async fn unless_it_is_none() {
    for coding in ["identity", "Identity", "", "identity, identity"] {
        let answer = ask(json("/json", r#"{"text":"x"}"#).insert_header(("content-encoding", coding))).await;
        assert_eq!(answer.status, 201, "{coding}: {}", answer.body);
    }
}

#[actix_web::test]
async fn bytes_as_they_come_stay_as_they_are() {
    let answer = ask(crate::api::post("/raw", "application/gzip", b"\x1f\x8b".to_vec())
        .insert_header(("content-encoding", "gzip")))
    .await;
    answer.is(201, "2");
}
