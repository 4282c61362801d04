use std::time::{Duration, SystemTime};

use actix_charter::{
    live::{
        ChannelLayer, LiveTokens, RecoveryMode,
        protocol::{DisconnectCode, ErrorCode},
        tokens::{Renewal, TokenFault},
    },
    security::{JwtKey, JwtKeys},
};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};

const SECRET: &[u8] = b"0123456789abcdef0123456789abcdef";
const RSA: &[u8] = include_bytes!("../../src/security/tests/keys/rsa.pem");
const RSA_PUBLIC: &[u8] = include_bytes!("../../src/security/tests/keys/rsa.pub.pem");
const NOW: u64 = 1_700_000_000;

fn at(seconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
}

fn tokens() -> LiveTokens {
    LiveTokens::hs256(SECRET).unwrap().clock(|| at(NOW))
}

fn signed(claims: &Value) -> String {
    encode(&Header::new(Algorithm::HS256), claims, &EncodingKey::from_secret(SECRET)).unwrap()
}

#[test]
fn a_connection_s_token_says_who_connects() {
    let claims = json!({
        "sub": "ann", "exp": NOW + 60, "jti": "7", "info": {"name": "Ann"}, "meta": [1],
        "channels": ["news", "board"],
        "subs": {"board": {"info": {"role": "owner"}, "data": 1, "override": {"presence": {"value": true}, "other": 1}}},
    });
    let token = tokens().connection(&signed(&claims)).unwrap();
    assert_eq!((token.user.as_str(), token.id.as_deref()), ("ann", Some("7")));
    assert_eq!(token.expires, Some(at(NOW + 60)));
    assert_eq!(token.info.as_deref(), Some(&br#"{"name":"Ann"}"#[..]));
    assert_eq!(token.meta.as_deref(), Some(&b"[1]"[..]));
    let names: Vec<_> = token.channels.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["board", "news"]);
    let board = &token.channels[0].1;
    assert_eq!(
        (board.info.as_deref(), board.data.as_deref()),
        (Some(&br#"{"role":"owner"}"#[..]), Some(&b"1"[..]))
    );
    assert_eq!(board.overrides.presence, Some(true));
}

#[test]
fn ends_are_told_apart() {
    let expires = |claims: Value| tokens().connection(&signed(&claims)).map(|token| token.expires);
    assert_eq!(expires(json!({})), Ok(None));
    assert_eq!(expires(json!({"exp": NOW + 1})), Ok(Some(at(NOW + 1))));
    assert_eq!(expires(json!({"exp": NOW + 1, "expire_at": 0})), Ok(None));
    assert_eq!(expires(json!({"exp": NOW + 1, "expire_at": NOW + 9})), Ok(Some(at(NOW + 9))));
    assert_eq!(expires(json!({"exp": NOW})), Err(TokenFault::Expired));
    assert_eq!(expires(json!({"nbf": NOW + 1})), Err(TokenFault::Invalid));
    let strict = tokens().must_expire();
    assert_eq!(strict.connection(&signed(&json!({}))), Err(TokenFault::Invalid));
}

#[test]
fn what_is_not_ours_is_refused() {
    let strict = tokens().issuer("us").audience("board");
    let good = json!({"iss": "us", "aud": ["board"], "sub": "ann"});
    assert!(strict.connection(&signed(&good)).is_ok());
    for wrong in [
        json!({"aud": "board"}),
        json!({"iss": "them", "aud": "board"}),
        json!({"iss": "us"}),
        json!({"iss": "us", "aud": "other"}),
        json!({"iss": "us", "aud": "board", "sub": 7}),
        json!({"iss": "us", "aud": "board", "channel": "news"}),
        json!({"iss": "us", "aud": "board", "channels": "news"}),
        json!({"iss": "us", "aud": "board", "exp": "tomorrow"}),
    ] {
        assert_eq!(strict.connection(&signed(&wrong)), Err(TokenFault::Invalid), "{wrong}");
    }
    // Without an audience of our own, one for somebody else is refused all the same.
    assert_eq!(tokens().connection(&signed(&json!({"aud": "other"}))), Err(TokenFault::Invalid));
    let other =
        encode(&Header::default(), &good, &EncodingKey::from_secret(b"fedcba9876543210fedcba9876543210"));
    // {"alg":"none"}
    let none = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbm4ifQ.";
    for token in [&other.unwrap(), none, "", "a.b.c", "ä"] {
        assert_eq!(tokens().connection(token), Err(TokenFault::Invalid), "{token}");
    }
}

#[test]
fn the_algorithm_is_the_key_s() {
    let rs256 = LiveTokens::rs256_pem(RSA_PUBLIC).unwrap().clock(|| at(NOW));
    let key = EncodingKey::from_rsa_pem(RSA).unwrap();
    let token = encode(&Header::new(Algorithm::RS256), &json!({"sub": "ann"}), &key).unwrap();
    assert_eq!(rs256.connection(&token).unwrap().user, "ann");
    // The public key is no secret.
    let forged =
        encode(&Header::default(), &json!({"sub": "ann"}), &EncodingKey::from_secret(RSA_PUBLIC)).unwrap();
    assert_eq!(rs256.connection(&forged), Err(TokenFault::Invalid));
    let keys = JwtKeys::new([]);
    let replaced = LiveTokens::with_keys(keys.clone()).clock(|| at(NOW));
    assert!(replaced.connection(&signed(&json!({}))).is_err());
    keys.replace([JwtKey::hs256(SECRET).unwrap()]);
    assert!(replaced.connection(&signed(&json!({}))).is_ok());
}

#[test]
fn a_subscription_s_token_is_for_one_user_and_one_channel() {
    let claims = json!({
        "sub": "ann", "channel": "room:1", "exp": NOW + 5, "info": {"a": 1},
        "override": {"join_leave": {"value": true}, "force_recovery": {"value": true}},
    });
    let signed_claims = signed(&claims);
    let token = tokens().subscription(&signed_claims, "room:1", "ann").unwrap();
    assert_eq!((token.expires, token.info.as_deref()), (Some(at(NOW + 5)), Some(&br#"{"a":1}"#[..])));
    for (channel, user) in [("room:1", "bob"), ("room:2", "ann"), ("room:1", ""), ("room:1:x", "ann")] {
        let refused = tokens().subscription(&signed_claims, channel, user);
        assert_eq!(refused, Err(TokenFault::Foreign), "{channel} {user}");
    }
    let nobody = signed(&json!({"channel": "room:1"}));
    assert!(tokens().subscription(&nobody, "room:1", "").is_ok());
    assert_eq!(
        tokens().subscription(&signed(&json!({"sub": "ann"})), "room:1", "ann"),
        Err(TokenFault::Invalid)
    );
    let over = signed(&json!({"sub": "ann", "channel": "room:1", "exp": NOW}));
    assert_eq!(tokens().subscription(&over, "room:1", "ann"), Err(TokenFault::Expired));

    let kept = ChannelLayer::new().history(1, Duration::from_secs(1)).resolve().unwrap();
    let options = token.overrides.over(&kept).unwrap();
    assert!(options.join_leave && options.recovery == RecoveryMode::Stream && !options.presence);
    let nothing_kept = ChannelLayer::new().resolve().unwrap();
    assert_eq!(token.overrides.over(&nothing_kept).unwrap().recovery, RecoveryMode::None);
    assert_eq!(tokens().subscription(&nobody, "room:1", "").unwrap().overrides.over(&kept), None);
}

#[test]
fn faults_are_told_as_the_protocol_tells_them() {
    use TokenFault::{Expired, Foreign, Invalid};
    assert_eq!((Expired.error(true), Expired.disconnect()), (Some(ErrorCode::TOKEN_EXPIRED), None));
    assert_eq!((Invalid.error(true), Invalid.disconnect()), (None, Some(DisconnectCode::INVALID_TOKEN)));
    assert_eq!(Expired.error(false), Some(ErrorCode::TOKEN_EXPIRED));
    assert_eq!(Foreign.error(false), Some(ErrorCode::PERMISSION_DENIED));
    assert_eq!(Invalid.error(false), Some(ErrorCode::PERMISSION_DENIED));
}

#[test]
fn a_new_token_renews_what_is_its_own() {
    let token = signed(&json!({"sub": "ann", "exp": NOW + 60}));
    assert_eq!(tokens().renew_connection(&token, "ann"), Ok(Renewal::Until(at(NOW + 60))));
    assert_eq!(tokens().renew_connection(&token, "bob"), Err(TokenFault::Foreign));
    assert_eq!(tokens().renew_connection(&signed(&json!({"sub": "ann"})), "ann"), Ok(Renewal::ForGood));
    let token = signed(&json!({"sub": "ann", "channel": "a", "exp": NOW + 60}));
    assert_eq!(tokens().renew_subscription(&token, "a", "ann"), Ok(Renewal::Until(at(NOW + 60))));
    assert_eq!(tokens().renew_subscription(&token, "b", "ann"), Err(TokenFault::Foreign));
}
