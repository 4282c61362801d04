use std::time::{Duration, SystemTime, UNIX_EPOCH};

use actix_web::{HttpRequest, http::Method, test::TestRequest};
use proptest::prelude::*;

use super::*;

const NOW: u64 = 1_700_000_000;
const HOUR: Duration = Duration::from_secs(3600);

fn at(seconds: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(seconds)
}

fn links() -> SignedLinks {
    SignedLinks::new("k1", [1; 32]).unwrap().clock(|| at(NOW))
}

fn get(uri: &str) -> HttpRequest {
    request(Method::GET, uri)
}

fn request(method: Method, uri: &str) -> HttpRequest {
    TestRequest::with_uri(uri).method(method).to_http_request()
}

fn signed(path: &str) -> String {
    links().link(Method::GET, path).valid_for(HOUR).sign().unwrap()
}

#[test]
fn a_link_is_good_for_what_it_was_made_for() {
    let link = signed("/files/résumé 1.pdf");
    assert!(link.starts_with("/files/r%C3%A9sum%C3%A9%201.pdf?expires=1700003600&signature=k1."), "{link}");
    let verified = links().verify(&get(&link)).unwrap();
    assert_eq!((verified.subject(), verified.expires(), verified.key_id()), (None, at(NOW + 3600), "k1"));
    assert!(links().verify(&request(Method::HEAD, &link)).is_ok());
    for method in [Method::POST, Method::PUT, Method::DELETE, Method::OPTIONS] {
        assert!(links().verify(&request(method, &link)).is_err());
    }
    // The other way round, too, and other methods for themselves alone.
    let head = links().link(Method::HEAD, "/a").valid_for(HOUR).sign().unwrap();
    assert!(links().verify(&get(&head)).is_ok());
    let put = links().link(Method::PUT, "/a").valid_for(HOUR).sign().unwrap();
    assert!(links().verify(&request(Method::PUT, &put)).is_ok());
    assert!(links().verify(&get(&put)).is_err());
}

/// So that a change which makes all links invalid that are about does not go unnoticed.
#[test]
fn the_signature_is_what_it_always_was() {
    let link =
        links().link(Method::GET, "/a/b").query("v", "2").subject("ann").valid_for(HOUR).sign().unwrap();
    insta::assert_snapshot!(link);
}

#[test]
fn it_is_over_when_it_says_so() {
    let link = signed("/a");
    let then = |now: u64| SignedLinks::new("k1", [1; 32]).unwrap().clock(move || at(now)).verify(&get(&link));
    assert!(then(NOW + 3599).is_ok());
    assert!(then(NOW + 3600).is_err());
    // A clock that is behind the one of the machine that signed.
    assert!(then(NOW - 60).is_ok());
}

#[test]
fn no_link_holds_for_longer_than_the_maximum() {
    let day = Duration::from_secs(24 * 3600);
    let short = links().maximum_lifetime(HOUR);
    let sign = |links: &SignedLinks, lifetime| links.link(Method::GET, "/a").valid_for(lifetime).sign();
    assert!(sign(&short, HOUR).is_ok());
    for lifetime in [HOUR + Duration::from_secs(1), day, Duration::MAX, Duration::ZERO] {
        assert_eq!(sign(&short, lifetime), Err(SignedLinkError::Expiry), "{lifetime:?}");
    }
    assert!(sign(&links(), 7 * day).is_ok());
    assert_eq!(sign(&links(), 8 * day), Err(SignedLinkError::Expiry));
    // Someone with the same key made it.
    let long = sign(&links(), day).unwrap();
    assert!(links().verify(&get(&long)).is_ok());
    assert!(short.verify(&get(&long)).is_err());
    let moment = links().link(Method::GET, "/a").expires_at(at(NOW)).sign();
    assert_eq!(moment, Err(SignedLinkError::Expiry));
    assert_eq!(links().link(Method::GET, "/a").sign(), Err(SignedLinkError::NoExpiry));
}

