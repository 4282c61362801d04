//! How the document is sent.

use actix_web::{HttpResponse, body::to_bytes, http::StatusCode, test::TestRequest};
use serde_json::Value;

use super::fixture;
use crate::document::{Format, Served};

fn served() -> Served {
    Served::new(&fixture::document())
}

fn header<'a>(response: &'a HttpResponse, name: &str) -> Option<&'a str> {
    response.headers().get(name).map(|value| value.to_str().unwrap())
}

fn ask(served: &Served, headers: &[(&'static str, &str)]) -> HttpResponse {
    let mut request = TestRequest::get();
    for pair in headers {
        request = request.insert_header(*pair);
    }
    served.respond(&request.to_http_request(), Format::Json)
}

#[actix_web::test]
async fn json_is_sent_as_it_is_to_who_asks_for_nothing() {
    let served = served();
    let response = ask(&served, &[]);
    assert_eq!(header(&response, "content-type"), Some("application/json"));
    assert_eq!(header(&response, "cache-control"), Some("no-cache"));
    assert_eq!(header(&response, "vary"), Some("accept-encoding"));
    assert_eq!(header(&response, "content-encoding"), None);
    let body = to_bytes(response.into_body()).await.unwrap();
    assert_eq!(serde_json::from_slice::<Value>(&body).unwrap(), *fixture::document().to_value());
}

#[actix_web::test]
#[cfg(feature = "compress")]
async fn the_coding_that_the_client_likes_best_wins() {
    let served = served();
    for (accepted, coding) in [
        ("gzip, deflate, br, zstd", Some("br")),
        ("gzip", Some("gzip")),
        ("br;q=0.5, gzip", Some("gzip")),
        ("*", Some("br")),
        ("br;q=0, *", Some("gzip")),
        ("gzip;q=0.5, identity", None),
        ("zstd", None),
        ("", None),
    ] {
        let response = ask(&served, &[("accept-encoding", accepted)]);
        assert_eq!(header(&response, "content-encoding"), coding, "{accepted}");
    }
}

#[actix_web::test]
#[cfg(feature = "compress")]
async fn compressed_bytes_are_the_same_document() {
    use std::io::Read;

    let served = served();
    let plain = to_bytes(ask(&served, &[]).into_body()).await.unwrap();
    let gzip = to_bytes(ask(&served, &[("accept-encoding", "gzip")]).into_body()).await.unwrap();
    let brotli = to_bytes(ask(&served, &[("accept-encoding", "br")]).into_body()).await.unwrap();
    let (mut from_gzip, mut from_brotli) = (Vec::new(), Vec::new());
    flate2::read::GzDecoder::new(&*gzip).read_to_end(&mut from_gzip).unwrap();
    brotli::Decompressor::new(&*brotli, 4096).read_to_end(&mut from_brotli).unwrap();
    assert_eq!((plain.as_ref(), plain.as_ref()), (from_gzip.as_slice(), from_brotli.as_slice()));
    assert!(brotli.len() < gzip.len() && gzip.len() < plain.len());
}

#[actix_web::test]
async fn who_has_the_document_does_not_get_it_again() {
    let served = served();
    let tag = header(&ask(&served, &[]), "etag").unwrap().to_owned();
    assert!(tag.starts_with('"'), "a strong tag, not {tag}");
    for known in [tag.clone(), format!("\"other\", W/{tag}"), "*".to_owned()] {
        let response = ask(&served, &[("if-none-match", &known)]);
        assert_eq!(response.status(), StatusCode::NOT_MODIFIED, "{known}");
        assert_eq!(header(&response, "etag"), Some(tag.as_str()));
        assert_eq!(header(&response, "content-type"), None);
        assert!(to_bytes(response.into_body()).await.unwrap().is_empty());
    }
    assert_eq!(ask(&served, &[("if-none-match", "\"other\"")]).status(), StatusCode::OK);
    #[cfg(feature = "compress")]
    {
        let response = ask(&served, &[("if-none-match", &tag), ("accept-encoding", "gzip")]);
        assert_eq!(response.status(), StatusCode::OK, "each coding has a tag of its own");
    }
}

#[actix_web::test]
#[cfg(feature = "yaml")]
async fn yaml_has_its_own_media_type() {
    let response = served().respond(&TestRequest::get().to_http_request(), Format::Yaml);
    assert_eq!(header(&response, "content-type"), Some("application/yaml"));
    let body = to_bytes(response.into_body()).await.unwrap();
    assert_eq!(body, fixture::document().to_yaml());
}
