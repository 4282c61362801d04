use actix_web::{http::header::AUTHORIZATION, test::TestRequest};

use super::*;

fn scheme() -> BearerToken<u32> {
    BearerToken::new(async |_: &HttpRequest, token: Secret| token.matches("abc-._~+/=").then_some(7))
        .grants(|identity, scope| *identity == 7 && scope == "users:read")
}

async fn identify(authorization: &[&[u8]], scopes: &[&'static str]) -> Verdict<u32> {
    let mut request = TestRequest::default();
    for value in authorization {
        request = request.append_header((AUTHORIZATION, *value));
    }
    let scopes: Vec<_> = scopes.iter().map(|scope| Cow::Borrowed(*scope)).collect();
    scheme().identify(&request.to_http_request(), &scopes).await
}

fn stopped(verdict: Verdict<u32>) -> (u16, &'static str, String) {
    let Verdict::Stop(denial) = verdict else { panic!("{verdict:?}") };
    let challenge = denial.challenge.as_ref().unwrap().to_str().unwrap().to_owned();
    (denial.status().as_u16(), denial.code(), challenge)
}

#[actix_web::test]
async fn a_good_token_is_accepted() {
    assert!(matches!(identify(&[b"Bearer abc-._~+/="], &[]).await, Verdict::Accept(7)));
    assert!(matches!(identify(&[b"bearer   abc-._~+/="], &["users:read"]).await, Verdict::Accept(7)));
}

#[actix_web::test]
async fn without_a_token_the_next_scheme_is_asked() {
    assert!(matches!(identify(&[], &[]).await, Verdict::Next));
    assert!(matches!(identify(&[b"Basic YTpi"], &[]).await, Verdict::Next));
    assert_eq!(Scheme::challenge(&scheme()).unwrap(), r#"Bearer realm="api""#);
    assert_eq!(Scheme::challenge(&scheme().realm("inner")).unwrap(), r#"Bearer realm="inner""#);
}

#[actix_web::test]
async fn a_wrong_token_is_a_401() {
    let challenge =
        r#"Bearer realm="api", error="invalid_token", error_description="the token is not valid""#;
    assert_eq!(stopped(identify(&[b"Bearer xyz"], &[]).await), (401, "invalid_token", challenge.to_owned()));
}

#[actix_web::test]
async fn a_missing_scope_is_a_403() {
    let challenge = r#"Bearer realm="api", error="insufficient_scope", scope="users:read users:write""#;
    let verdict = identify(&[b"Bearer abc-._~+/="], &["users:read", "users:write"]).await;
    assert_eq!(stopped(verdict), (403, "insufficient_scope", challenge.to_owned()));
}

#[actix_web::test]
async fn malformed_headers_are_a_400() {
    let start = r#"Bearer realm="api", error="invalid_request", error_description="#;
    let malformed: [(&[&[u8]], &str); 6] = [
        (&[b"Bearer"], "the Authorization header has no token"),
        (&[b"Bearer abc def"], "the Authorization header does not hold one token"),
        (&[b"Bearer abc,def"], "the Authorization header does not hold one token"),
        (&[b"Bearer ="], "the Authorization header does not hold one token"),
        (&[b"Bearer \xff"], "the Authorization header does not hold one token"),
        (&[b"Bearer abc", b"Bearer def"], "the request has more than one Authorization header"),
    ];
    for (headers, detail) in malformed {
        let expected = (400, "invalid_request", format!("{start}\"{detail}\""));
        assert_eq!(stopped(identify(headers, &[]).await), expected);
    }
}

#[test]
fn the_document_says_http_bearer() {
    assert_eq!(scheme().document(), json!({"type": "http", "scheme": "bearer"}));
}
