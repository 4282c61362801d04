use actix_web::{
    cookie::Cookie,
    http::{Method, header::AUTHORIZATION},
    test::TestRequest,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde::Deserialize;

use super::*;

const NOW: u64 = 1_700_000_000;
const SECRET: &[u8] = b"0123456789abcdef0123456789abcdef";
const OTHER: &[u8] = b"fedcba9876543210fedcba9876543210";

const RSA: &[u8] = include_bytes!("keys/rsa.pem");
const RSA_PUBLIC: &[u8] = include_bytes!("keys/rsa.pub.pem");
const RSA_1024: &[u8] = include_bytes!("keys/rsa1024.pub.pem");
const EC: &[u8] = include_bytes!("keys/ec.pem");
const EC_PUBLIC: &[u8] = include_bytes!("keys/ec.pub.pem");
const EC_384: &[u8] = include_bytes!("keys/ec384.pub.pem");
const ED: &[u8] = include_bytes!("keys/ed.pem");
const ED_PUBLIC: &[u8] = include_bytes!("keys/ed.pub.pem");

#[derive(Debug, Clone, Deserialize, PartialEq)]
struct Claims {
    sub: String,
    #[serde(default)]
    kind: Option<String>,
}

fn fixed(bearer: Bearer<Claims>) -> Bearer<Claims> {
    bearer.clock(|| UNIX_EPOCH + Duration::from_secs(NOW))
}

fn scheme() -> Bearer<Claims> {
    fixed(Bearer::hs256(SECRET).unwrap())
}

fn claims() -> Value {
    json!({"sub": "ann", "exp": NOW + 60})
}

fn sign(header: &Header, claims: &Value, key: &EncodingKey) -> String {
    encode(header, claims, key).unwrap()
}

fn hs256(claims: &Value, secret: &[u8]) -> String {
    sign(&Header::new(Algorithm::HS256), claims, &EncodingKey::from_secret(secret))
}

fn part(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

async fn ask(scheme: &Bearer<Claims>, token: &str, scopes: &[&'static str]) -> Verdict<Claims> {
    let request = TestRequest::default().insert_header((AUTHORIZATION, format!("Bearer {token}")));
    let scopes: Vec<_> = scopes.iter().map(|scope| Cow::Borrowed(*scope)).collect();
    scheme.identify(&request.to_http_request(), &scopes).await
}

#[track_caller]
fn assert_ann(verdict: Verdict<Claims>) {
    let Verdict::Accept(claims) = verdict else { panic!("{verdict:?}") };
    assert_eq!(claims.sub, "ann");
}

#[track_caller]
fn assert_refused(verdict: Verdict<Claims>, detail: &str) {
    let Verdict::Stop(denial) = verdict else { panic!("{verdict:?}") };
    let challenge = format!(r#"Bearer realm="api", error="invalid_token", error_description="{detail}""#);
    assert_eq!((denial.status().as_u16(), denial.code()), (401, "invalid_token"));
    assert_eq!(denial.challenge.unwrap(), challenge.as_str());
    assert_eq!(denial.detail, detail);
}

const INVALID: &str = "the token is not valid";

#[actix_web::test]
async fn every_algorithm_is_read() {
    let of = |key: Result<JwtKey, KeyError>| fixed(Bearer::with_keys(key.unwrap()));
    let cases = [
        (scheme(), Algorithm::HS256, EncodingKey::from_secret(SECRET)),
        (of(JwtKey::rs256_pem(RSA_PUBLIC)), Algorithm::RS256, EncodingKey::from_rsa_pem(RSA).unwrap()),
        (of(JwtKey::es256_pem(EC_PUBLIC)), Algorithm::ES256, EncodingKey::from_ec_pem(EC).unwrap()),
        (of(JwtKey::ed25519_pem(ED_PUBLIC)), Algorithm::EdDSA, EncodingKey::from_ed_pem(ED).unwrap()),
    ];
    for (index, (scheme, algorithm, key)) in cases.iter().enumerate() {
        let token = sign(&Header::new(*algorithm), &claims(), key);
        assert_ann(ask(scheme, &token, &[]).await);
        // And by no other key.
        for (other, (scheme, ..)) in cases.iter().enumerate() {
            if other != index {
                assert_refused(ask(scheme, &token, &[]).await, INVALID);
            }
        }
    }
}

#[test]
fn bad_keys_are_found_when_they_are_given() {
    let hs256 = |secret: &[u8]| JwtKey::hs256(secret).map(drop);
    assert_eq!(hs256(&SECRET[1..]), Err(KeyError::TooShort));
    assert_eq!(hs256(b""), Err(KeyError::TooShort));
    assert_eq!(hs256(RSA_PUBLIC), Err(KeyError::NotAKey));
    assert_eq!(JwtKey::rs256_pem(RSA_1024).map(drop), Err(KeyError::TooShort));
    for pem in [EC_PUBLIC, ED_PUBLIC, RSA, b"".as_slice(), b"-----BEGIN PUBLIC KEY-----"] {
        assert_eq!(JwtKey::rs256_pem(pem).map(drop), Err(KeyError::NotAKey));
    }
    for pem in [RSA_PUBLIC, ED_PUBLIC, EC, EC_384] {
        assert_eq!(JwtKey::es256_pem(pem).map(drop), Err(KeyError::NotAKey));
    }
    for pem in [RSA_PUBLIC, EC_PUBLIC, ED] {
        assert_eq!(JwtKey::ed25519_pem(pem).map(drop), Err(KeyError::NotAKey));
    }
}

#[actix_web::test]
async fn the_public_key_is_no_secret() {
    let scheme = fixed(Bearer::rs256_pem(RSA_PUBLIC).unwrap());
    assert_refused(ask(&scheme, &hs256(&claims(), RSA_PUBLIC), &[]).await, INVALID);
    // Neither when both kinds of keys are in use.
    let keys = [JwtKey::rs256_pem(RSA_PUBLIC).unwrap(), JwtKey::hs256(SECRET).unwrap()];
    let both = fixed(Bearer::with_keys(JwtKeys::new(keys)));
    assert_refused(ask(&both, &hs256(&claims(), RSA_PUBLIC), &[]).await, INVALID);
    assert_ann(ask(&both, &hs256(&claims(), SECRET), &[]).await);
}

#[actix_web::test]
async fn unsigned_tokens_are_refused() {
    for alg in ["none", "None", "NONE", "", "HS512", "hs256"] {
        let message = format!("{}.{}", part(&json!({"alg": alg})), part(&claims()));
        for signature in ["", "AA"] {
            assert_refused(ask(&scheme(), &format!("{message}.{signature}"), &[]).await, INVALID);
        }
    }
}

#[actix_web::test]
async fn tampered_tokens_are_refused() {
    let good = hs256(&claims(), SECRET);
    let parts: Vec<_> = good.split('.').collect();
    let other = part(&json!({"sub": "root", "exp": NOW + 60}));
    for token in [
        hs256(&claims(), OTHER),
        format!("{}.{other}.{}", parts[0], parts[2]),
        format!("{}.{}.{}", parts[0], parts[1], &parts[2][1..]),
        format!("{}.{}.", parts[0], parts[1]),
        format!("{}.{}", parts[0], parts[1]),
        format!("{good}.{}", parts[2]),
        format!("{good}="),
        "abc".to_owned(),
        "...".to_owned(),
    ] {
        assert_refused(ask(&scheme(), &token, &[]).await, INVALID);
    }
    assert_ann(ask(&scheme(), &good, &[]).await);
}

#[actix_web::test]
async fn extensions_that_must_be_understood_are_refused() {
    let mut header = Header::new(Algorithm::HS256);
    header.crit = Some(vec!["b64".to_owned()]);
    let token = sign(&header, &claims(), &EncodingKey::from_secret(SECRET));
    assert_refused(ask(&scheme(), &token, &[]).await, INVALID);
}

#[actix_web::test]
async fn time_is_told_apart_from_the_rest() {
    let token =
        |exp: Option<u64>, nbf: Option<u64>| hs256(&json!({"sub": "ann", "exp": exp, "nbf": nbf}), SECRET);
    assert_refused(ask(&scheme(), &token(Some(NOW - 1), None), &[]).await, "the token has expired");
    assert_refused(
        ask(&scheme(), &token(Some(NOW + 9), Some(NOW + 5)), &[]).await,
        "the token is not valid yet",
    );
    assert_refused(ask(&scheme(), &token(None, None), &[]).await, INVALID);
    assert_ann(ask(&scheme().without_expiry(), &token(None, None), &[]).await);
    let lenient = scheme().leeway(Duration::from_secs(5));
    assert_ann(ask(&lenient, &token(Some(NOW - 1), Some(NOW + 5)), &[]).await);
    // The signature counts first: who did not sign learns nothing.
    let forged = hs256(&json!({"sub": "ann", "exp": NOW - 1}), OTHER);
    assert_refused(ask(&scheme(), &forged, &[]).await, INVALID);
}

#[actix_web::test]
async fn issuer_audience_and_required_claims_are_held_to() {
    let strict = scheme().issuer("https://login").audience("board").required(["jti"]);
    let good = json!({"sub": "ann", "exp": NOW + 60, "iss": "https://login", "aud": ["board"], "jti": "1"});
    assert_ann(ask(&strict, &hs256(&good, SECRET), &[]).await);
    for name in ["iss", "aud", "jti"] {
        let mut bad = good.clone();
        bad.as_object_mut().unwrap().remove(name);
        assert_refused(ask(&strict, &hs256(&bad, SECRET), &[]).await, INVALID);
    }
    for (name, value) in [("iss", json!("https://evil")), ("aud", json!("other"))] {
        let mut bad = good.clone();
        bad[name] = value;
        assert_refused(ask(&strict, &hs256(&bad, SECRET), &[]).await, INVALID);
    }
    assert_refused(ask(&scheme(), &hs256(&good, SECRET), &[]).await, INVALID);
    assert_ann(ask(&scheme().any_audience(), &hs256(&good, SECRET), &[]).await);
}

#[actix_web::test]
async fn kid_chooses_the_key() {
    let signed = |kid: Option<&str>, secret: &[u8]| {
        let mut header = Header::new(Algorithm::HS256);
        header.kid = kid.map(str::to_owned);
        sign(&header, &claims(), &EncodingKey::from_secret(secret))
    };
    let of = |secret, kid: &str| JwtKey::hs256(secret).unwrap().kid(kid);
    let rotating = fixed(Bearer::with_keys(JwtKeys::new([of(SECRET, "new"), of(OTHER, "old")])));
    assert_ann(ask(&rotating, &signed(Some("new"), SECRET), &[]).await);
    assert_ann(ask(&rotating, &signed(Some("old"), OTHER), &[]).await);
    assert_ann(ask(&rotating, &signed(None, OTHER), &[]).await);
    assert_refused(ask(&rotating, &signed(Some("old"), SECRET), &[]).await, INVALID);
    assert_refused(ask(&rotating, &signed(Some("gone"), SECRET), &[]).await, INVALID);
    // A key without a name is tried with every token.
    assert_ann(ask(&scheme(), &signed(Some("any"), SECRET), &[]).await);
}

#[actix_web::test]
async fn refresh_tokens_are_refused() {
    let typed = |typ: &str| {
        let mut header = Header::new(Algorithm::HS256);
        header.typ = Some(typ.to_owned());
        sign(&header, &claims(), &EncodingKey::from_secret(SECRET))
    };
    let access_only = scheme().token_type("at+jwt");
    assert_ann(ask(&access_only, &typed("at+jwt"), &[]).await);
    assert_refused(ask(&access_only, &typed("JWT"), &[]).await, INVALID);

    let by_claim = scheme().accepts(|claims| claims.kind.as_deref() != Some("refresh"));
    assert_ann(ask(&by_claim, &hs256(&claims(), SECRET), &[]).await);
    let refresh = json!({"sub": "ann", "exp": NOW + 60, "kind": "refresh"});
    assert_refused(ask(&by_claim, &hs256(&refresh, SECRET), &[]).await, INVALID);
}

#[actix_web::test]
async fn claims_that_do_not_fit_are_refused() {
    assert_refused(ask(&scheme(), &hs256(&json!({"exp": NOW + 60}), SECRET), &[]).await, INVALID);
}

#[actix_web::test]
async fn revoked_tokens_are_refused() {
    let scheme = scheme()
        .revoked(async |claims: &Claims, request: &HttpRequest| claims.sub == "ann" && request.path() == "/");
    assert_refused(ask(&scheme, &hs256(&claims(), SECRET), &[]).await, INVALID);
    let bob = hs256(&json!({"sub": "bob", "exp": NOW + 60}), SECRET);
    assert!(matches!(ask(&scheme, &bob, &[]).await, Verdict::Accept(_)));
}

#[actix_web::test]
async fn a_missing_scope_is_a_403() {
    let token = hs256(&json!({"sub": "ann", "exp": NOW + 60, "scope": "users:read"}), SECRET);
    assert_ann(ask(&scheme(), &token, &["users:read"]).await);
    let Verdict::Stop(denial) = ask(&scheme(), &token, &["users:read", "users:write"]).await else {
        panic!("not stopped")
    };
    assert_eq!((denial.status().as_u16(), denial.code()), (403, "insufficient_scope"));
    let challenge = r#"Bearer realm="api", error="insufficient_scope", scope="users:read users:write""#;
    assert_eq!(denial.challenge.unwrap(), challenge);
}

#[actix_web::test]
async fn scopes_may_be_the_applications_to_grant() {
    let scheme = scheme().grants(|claims, scope| claims.sub == "ann" && scope == "all").known_scopes(["all"]);
    let token = hs256(&json!({"sub": "ann", "exp": NOW + 60, "scope": "users:read"}), SECRET);
    assert_ann(ask(&scheme, &token, &["all"]).await);
    assert!(matches!(ask(&scheme, &token, &["users:read"]).await, Verdict::Stop(_)));
    assert_eq!(Scheme::known_scopes(&scheme), Some(vec!["all".into()]));
    assert_eq!(Scheme::known_scopes(&self::scheme()), None);
}

#[actix_web::test]
async fn without_a_token_the_next_scheme_is_asked() {
    let request =
        TestRequest::default().cookie(Cookie::new("access", hs256(&claims(), SECRET))).to_http_request();
    assert!(matches!(scheme().identify(&request, &[]).await, Verdict::Next));
    assert_eq!(Scheme::challenge(&scheme()).unwrap(), r#"Bearer realm="api""#);
}

#[actix_web::test]
async fn malformed_headers_are_a_400() {
    for value in ["Bearer", "Bearer a b", "bearer a,b"] {
        let request = TestRequest::default().insert_header((AUTHORIZATION, value)).to_http_request();
        let Verdict::Stop(denial) = scheme().identify(&request, &[]).await else { panic!("not stopped") };
        assert_eq!((denial.status().as_u16(), denial.code()), (400, "invalid_request"));
    }
}

#[actix_web::test]
async fn a_cookie_may_hold_the_token() {
    let scheme = scheme().cookie("access").trusted_origins(["https://app.example.org"]);
    let request = || TestRequest::default().cookie(Cookie::new("access", hs256(&claims(), SECRET)));
    assert_ann(scheme.identify(&request().to_http_request(), &[]).await);

    let post = || request().method(Method::POST).insert_header(("origin", "https://evil.example"));
    let Verdict::Stop(denial) = scheme.identify(&post().to_http_request(), &[]).await else {
        panic!("not stopped")
    };
    assert_eq!((denial.status().as_u16(), denial.code()), (403, "cross_origin"));
    // The header is no cookie: no page can set it without leave.
    let both = post().insert_header((AUTHORIZATION, format!("Bearer {}", hs256(&claims(), SECRET))));
    assert_ann(scheme.identify(&both.to_http_request(), &[]).await);
    let trusted = request().method(Method::POST).insert_header(("origin", "https://app.example.org"));
    assert_ann(scheme.identify(&trusted.to_http_request(), &[]).await);
    assert!(Scheme::denials(&scheme).iter().any(|(status, _)| *status == StatusCode::FORBIDDEN));
}

#[test]
fn the_document_says_jwt() {
    assert_eq!(scheme().document(), json!({"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}));
}

#[test]
fn secrets_never_show() {
    let shown = format!("{:?} {:?}", scheme(), JwtKey::hs256(SECRET).unwrap());
    assert!(!shown.contains("0123"), "{shown}");
    assert!(!shown.contains("48, 49"), "{shown}");
}

#[actix_web::test]
async fn keys_can_be_replaced_at_any_time() {
    let keys = JwtKeys::from(JwtKey::hs256(SECRET).unwrap());
    let scheme = fixed(Bearer::with_keys(keys.clone()));
    let (old, new) = (hs256(&claims(), SECRET), hs256(&claims(), OTHER));
    assert_ann(ask(&scheme, &old, &[]).await);
    assert_refused(ask(&scheme, &new, &[]).await, INVALID);
    keys.replace([JwtKey::hs256(OTHER).unwrap()]);
    assert_refused(ask(&scheme, &old, &[]).await, INVALID);
    assert_ann(ask(&scheme, &new, &[]).await);
    keys.replace([]);
    assert!(keys.is_empty());
    assert_refused(ask(&scheme, &new, &[]).await, INVALID);
}

/// The public keys of `keys/`, as an issuer publishes them, beside what must be left out.
const JWKS: &[u8] = include_bytes!("keys/jwks.json");

#[actix_web::test]
async fn published_keys_are_read() {
    let keys = JwtKeys::try_from(JWKS).unwrap();
    assert_eq!(keys.len(), 3);
    let scheme = fixed(Bearer::with_keys(keys));
    for (kid, algorithm, key) in [
        ("rsa", Algorithm::RS256, EncodingKey::from_rsa_pem(RSA).unwrap()),
        ("ec", Algorithm::ES256, EncodingKey::from_ec_pem(EC).unwrap()),
        ("ed", Algorithm::EdDSA, EncodingKey::from_ed_pem(ED).unwrap()),
    ] {
        let mut header = Header::new(algorithm);
        header.kid = Some(kid.to_owned());
        assert_ann(ask(&scheme, &sign(&header, &claims(), &key), &[]).await);
        header.kid = Some("other".to_owned());
        assert_refused(ask(&scheme, &sign(&header, &claims(), &key), &[]).await, INVALID);
    }
    let secret = b"a shared secret that someone published".as_slice();
    assert_refused(ask(&scheme, &hs256(&claims(), secret), &[]).await, INVALID);
}

#[test]
fn a_set_without_usable_keys_is_refused() {
    for set in ["", "{}", "[]", r#"{"keys": []}"#, r#"{"keys": [{"kty": "oct", "k": "AAAA"}, 7]}"#] {
        assert_eq!(JwtKey::from_jwks(set.as_bytes()).map(drop), Err(KeyError::NotAKey), "{set}");
    }
}
