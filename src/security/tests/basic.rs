use actix_web::{http::header::AUTHORIZATION, test::TestRequest};
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};

use super::*;

#[derive(Debug, Clone, PartialEq)]
struct User(String);

fn scheme() -> Basic<User> {
    Basic::new(
        async |_: &HttpRequest, sent: Credentials| {
            if sent.password_eq("pass:wörd") { Some(User(sent.username)) } else { None }
        },
    )
}

fn header(user_pass: &[u8]) -> String {
    format!("Basic {}", STANDARD.encode(user_pass))
}

/// The identity, or the status and code of the denial; `None` when the next scheme is to be asked.
async fn identify(scheme: &Basic<User>, authorization: &str) -> Option<Result<User, (u16, &'static str)>> {
    let request = TestRequest::default().insert_header((AUTHORIZATION, authorization)).to_http_request();
    match scheme.identify(&request, &[]).await {
        Verdict::Accept(user) => Some(Ok(user)),
        Verdict::Next => None,
        Verdict::Stop(denial) => Some(Err((denial.status().as_u16(), denial.code()))),
    }
}

const REFUSED: Option<Result<User, (u16, &str)>> = Some(Err((401, "invalid_credentials")));

fn ann() -> Option<Result<User, (u16, &'static str)>> {
    Some(Ok(User("ann".to_owned())))
}

#[actix_web::test]
async fn the_first_colon_divides() {
    assert_eq!(identify(&scheme(), &header("ann:pass:wörd".as_bytes())).await, ann());
}

#[actix_web::test]
async fn the_scheme_name_is_compared_without_regard_to_case() {
    let header = header("ann:pass:wörd".as_bytes());
    for name in ["basic", "BASIC", "bAsIc"] {
        assert_eq!(identify(&scheme(), &header.replacen("Basic", name, 1)).await, ann());
    }
}

#[actix_web::test]
async fn padding_may_be_left_out() {
    let value = STANDARD_NO_PAD.encode("ann:pass:wörd");
    assert_eq!(identify(&scheme(), &format!("Basic {value}")).await, ann());
}

#[actix_web::test]
async fn another_scheme_is_not_ours() {
    assert_eq!(identify(&scheme(), "Bearer abc").await, None);
    let request = TestRequest::default().to_http_request();
    assert!(matches!(scheme().identify(&request, &[]).await, Verdict::Next));
}

#[actix_web::test]
async fn wrong_credentials_are_refused() {
    assert_eq!(identify(&scheme(), &header(b"ann:wrong")).await, REFUSED);
}

#[actix_web::test]
async fn malformed_credentials_are_refused() {
    for value in [
        "Basic".to_owned(),
        "Basic !!!".to_owned(),
        "Basic YTpi YTpi".to_owned(),
        header(b""),
        header(b"no colon"),
        header(b"ann:\xff\xfe"),
        header("ann:pass:wörd\n".as_bytes()),
        header(b"ann\0:x"),
        header(b"ann:\x7f"),
    ] {
        assert_eq!(identify(&scheme(), &value).await, REFUSED, "{value}");
    }
}

#[actix_web::test]
async fn two_header_fields_are_malformed() {
    let request = TestRequest::default()
        .append_header((AUTHORIZATION, header(b"ann:a")))
        .append_header((AUTHORIZATION, header(b"bob:b")))
        .to_http_request();
    let Verdict::Stop(denial) = scheme().identify(&request, &[]).await else { panic!("not stopped") };
    assert_eq!((denial.status().as_u16(), denial.code()), (400, "invalid_request"));
}

#[actix_web::test]
async fn a_verifier_that_fails_is_not_a_401() {
    let scheme: Basic<User> = Basic::new(async |_: &HttpRequest, _: Credentials| {
        Err::<Option<User>, _>(Denial::unavailable("unavailable", "try again later"))
    });
    assert_eq!(identify(&scheme, &header(b"a:b")).await, Some(Err((503, "unavailable"))));
}

#[actix_web::test]
async fn scopes_are_the_applications_to_grant() {
    let scopes = ["users:write".into()];
    let request = || {
        TestRequest::default()
            .insert_header((AUTHORIZATION, header("ann:pass:wörd".as_bytes())))
            .to_http_request()
    };
    let granting = scheme().grants(|user: &User, scope| user.0 == "ann" && scope == "users:write");
    assert!(matches!(granting.identify(&request(), &scopes).await, Verdict::Accept(_)));
    assert_eq!(Scheme::known_scopes(&granting), None);

    // Without a word about scopes, nobody has any.
    let Verdict::Stop(denial) = scheme().identify(&request(), &scopes).await else { panic!("not stopped") };
    assert_eq!((denial.status().as_u16(), denial.code()), (403, "insufficient_scope"));
    assert_eq!(Scheme::known_scopes(&scheme()), Some(vec![]));
}

#[test]
fn the_challenge_is_that_of_rfc_7617() {
    assert_eq!(Scheme::challenge(&scheme()).unwrap(), r#"Basic realm="api", charset="UTF-8""#);
    let challenge = Scheme::challenge(&scheme().realm(r#"the "inner" ring"#)).unwrap();
    assert_eq!(challenge, r#"Basic realm="the \"inner\" ring", charset="UTF-8""#);
}

#[test]
fn the_document_says_http_basic() {
    assert_eq!(scheme().document(), json!({"type": "http", "scheme": "basic"}));
    assert_eq!(Scheme::name(&scheme()), "Basic");
    assert_eq!(Scheme::name(&scheme().named("ops")), "ops");
}

#[test]
fn the_password_never_shows() {
    let credentials = Credentials::parse(STANDARD.encode("ann:hunter2").as_bytes()).unwrap();
    assert_eq!(format!("{credentials:?}"), r#"Credentials { username: "ann", password: Secret(..) }"#);
    assert!(credentials.password_eq("hunter2"));
    assert!(!credentials.password_eq("hunter"));
    assert!(!credentials.password_eq(""));
}
