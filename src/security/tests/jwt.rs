use serde_json::json;

use super::*;

const NOW: f64 = 1_700_000_000.0;

fn check(rules: &Rules, claims: &serde_json::Value) -> Result<Granted, Refused> {
    rules.check(claims.to_string().as_bytes(), NOW, true)
}

fn refused(rules: &Rules, claims: &serde_json::Value) -> Option<Refused> {
    check(rules, claims).err()
}

#[test]
fn a_token_ends_in_the_second_of_its_exp() {
    let rules = Rules::default();
    assert_eq!(refused(&rules, &json!({"exp": NOW + 1.0})), None);
    assert_eq!(refused(&rules, &json!({"exp": 1_700_000_001})), None);
    assert_eq!(refused(&rules, &json!({"exp": NOW})), Some(Refused::Expired));
    assert_eq!(refused(&rules, &json!({"exp": -1})), Some(Refused::Expired));
    assert_eq!(refused(&rules, &json!({"exp": 0})), Some(Refused::Expired));
}

#[test]
fn leeway_moves_both_ends() {
    let rules = Rules { leeway: 10.0, ..Rules::default() };
    assert_eq!(refused(&rules, &json!({"exp": NOW - 9.0})), None);
    assert_eq!(refused(&rules, &json!({"exp": NOW - 10.0})), Some(Refused::Expired));
    assert_eq!(refused(&rules, &json!({"exp": NOW + 60.0, "nbf": NOW + 10.0})), None);
    assert_eq!(refused(&rules, &json!({"exp": NOW + 60.0, "nbf": NOW + 11.0})), Some(Refused::NotYet));
}

#[test]
fn exp_must_be_there() {
    let missing = Some(Refused::Invalid("it has no `exp`"));
    assert_eq!(refused(&Rules::default(), &json!({})), missing);
    assert_eq!(refused(&Rules::default(), &json!({"exp": null})), missing);
    let rules = Rules { without_expiry: true, ..Rules::default() };
    assert_eq!(refused(&rules, &json!({})), None);
    // When it is there it still counts.
    assert_eq!(refused(&rules, &json!({"exp": NOW})), Some(Refused::Expired));
}

#[test]
fn malformed_claims_are_refused() {
    let malformed = Some(Refused::Invalid("its registered claims are malformed"));
    for claims in [
        json!({"exp": "soon"}),
        json!([]),
        json!("x"),
        json!({"exp": NOW + 1.0, "nbf": {}}),
        json!({"exp": NOW + 1.0, "aud": 7}),
    ] {
        assert_eq!(refused(&Rules::default(), &claims), malformed, "{claims}");
    }
    let twice = br#"{"exp": 1700000001, "exp": 1}"#;
    assert_eq!(Rules::default().check(twice, NOW, false).err(), malformed);
    let more = br#"{"exp": 1700000001} {}"#;
    assert_eq!(Rules::default().check(more, NOW, false).err(), malformed);
}

#[test]
fn the_issuer_must_be_there_and_right() {
    let rules = Rules { issuers: vec!["a".into(), "b".into()], ..Rules::default() };
    let wrong = Some(Refused::Invalid("its `iss` is wrong or missing"));
    let with = |iss: serde_json::Value| json!({"exp": NOW + 1.0, "iss": iss});
    assert_eq!(refused(&rules, &with(json!("b"))), None);
    assert_eq!(refused(&rules, &with(json!("c"))), wrong);
    assert_eq!(refused(&rules, &with(json!(null))), wrong);
    assert_eq!(refused(&rules, &json!({"exp": NOW + 1.0})), wrong);
    assert_eq!(refused(&Rules::default(), &with(json!("any"))), None);
}

#[test]
fn the_audience_must_be_ours() {
    let ours = Rules { audiences: vec!["us".into(), "we".into()], ..Rules::default() };
    let any = Rules { any_audience: true, ..Rules::default() };
    let wrong = Some(Refused::Invalid("its `aud` is wrong or missing"));
    let with = |aud: serde_json::Value| json!({"exp": NOW + 1.0, "aud": aud});
    assert_eq!(refused(&ours, &with(json!("we"))), None);
    assert_eq!(refused(&ours, &with(json!(["them", "us"]))), None);
    assert_eq!(refused(&ours, &with(json!(["them"]))), wrong);
    assert_eq!(refused(&ours, &with(json!([]))), wrong);
    assert_eq!(refused(&ours, &json!({"exp": NOW + 1.0})), wrong);
    // A token for someone else, where we did not say who we are.
    assert_eq!(refused(&Rules::default(), &with(json!("them"))), wrong);
    assert_eq!(refused(&Rules::default(), &json!({"exp": NOW + 1.0})), None);
    assert_eq!(refused(&any, &with(json!("them"))), None);
}

#[test]
fn required_claims_may_have_any_name() {
    let rules = Rules { required: vec!["jti".into(), "iss".into(), "tenant".into()], ..Rules::default() };
    let missing = Some(Refused::Invalid("a required claim is missing"));
    let full = json!({"exp": NOW + 1.0, "jti": "1", "iss": "x", "tenant": {"id": 1}, "more": [1]});
    assert_eq!(refused(&rules, &full), None);
    for name in ["jti", "iss", "tenant"] {
        let mut claims = full.clone();
        claims[name] = json!(null);
        assert_eq!(refused(&rules, &claims), missing, "{name}");
        claims.as_object_mut().unwrap().remove(name);
        assert_eq!(refused(&rules, &claims), missing, "{name}");
    }
}

#[test]
fn scopes_are_read_in_all_their_shapes() {
    for claims in [
        json!({"exp": NOW + 1.0, "scope": "a users:read b"}),
        json!({"exp": NOW + 1.0, "scope": ["a", "users:read"]}),
        json!({"exp": NOW + 1.0, "scp": ["users:read"]}),
        json!({"exp": NOW + 1.0, "scp": "x users:read"}),
        json!({"exp": NOW + 1.0, "scope": "a", "scp": ["users:read"]}),
    ] {
        let granted = check(&Rules::default(), &claims).unwrap();
        assert!(granted.has("users:read"), "{claims}");
        assert!(!granted.has("users"), "{claims}");
        assert!(!granted.has(""), "{claims}");
    }
    assert!(!check(&Rules::default(), &json!({"exp": NOW + 1.0})).unwrap().has("users:read"));
}

#[test]
fn scopes_are_not_looked_at_when_nobody_asks() {
    let claims = json!({"exp": NOW + 1.0, "scope": 7}).to_string();
    assert!(Rules::default().check(claims.as_bytes(), NOW, false).is_ok());
    assert!(Rules::default().check(claims.as_bytes(), NOW, true).is_err());
}

#[test]
fn types_are_media_types() {
    assert!(same_type("at+jwt", "AT+JWT"));
    assert!(same_type("application/at+jwt", "at+jwt"));
    assert!(same_type("at+jwt", "Application/at+jwt"));
    assert!(!same_type("JWT", "at+jwt"));
    assert!(!same_type("äpplication/at", "at"));
}
