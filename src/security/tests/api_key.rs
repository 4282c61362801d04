use actix_web::{cookie::Cookie, http::Method, test::TestRequest};

use super::*;

fn scheme() -> ApiKey<&'static str> {
    ApiKey::fixed([("k-1", "billing"), ("k-2", "reports"), ("", "nobody")])
}

async fn identify(
    scheme: &ApiKey<&'static str>,
    request: TestRequest,
) -> Option<Result<&'static str, (u16, &'static str)>> {
    match scheme.identify(&request.to_http_request(), &[]).await {
        Verdict::Accept(identity) => Some(Ok(identity)),
        Verdict::Next => None,
        Verdict::Stop(denial) => Some(Err((denial.status().as_u16(), denial.code()))),
    }
}

fn with_header(value: &[u8]) -> TestRequest {
    TestRequest::default().insert_header(("X-API-Key", value))
}

fn with_cookie(value: &'static str) -> TestRequest {
    TestRequest::default().cookie(Cookie::new("key", value))
}

#[actix_web::test]
async fn every_fixed_key_is_found() {
    assert_eq!(identify(&scheme(), with_header(b"k-1")).await, Some(Ok("billing")));
    assert_eq!(identify(&scheme(), with_header(b"k-2")).await, Some(Ok("reports")));
}

#[actix_web::test]
async fn wrong_keys_are_refused() {
    // The empty key is refused although the list has one.
    for value in [b"k-".as_slice(), b"k-11", b"K-1", b"", b"\xff"] {
        let expected = Some(Err((401, "invalid_credentials")));
        assert_eq!(identify(&scheme(), with_header(value)).await, expected, "{value:?}");
    }
}

#[actix_web::test]
async fn no_key_asks_the_next_scheme() {
    assert_eq!(identify(&scheme(), TestRequest::default()).await, None);
    assert_eq!(identify(&scheme().cookie("key"), with_header(b"k-1")).await, None);
    assert_eq!(identify(&scheme(), with_cookie("k-1")).await, None);
}

#[actix_web::test]
async fn two_keys_are_malformed() {
    let request = with_header(b"k-1").append_header(("X-API-Key", "k-2"));
    assert_eq!(identify(&scheme(), request).await, Some(Err((400, "invalid_request"))));
}

#[actix_web::test]
async fn another_header_can_be_named() {
    let scheme = scheme().header(HeaderName::from_static("x-token"));
    let request = TestRequest::default().insert_header(("X-Token", "k-1"));
    assert_eq!(identify(&scheme, request).await, Some(Ok("billing")));
}

#[actix_web::test]
async fn a_cookie_is_not_taken_from_other_sites_pages() {
    let scheme = scheme().cookie("key").trusted_origins(["https://app.example.org"]);
    assert_eq!(identify(&scheme, with_cookie("k-1")).await, Some(Ok("billing")));
    let post = || with_cookie("k-1").method(Method::POST).insert_header(("sec-fetch-site", "cross-site"));
    assert_eq!(identify(&scheme, post()).await, Some(Err((403, "cross_origin"))));
    let trusted = post().insert_header(("origin", "https://app.example.org"));
    assert_eq!(identify(&scheme, trusted).await, Some(Ok("billing")));
    // No cookie, no trick.
    let post = TestRequest::default().method(Method::POST).insert_header(("sec-fetch-site", "cross-site"));
    assert_eq!(identify(&scheme, post).await, None);
}

#[actix_web::test]
async fn a_verifier_sees_request_and_key() {
    let scheme: ApiKey<&'static str> = ApiKey::new(async |request: &HttpRequest, key: Secret| {
        (request.path() == "/here" && key.expose() == "k").then_some("it")
    });
    assert_eq!(identify(&scheme, with_header(b"k").uri("/here")).await, Some(Ok("it")));
    assert_eq!(
        identify(&scheme, with_header(b"k").uri("/there")).await,
        Some(Err((401, "invalid_credentials")))
    );
}

#[test]
fn the_document_says_where_the_key_is() {
    assert_eq!(scheme().document(), json!({"type": "apiKey", "in": "header", "name": "x-api-key"}));
    assert_eq!(scheme().cookie("key").document(), json!({"type": "apiKey", "in": "cookie", "name": "key"}));
    assert_eq!(Scheme::challenge(&scheme()).unwrap(), r#"ApiKey realm="api""#);
}

#[test]
fn keys_never_show() {
    assert!(!format!("{:?}", scheme()).contains("k-1"));
}

#[actix_web::test]
async fn a_key_may_stand_in_authorization_too_where_that_is_said() {
    let with = |value: &'static str| TestRequest::default().append_header(("authorization", value));
    let scheme = || scheme().authorization("apikey");
    assert_eq!(identify(&scheme(), with("ApiKey k-1")).await, Some(Ok("billing")));
    assert_eq!(identify(&scheme(), with("apikey k-0")).await, Some(Err((401, "invalid_credentials"))));
    assert_eq!(identify(&scheme(), with("apikey")).await, Some(Err((401, "invalid_credentials"))));
    assert_eq!(identify(&scheme(), with("Bearer k-1")).await, None);
    let twice = with("apikey k-1").append_header(("authorization", "apikey k-1"));
    assert_eq!(identify(&scheme(), twice).await, Some(Err((400, "invalid_request"))));
    assert_eq!(identify(&super::tests::scheme(), with("apikey k-1")).await, None, "nobody said it");
    let both = with("apikey k-1").insert_header(("x-api-key", "k-0"));
    assert_eq!(identify(&scheme(), both).await, Some(Err((401, "invalid_credentials"))), "the header counts");
}