#[test]
fn keys_change() {
    let old = signed("/a");
    let both = SignedLinks::new("k2", [2; 40]).unwrap().older("k1", [1; 32]).unwrap().clock(|| at(NOW));
    assert_eq!(both.verify(&get(&old)).unwrap().key_id(), "k1");
    let new = both.link(Method::GET, "/a").valid_for(HOUR).sign().unwrap();
    assert_eq!(both.verify(&get(&new)).unwrap().key_id(), "k2");
    assert!(links().verify(&get(&new)).is_err());
    let alone = SignedLinks::new("k2", [2; 40]).unwrap().clock(|| at(NOW));
    assert!(alone.verify(&get(&old)).is_err());
    // Two keys with one secret are two keys.
    let twins = SignedLinks::new("k2", [1; 32]).unwrap().older("k1", [1; 32]).unwrap().clock(|| at(NOW));
    assert!(twins.verify(&get(&old)).is_ok());
    assert!(twins.verify(&get(&old.replace("=k1.", "=k2."))).is_err());
}

#[test]
fn weak_keys_are_refused() {
    let refused = |id: &str, secret: &[u8]| SignedLinks::new(id, secret).err();
    assert_eq!(refused("k1", &[0; 31]), Some(SignedLinkError::ShortKey));
    assert_eq!(refused("k1", b""), Some(SignedLinkError::ShortKey));
    assert_eq!(refused("k1", &[0; 200]), None);
    for id in ["", "a.b", "a b", "a&b", "é", "x".repeat(33).as_str()] {
        assert_eq!(refused(id, &[0; 32]), Some(SignedLinkError::KeyId), "{id}");
    }
    assert_eq!(links().older("k1", [2; 32]).err(), Some(SignedLinkError::KeyIdTwice));
    assert_eq!(links().older("k0", [2; 31]).err(), Some(SignedLinkError::ShortKey));
}

#[test]
fn what_is_no_link_is_not_signed() {
    let path = |path: &str| links().link(Method::GET, path).valid_for(HOUR).sign().err();
    for bad in ["", "a", "a/b", "/a/../b", "/..", "/./a"] {
        assert_eq!(path(bad), Some(SignedLinkError::Path), "{bad}");
    }
    for good in ["/", "//", "/a/", "/..a", "/a?b", "/\0"] {
        assert_eq!(path(good), None, "{good:?}");
    }
    let none: [&str; 0] = [];
    assert_eq!(links().link_of(Method::GET, none).valid_for(HOUR).sign(), Err(SignedLinkError::Path));
    for name in ["expires", "signature", "subject"] {
        let link = links().link(Method::GET, "/a").valid_for(HOUR).query(name, "1").sign();
        assert_eq!(link, Err(SignedLinkError::Reserved));
    }
}

#[test]
fn however_a_path_is_encoded_it_is_the_same() {
    let link = signed("/files/résumé 1.pdf~");
    let (path, query) = link.split_once('?').unwrap();
    for same in [
        "/files/r%c3%a9sum%c3%a9%201.pdf~",
        "/files/r%C3%A9sum%C3%A9%201.pdf%7E",
        "/%66iles/r%C3%A9sum%C3%A9%20%31.pdf~",
    ] {
        assert_ne!(same, path);
        assert!(links().verify(&get(&format!("{same}?{query}"))).is_ok(), "{same}");
    }
    for other in [
        "/files/r%25C3%25A9sum%25C3%25A9%25201.pdf~",
        "/files%2Fr%C3%A9sum%C3%A9%201.pdf~",
        "/files//r%C3%A9sum%C3%A9%201.pdf~",
        "/files/./r%C3%A9sum%C3%A9%201.pdf~",
        "/files/r%C3%A9sum%C3%A9+1.pdf~",
        "/files/r%C3%A9sum%C3%A9%201.pdf~/",
        "/app/files/r%C3%A9sum%C3%A9%201.pdf~",
        "/files/re%CC%81sume%CC%81%201.pdf~",
    ] {
        assert!(links().verify(&get(&format!("{other}?{query}"))).is_err(), "{other}");
    }
}

