use super::*;
use crate::security::{ApiKey, BearerToken, Secret};
use actix_web::HttpRequest;

fn bearer() -> BearerToken<u32> {
    BearerToken::new(async |_: &HttpRequest, _: Secret| None::<u32>)
}

fn registered() -> Vec<Arc<dyn ErasedScheme>> {
    let bearer = bearer().grants(|_, _| true).known_scopes(["users:read", "users:write"]);
    vec![Arc::new(bearer), Arc::new(ApiKey::fixed([("k", 1_u32)]))]
}

fn faults(wanted: Vec<SchemeRef>) -> Vec<String> {
    resolve(&Requirement::AnyOf(wanted), &registered()).unwrap_err()
}

#[test]
fn public_has_no_chain() {
    assert!(resolve(&Requirement::Public, &registered()).unwrap().is_none());
}

#[test]
fn schemes_stand_in_the_order_in_which_they_are_named() {
    let wanted =
        vec![SchemeRef::of::<ApiKey<u32>>(), SchemeRef::of::<BearerToken<u32>>().scopes(["users:read"])];
    let chain = resolve(&Requirement::AnyOf(wanted.clone()), &registered()).unwrap().unwrap();
    let expected =
        vec![("ApiKey".to_owned(), vec![]), ("BearerToken".to_owned(), vec!["users:read".to_owned()])];
    assert_eq!(chain.requirements(), expected);
    assert!(!chain.optional);
    assert!(resolve(&Requirement::Optional(wanted), &registered()).unwrap().unwrap().optional);
}

#[test]
fn all_registered_schemes_of_a_type_are_alternatives() {
    let registered: Vec<Arc<dyn ErasedScheme>> = vec![
        Arc::new(ApiKey::fixed([("k", 1_u32)]).named("key")),
        Arc::new(ApiKey::fixed([("k", 1_u32)]).cookie("key").named("keyCookie")),
    ];
    let wanted = Requirement::AnyOf(vec![SchemeRef::of::<ApiKey<u32>>()]);
    let chain = resolve(&wanted, &registered).unwrap().unwrap();
    let names: Vec<_> = chain.requirements().into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["key", "keyCookie"]);
    assert!(check_registered(&registered).is_empty());
}

#[test]
fn all_faults_are_told_at_once() {
    let wanted = vec![
        SchemeRef::of::<ApiKey<char>>(),
        SchemeRef::of::<ApiKey<u32>>().scopes(["read"]),
        SchemeRef::of::<BearerToken<u32>>().scopes(["user:read", "admin", "a b"]),
    ];
    assert_eq!(
        faults(wanted),
        [
            "`ApiKey<char>` is asked for but no router above was given one: add `.scheme(ApiKey::..)`",
            "`ApiKey` knows no scopes, but `read` is asked for: add `.grants(..)` to the scheme",
            "`BearerToken` does not know the scope `user:read`; did you mean `users:read`?",
            "`BearerToken` does not know the scope `admin`; it knows `users:read`, `users:write`",
            "`a b` cannot be a scope: it must be printable ASCII without spaces, quotes and backslashes",
        ]
    );
}

#[test]
fn an_empty_list_is_a_mistake() {
    assert_eq!(faults(vec![]), ["no scheme is named; name one, or make the endpoint public"]);
}

#[test]
fn without_a_list_any_scope_will_do() {
    let registered: Vec<Arc<dyn ErasedScheme>> = vec![Arc::new(bearer().grants(|_, _| true))];
    let wanted = Requirement::AnyOf(vec![SchemeRef::of::<BearerToken<u32>>().scopes(["anything"])]);
    assert!(resolve(&wanted, &registered).is_ok());
}

#[test]
fn names_must_tell_schemes_apart() {
    let registered: Vec<Arc<dyn ErasedScheme>> =
        vec![Arc::new(bearer()), Arc::new(bearer()), Arc::new(bearer().named("my token"))];
    assert_eq!(
        check_registered(&registered),
        [
            "two security schemes are called `BearerToken`: give one another name with `.named(..)`",
            "the security scheme's name `my token` must be made of letters, digits, `.`, `_` and `-` to be in the document",
        ]
    );
}

#[test]
fn distances_count_edits() {
    for (a, b, expected) in
        [("", "", 0), ("abc", "", 3), ("", "ab", 2), ("kitten", "sitting", 3), ("ab", "ba", 2)]
    {
        assert_eq!(distance(a, b), expected, "{a} {b}");
    }
}

#[test]
fn the_identity_must_be_what_every_scheme_finds() {
    let wanted = vec![SchemeRef::of::<BearerToken<u32>>(), SchemeRef::of::<ApiKey<u32>>()];
    let chain = resolve(&Requirement::AnyOf(wanted), &registered()).unwrap().unwrap();
    let of = |name| Some((TypeId::of::<String>(), name));
    assert!(check_identity(None, None).is_empty());
    assert!(check_identity(Some((TypeId::of::<u32>(), "u32")), Some(&chain)).is_empty());
    assert_eq!(
        check_identity(of("alloc::string::String"), Some(&chain)),
        [
            "`Identity<String>` is taken, but the scheme `BearerToken` finds `u32`",
            "`Identity<String>` is taken, but the scheme `ApiKey` finds `u32`",
        ]
    );
    assert_eq!(
        check_identity(of("alloc::string::String"), None),
        ["`Identity<String>` is taken, but no scheme is asked: name one with `security = ..`"]
    );
}