#[test]
fn a_slash_within_a_segment_ends_none() {
    let within = links().link_of(Method::GET, ["files", "a/b"]).valid_for(HOUR).sign().unwrap();
    assert!(within.starts_with("/files/a%2Fb?"), "{within}");
    assert!(links().verify(&get(&within)).is_ok());
    assert!(links().verify(&get(&within.replace("%2F", "%2f"))).is_ok());
    assert!(links().verify(&get(&within.replace("%2F", "/"))).is_err());
    let between = signed("/files/a/b");
    assert!(links().verify(&get(&between.replace("a/b", "a%2Fb"))).is_err());
}

/// Of `%%32%46` Actix makes `%2F` for the route, and `/` for the handler.
#[test]
fn nothing_is_decoded_twice() {
    let percent = signed("/files/a%2Fb");
    assert!(percent.starts_with("/files/a%252Fb?"), "{percent}");
    assert!(links().verify(&get(&percent)).is_ok());
    for trick in ["%2F", "%%32F", "%%32%46", "%25%32F"] {
        let link = percent.replace("%252F", trick);
        // The last one is another way to write the same; the handler gets `%2F`, too.
        assert_eq!(links().verify(&get(&link)).is_ok(), trick == "%25%32F", "{trick}");
    }
    for malformed in ["/a%", "/a%4", "/a%zz", "/%+1"] {
        let encoded = signed(malformed);
        let link = encoded.replace("%25", "%").replace("%2B", "+");
        assert!(links().verify(&get(&link)).is_err(), "{link}");
    }
}

#[test]
fn the_whole_query_is_signed() {
    let make = |query: &[(&str, &str)]| {
        let links = links();
        let link = links.link(Method::GET, "/a").valid_for(HOUR);
        query.iter().fold(link, |link, (name, value)| link.query(*name, *value)).sign().unwrap()
    };
    let link = make(&[("a b", "1&2"), ("list", "x"), ("list", "y"), ("é", "")]);
    let query = "a%20b=1%262&list=x&list=y&%C3%A9=&";
    assert!(link.starts_with(&format!("/a?{query}expires=")), "{link}");
    let altered = |other: &str| links().verify(&get(&link.replace(query, other))).is_ok();
    for same in ["list=x&%C3%A9&a+b=1%262&list=y&", "&a%20b=1%262&&list=%78&list=y&%c3%a9=&"] {
        assert!(altered(same), "{same}");
    }
    for other in [
        "",
        "a%20b=1%262&list=x&list=y&",
        "a%20b=1%262&list=y&list=x&%C3%A9=&",
        "a%20b=1%262&list=x&list=y&list=y&%C3%A9=&",
        "a%20b=1&2&list=x&list=y&%C3%A9=&",
        "a%20b=1%262&list=x&list=y&%C3%A9=&more=1&",
        "a%20b=1%262list=&x&list=y&%C3%A9=&",
        "a%20b=1%262&LIST=x&list=y&%C3%A9=&",
    ] {
        assert!(!altered(other), "{other}");
    }
}

#[test]
fn chosen_parameters_are_signed() {
    let links = links().only_query(["v", "w"]);
    let link = links.link(Method::GET, "/a").query("v", "1").query("x", "2").valid_for(HOUR).sign().unwrap();
    for same in [link.clone(), link.replace("x=2", "x=3"), link.replace("&x=2", ""), format!("{link}&y=%FF")]
    {
        assert!(links.verify(&get(&same)).is_ok(), "{same}");
    }
    for other in
        [link.replace("v=1", "v=2"), link.replace("v=1&", ""), format!("{link}&v=1"), format!("{link}&w=")]
    {
        assert!(links.verify(&get(&other)).is_err(), "{other}");
    }
}

#[test]
fn the_links_own_parameters_stand_once() {
    let links = links();
    let link = links.link(Method::GET, "/a").subject("ann").valid_for(HOUR).sign().unwrap();
    let (_, query) = link.split_once('?').unwrap();
    for piece in query.split('&') {
        let (name, _) = piece.split_once('=').unwrap();
        let without = query.split('&').filter(|other| *other != piece).collect::<Vec<_>>().join("&");
        let faulty = [
            format!("/a?{query}&{piece}"),
            format!("/a?{query}&{name}="),
            format!("/a?{name}=&{query}"),
            format!("/a?{without}"),
            format!("/a?{without}&{name}="),
            format!("/a?{without}&{name}=%FF"),
        ];
        for uri in faulty {
            assert!(links.verify(&get(&uri)).is_err(), "{uri}");
        }
    }
    assert!(links.verify(&get("/a")).is_err());
}

#[test]
fn an_expiry_is_written_in_one_way() {
    let link = signed("/a");
    for other in [
        "01700003600",
        "+1700003600",
        "1700003600.0",
        "1.7e9",
        "-1",
        "",
        "18446744073709551616",
        "18446744073709551615",
    ] {
        let uri = link.replace("1700003600", other);
        assert!(links().verify(&get(&uri)).is_err(), "{uri}");
    }
}

#[test]
fn a_signature_is_written_in_one_way() {
    let link = signed("/a");
    let (rest, tag) = link.split_once("k1.").unwrap();
    assert_eq!(tag.len(), 43);
    for other in [
        format!("{rest}k1.{tag}="),
        format!("{rest}k1."),
        format!("{rest}k1"),
        rest.to_owned(),
        format!("{rest}.{tag}"),
        format!("{rest}k9.{tag}"),
        format!("{rest}k1.{}", &tag[..42]),
        format!("{rest}k1.{tag}AA"),
        format!("{rest}k1.k1.{tag}"),
    ] {
        assert!(links().verify(&get(&other)).is_err(), "{other}");
    }
}

#[test]
fn a_link_is_bound_to_a_subject() {
    let caller = |request: &HttpRequest| Some(request.headers().get("x-user")?.to_str().ok()?.to_owned());
    let bound = links().bound_to(caller);
    let by =
        |uri: &str, user: &str| TestRequest::with_uri(uri).insert_header(("x-user", user)).to_http_request();
    let link = bound.link(Method::GET, "/a").subject("ann").valid_for(HOUR).sign().unwrap();
    assert_eq!(bound.verify(&by(&link, "ann")).unwrap().subject(), Some("ann"));
    assert!(bound.verify(&by(&link, "bob")).is_err());
    assert!(bound.verify(&get(&link)).is_err());
    assert!(bound.verify(&by(&link.replace("=ann", "=bob"), "bob")).is_err());
    // Nobody's: neither made nor accepted, not even by nobody.
    assert_eq!(bound.link(Method::GET, "/a").valid_for(HOUR).sign(), Err(SignedLinkError::NoSubject));
    assert!(bound.verify(&get(&signed("/a"))).is_err());
    // An empty subject is one.
    let empty = links().link(Method::GET, "/a").subject("").valid_for(HOUR).sign().unwrap();
    assert!(links().verify(&get(&empty.replace("subject=&", ""))).is_err());
    assert_eq!(links().verify(&get(&empty)).unwrap().subject(), Some(""));
}

#[test]
fn keys_never_show() {
    let shown = format!("{:?}", SignedLinks::new("k1", b"the secret of all the secrets, 32").unwrap());
    assert!(shown.contains("k1") && !shown.contains("secret"), "{shown}");
}

/// What can stand in a link: any text, and some that is hard to encode.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![any::<String>(), "[a-z/%+&=?#. é報]{0,8}"]
}

fn segment() -> impl Strategy<Value = String> {
    text().prop_filter("resolved by clients", |segment| segment != "." && segment != "..")
}

type Made = (Vec<String>, Vec<(String, String)>, Option<String>, u64);

fn made() -> impl Strategy<Value = Made> {
    let query = prop::collection::vec((text(), text()), 0..4).prop_filter("own", |query| {
        !query.iter().any(|(name, _)| ["expires", "signature", "subject"].contains(&name.as_str()))
    });
    (prop::collection::vec(segment(), 1..4), query, prop::option::of(text()), 1..600_000_u64)
}

fn link_of((segments, query, subject, lifetime): &Made) -> String {
    let links = links();
    let mut link = links.link_of(Method::GET, segments.clone()).expires_at(at(NOW + lifetime));
    for (name, value) in query {
        link = link.query(name, value);
    }
    if let Some(subject) = subject {
        link = link.subject(subject);
    }
    link.sign().unwrap()
}

/// What a link says, so that two that say the same are not taken for different ones.
fn meaning((segments, query, subject, lifetime): &Made) -> impl PartialEq + use<> {
    let mut query = query.clone();
    query.sort_by(|(one, _), (other, _)| one.cmp(other));
    (segments.clone(), query, subject.clone(), *lifetime)
}

proptest! {
    #[test]
    fn what_was_signed_is_verified(made in made()) {
        let link = link_of(&made);
        let verified = links().verify(&get(&link)).unwrap();
        prop_assert_eq!(verified.subject(), made.2.as_deref());
        prop_assert_eq!(verified.expires(), at(NOW + made.3));
        prop_assert!(links().verify(&request(Method::POST, &link)).is_err());
        let other = SignedLinks::new("k1", [9; 32]).unwrap().clock(|| at(NOW));
        prop_assert!(other.verify(&get(&link)).is_err());
    }

    /// One byte of the link is replaced, put in or taken out: either the link is refused, or it was another way to write the same.
    #[test]
    fn a_single_change_is_refused(made in made(), place in any::<prop::sample::Index>(), byte in 0x21_u8..0x7f, how in 0..3) {
        let link = link_of(&made);
        let mut bytes = link.clone().into_bytes();
        let place = 1 + place.index(bytes.len() - 1);
        match how {
            0 => bytes[place] = byte,
            1 => bytes.insert(place, byte),
            _ => { bytes.remove(place); }
        }
        let altered = String::from_utf8(bytes).unwrap();
        let Ok(uri) = altered.parse::<actix_web::http::Uri>() else { return Ok(()) };
        let said = |uri: &actix_web::http::Uri| {
            let path: Option<Vec<Vec<u8>>> = parts::segments(uri.path()).map(|all| all.into_iter().map(|one| one.into_owned()).collect());
            let mut query: Vec<(Vec<u8>, Vec<u8>)> = parts::pairs(uri.query().unwrap_or_default())
                .map(|(name, value)| (name.into_owned(), value.into_owned())).collect();
            query.sort_by(|(one, _), (other, _)| one.cmp(other));
            (path, query)
        };
        let same = said(&uri) == said(&link.parse().unwrap());
        prop_assert_eq!(links().verify(&get(&altered)).is_ok(), same, "{}", altered);
    }

    /// The signature of one link is no signature of another.
    #[test]
    fn two_links_never_share_a_signature(one in made(), other in made()) {
        let tag = |link: &str| link.rsplit_once("signature=").unwrap().1.to_owned();
        prop_assert_eq!(tag(&link_of(&one)) == tag(&link_of(&other)), meaning(&one) == meaning(&other));
    }

    /// Moving a boundary between two pieces makes another link.
    #[test]
    fn boundaries_are_signed(text in "[a-z]{2,12}", cut in any::<prop::sample::Index>()) {
        let cut = 1 + cut.index(text.len() - 1);
        let (head, tail) = text.split_at(cut);
        let tag = |made: &Made| link_of(made).rsplit_once("signature=").unwrap().1.to_owned();
        let base = |segments: &[&str], query: &[(&str, &str)], subject: Option<&str>| -> Made {
            (
                segments.iter().map(|&s| s.to_owned()).collect(),
                query.iter().map(|&(n, v)| (n.to_owned(), v.to_owned())).collect(),
                subject.map(str::to_owned),
                60,
            )
        };
        let mut tags = vec![
            tag(&base(&[&text], &[], None)),
            tag(&base(&[head, tail], &[], None)),
            tag(&base(&[head], &[(tail, "")], None)),
            tag(&base(&[head], &[("", tail)], None)),
            tag(&base(&[head], &[], Some(tail))),
            tag(&base(&[""], &[(head, tail)], None)),
            tag(&base(&[""], &[(&text, "")], None)),
            tag(&base(&[""], &[(head, ""), (tail, "")], None)),
            tag(&base(&[""], &[], Some(&text))),
        ];
        let count = tags.len();
        tags.sort();
        tags.dedup();
        prop_assert_eq!(tags.len(), count);
    }
}
