#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail")]
#![allow(clippy::use_self, clippy::needless_pass_by_value, reason = "in generated code and shorthands")]

use std::{borrow::Cow, collections::BTreeMap};

use actix_web::{
    http::header::{HeaderName, HeaderValue},
    test::TestRequest,
};
use proptest::prelude::*;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use super::*;
use crate::endpoint::DEFAULT_PAIRS_LIMIT as DEFAULT_PAIRS;
use crate::{
    model::{Model, WireField},
    problem::{Faults, In},
};

const fn listed(name: &'static str) -> WireField {
    let mut field = WireField::new(name, name);
    field.commas = true;
    field
}

const fn nullable(name: &'static str) -> WireField {
    let mut field = WireField::new(name, name);
    field.null = true;
    field
}

fn query(text: &str) -> Pairs<'_> {
    Pairs::from_urlencoded(In::Query, text.as_bytes(), DEFAULT_PAIRS).unwrap()
}

fn read<'de, T: Deserialize<'de>>(pairs: &'de Pairs<'_>) -> Result<T, (String, &'static str, String)> {
    from_pairs(pairs, &[]).map_err(|error| told(error.into_fault(In::Query).into()))
}

fn told(faults: Faults) -> (String, &'static str, String) {
    let fault = faults.iter().next().unwrap().clone();
    (fault.pointer, Box::leak(fault.code.into_owned().into_boxed_str()), fault.detail.into_owned())
}

fn codes(faults: &Faults) -> Vec<(&str, &str)> {
    faults.iter().map(|fault| (fault.pointer.as_str(), fault.code.as_ref())).collect()
}

#[derive(Debug, PartialEq, Deserialize, Clone, Copy)]
#[serde(rename_all = "lowercase")]
enum Order {
    Newest,
    Oldest,
}

#[derive(Debug, PartialEq, Deserialize)]
struct Everything<'a> {
    text: &'a str,
    owned: String,
    small: u8,
    wide: i128,
    float: f32,
    yes: bool,
    letter: char,
    order: Order,
    maybe: Option<u16>,
    absent: Option<u16>,
    tags: Vec<String>,
    pair: (i8, i8),
    id: Wrapped,
}

#[derive(Debug, PartialEq, Deserialize)]
struct Wrapped(u32);

#[test]
fn every_scalar_is_read_from_its_text() {
    let pairs = query(
        "text=plain&owned=a+b%26&small=255&wide=-170141183460469231731687303715884105728&float=1.5&yes=true&letter=%C3%A9\
         &order=oldest&maybe=7&tags=b&tags=a&pair=1&pair=-2&id=9&other=ignored",
    );
    let read: Everything<'_> = read(&pairs).unwrap();
    let expected = Everything {
        text: "plain",
        owned: "a b&".to_owned(),
        small: 255,
        wide: i128::MIN,
        float: 1.5,
        yes: true,
        letter: 'é',
        order: Order::Oldest,
        maybe: Some(7),
        absent: None,
        tags: vec!["b".to_owned(), "a".to_owned()],
        pair: (1, -2),
        id: Wrapped(9),
    };
    assert_eq!(read, expected);
}

#[test]
fn text_is_borrowed_when_nothing_had_to_be_decoded() {
    let source = String::from("name=ann");
    let pairs = query(&source);
    #[derive(Deserialize)]
    struct Named<'a> {
        name: &'a str,
    }
    let read: Named<'_> = read(&pairs).unwrap();
    assert!(source.as_bytes().as_ptr_range().contains(&read.name.as_ptr()));
}

#[derive(Debug, Deserialize)]
#[allow(dead_code, reason = "only refusals are looked at")]
struct Typed {
    #[serde(default)]
    small: u8,
    #[serde(default)]
    signed: i16,
    #[serde(default)]
    float: f64,
    #[serde(default)]
    yes: bool,
    order: Option<Order>,
    #[serde(default)]
    list: Vec<u8>,
    #[serde(default)]
    pair: (u8, u8),
}

#[test]
fn a_refusal_names_the_field_and_never_the_value() {
    for (text, pointer, code, detail) in [
        ("small=secret", "/small", "type", "must be an integer"),
        ("small=", "/small", "type", "must be an integer"),
        ("small=256", "/small", "range", "must be at most 255"),
        ("small=-1", "/small", "range", "must be at least 0"),
        ("small=1.0", "/small", "type", "must be an integer"),
        ("signed=-32769", "/signed", "range", "must be at least -32768"),
        ("float=inf", "/float", "type", "must be a number"),
        ("float=NaN", "/float", "type", "must be a number"),
        ("float=1e999", "/float", "range", "must be a number of a reasonable size"),
        ("yes=1", "/yes", "type", "must be true or false"),
        ("yes=TRUE", "/yes", "type", "must be true or false"),
        ("order=secret", "/order", "enum", "must be one of: newest, oldest"),
        ("list=1&list=x", "/list/1", "type", "must be an integer"),
        ("pair=1", "/pair", "length", "must be an array of 2 items"),
        ("pair=1&pair=2&pair=3", "/pair", "length", "must not have more than 2 values"),
    ] {
        let refused = read::<Typed>(&query(text)).unwrap_err();
        assert_eq!(refused, (pointer.to_owned(), code, detail.to_owned()), "{text}");
    }
}

#[test]
fn missing_unknown_and_nested_are_told_by_name() {
    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code, reason = "only refusals are looked at")]
    struct Strict {
        #[serde(rename = "page-size")]
        size: u8,
    }
    let refused = |text| {
        let (pointer, code, _) = read::<Strict>(&query(text)).unwrap_err();
        (pointer, code)
    };
    assert_eq!(refused(""), ("/page-size".to_owned(), "required"));
    assert_eq!(refused("page-size=1&a%2Fb=1"), ("/a~1b".to_owned(), "unknown"));
}

#[test]
fn null_is_null_only_where_the_model_says_so() {
    #[derive(Debug, PartialEq, Deserialize)]
    struct Maybe {
        a: Option<String>,
        b: Option<String>,
        c: Option<Vec<String>>,
    }
    const WIRE: &[WireField] = &[nullable("b"), nullable("c")];
    let pairs = query("a=null&b=null&c=null");
    let read: Maybe = from_pairs(&pairs, WIRE).unwrap();
    assert_eq!(read, Maybe { a: Some("null".to_owned()), b: None, c: None });
    let pairs = query("a=&b=");
    let read: Maybe = from_pairs(&pairs, WIRE).unwrap();
    assert_eq!(read, Maybe { a: Some(String::new()), b: Some(String::new()), c: None });
}

#[test]
fn commas_split_only_where_the_model_says_so() {
    #[derive(Debug, PartialEq, Deserialize)]
    struct Lists {
        split: Vec<u8>,
        whole: Vec<String>,
    }
    const WIRE: &[WireField] = &[listed("split")];
    let pairs = query("split=1,+2,,3+&whole=a,b&split=4,");
    let read: Lists = from_pairs(&pairs, WIRE).unwrap();
    assert_eq!(read, Lists { split: vec![1, 2, 3, 4], whole: vec!["a,b".to_owned()] });
    let error = from_pairs::<Lists>(&query("whole=a&split=1,x"), WIRE).unwrap_err();
    assert_eq!(error.into_fault(In::Query).pointer, "/split/1");
}

#[test]
fn path_parameters_are_read_by_position_or_by_name() {
    let params = |list: &'static [(&'static str, &'static str)]| {
        Pairs::from_params(list.iter().copied(), list.len()).unwrap()
    };
    let one = params(&[("id", "42")]);
    assert_eq!(from_pairs::<u64>(&one, &[]).unwrap(), 42);
    assert_eq!(from_pairs::<Wrapped>(&one, &[]).unwrap(), Wrapped(42));
    assert_eq!(from_pairs::<(u64,)>(&one, &[]).unwrap(), (42,));
    assert_eq!(from_pairs::<&str>(&one, &[]).unwrap(), "42");
    let two = params(&[("team", "a%2Fb"), ("id", "7")]);
    assert_eq!(from_pairs::<(String, u32)>(&two, &[]).unwrap(), ("a/b".to_owned(), 7));
    let map = BTreeMap::from([("team", "a/b"), ("id", "7")]);
    assert_eq!(from_pairs::<BTreeMap<&str, &str>>(&two, &[]).unwrap(), map);
    assert_eq!(from_pairs::<Order>(&params(&[("order", "oldest")]), &[]).unwrap(), Order::Oldest);

    let refused = |error: FlatError| (error.name().map(str::to_owned), error.into_fault(In::Path).code);
    assert_eq!(
        refused(from_pairs::<(u8, u8)>(&two, &[]).unwrap_err()),
        (Some("team".to_owned()), "type".into())
    );
    assert_eq!(refused(from_pairs::<u8>(&two, &[]).unwrap_err()), (None, "length".into()));
    assert_eq!(refused(from_pairs::<(String,)>(&two, &[]).unwrap_err()), (None, "length".into()));
    // A query has names, not positions.
    assert_eq!(refused(from_pairs::<u8>(&query("a=1"), &[]).unwrap_err()), (None, "type".into()));
}

#[test]
fn text_that_is_not_utf8_is_a_fault_and_never_replaced() {
    let faults = Pairs::from_urlencoded(In::Query, b"a=%FF&ok=1&%FE=2&b=\xff", 10).unwrap_err();
    assert_eq!(codes(&faults), [("/a", "invalid"), ("", "invalid"), ("/b", "invalid")]);
    let faults = Pairs::from_params([("id", "%C3%28")].into_iter(), 1).unwrap_err();
    assert_eq!(codes(&faults), [("/id", "invalid")]);
    let pairs = query("a=%00&b=%zz&c=%");
    assert_eq!((pairs.value(0), pairs.value(1), pairs.value(2)), (Some("\0"), Some("%zz"), Some("%")));
}

#[test]
fn headers_are_matched_without_regard_to_case() {
    #[derive(Debug, PartialEq, Deserialize)]
    struct Wanted {
        #[serde(rename = "X-Api-Token")]
        token: String,
        #[serde(rename = "accept-language")]
        languages: Vec<String>,
    }
    const WIRE: &[WireField] = &[WireField::new("token", "X-Api-Token"), listed("accept-language")];
    let latin1 = || HeaderValue::from_bytes(b"caf\xe9").unwrap();
    let request = TestRequest::default()
        .insert_header(("x-api-TOKEN", "t"))
        .append_header(("Accept-Language", "de, en"))
        .append_header(("Accept-Language", "fr"))
        .insert_header((HeaderName::from_static("x-other"), latin1()))
        .to_http_request();
    let pairs = Pairs::from_headers(request.headers(), WIRE, DEFAULT_PAIRS).unwrap();
    let read: Wanted = from_pairs(&pairs, WIRE).unwrap();
    let languages = ["de", "en", "fr"].map(str::to_owned).to_vec();
    assert_eq!(read, Wanted { token: "t".to_owned(), languages });

    let request = TestRequest::default()
        .insert_header((HeaderName::from_static("x-api-token"), latin1()))
        .to_http_request();
    let faults = Pairs::from_headers(request.headers(), WIRE, DEFAULT_PAIRS).unwrap_err();
    assert_eq!(codes(&faults), [("/X-Api-Token", "invalid")]);
    assert!(Pairs::from_headers(request.headers(), WIRE, 0).is_err());
}

#[test]
fn cookies_keep_case_and_the_first_counts() {
    let request = TestRequest::default()
        .append_header(("Cookie", "Id=\"a b\"; id=%20x; flag; empty=; =nameless"))
        .append_header(("Cookie", "id=second; token=a=b"))
        .to_http_request();
    let pairs = Pairs::from_cookies(request.headers(), &[], DEFAULT_PAIRS).unwrap();
    let read: BTreeMap<&str, &str> = from_pairs(&pairs, &[]).unwrap();
    let expected = [("", "nameless"), ("Id", "a b"), ("empty", ""), ("id", "%20x"), ("token", "a=b")];
    assert_eq!(read, BTreeMap::from(expected));
}

#[test]
fn too_many_pairs_are_a_fault_and_a_hundred_thousand_are_indexed_once() {
    let text: String = (0..100_000).map(|n| format!("n{}=1&", n % 50_000)).collect();
    let faults = Pairs::from_urlencoded(In::Query, text.as_bytes(), DEFAULT_PAIRS).unwrap_err();
    assert_eq!(codes(&faults), [("", "too_many")]);
    // The index answers every step at once: scanning would be ten thousand million comparisons here.
    let pairs = Pairs::from_urlencoded(In::Query, text.as_bytes(), usize::MAX).unwrap();
    let lists: BTreeMap<&str, Vec<u8>> = from_pairs(&pairs, &[]).unwrap();
    assert_eq!(lists.len(), 50_000);
    assert!(lists.values().all(|list| list.len() == 2));
}

#[derive(Debug, PartialEq, Deserialize, JsonSchema)]
struct Page {
    number: u32,
    exact: Option<bool>,
}

#[derive(Debug, PartialEq, Deserialize, JsonSchema)]
struct Search {
    text: String,
    #[serde(flatten)]
    page: Page,
    tags: Vec<u8>,
}

impl Model for Search {
    const NAME: &'static str = "Search";
    const WIRE: &'static [WireField] = &[WireField::new("text", "text"), listed("tags")];
}

#[test]
fn flattened_numbers_are_read_by_the_schema() {
    let pairs = query("text=12&number=3&exact=true&tags=1,2");
    assert!(from_pairs::<Search>(&pairs, Search::WIRE).is_err());
    let read: Search = read_pairs(&pairs).unwrap();
    let page = Page { number: 3, exact: Some(true) };
    assert_eq!(read, Search { text: "12".to_owned(), page, tags: vec![1, 2] });
    assert!(read_pairs::<Search>(&query("text=a&number=x&tags=1")).is_err());
}

#[test]
fn text_becomes_what_the_schema_wants() {
    let root = root_schema(crate::model::SchemaOf::of::<Search>());
    let value = coerce(&root, &query("text=1&text=2&number=007&exact=TRUE&tags=1,,x&other=3"), Search::WIRE);
    let expected = json!({ "text": "2", "number": 7, "exact": "TRUE", "tags": [1, "x"], "other": "3" });
    assert_eq!(value, expected);
}

proptest! {
    /// The reader agrees with the simplest thing that could be written: a loop over all pairs for every name.
    #[test]
    fn repeats_are_gathered_as_a_naive_model_gathers_them(
        list in prop::collection::vec(("[a-e]{1,2}", "[ -~é]{0,4}"), 0..60),
    ) {
        let pairs = || list.iter().map(|(name, value)| (Cow::Borrowed(name.as_str()), Cow::Borrowed(value.as_str())));
        let flat = Pairs::from_text(In::Query, pairs(), DEFAULT_PAIRS).unwrap();
        let mut lists: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        let mut last: BTreeMap<&str, &str> = BTreeMap::new();
        for (name, value) in &list {
            lists.entry(name).or_default().push(value);
            last.insert(name, value);
        }
        prop_assert_eq!(from_pairs::<BTreeMap<&str, Vec<&str>>>(&flat, &[]).unwrap(), lists.clone());
        prop_assert_eq!(from_pairs::<BTreeMap<&str, &str>>(&flat, &[]).unwrap(), last);
        let first: BTreeMap<&str, &str> = lists.iter().map(|(name, list)| (*name, list[0])).collect();
        let flat = flat.first_counts();
        prop_assert_eq!(from_pairs::<BTreeMap<&str, &str>>(&flat, &[]).unwrap(), first);
    }

    /// What a form encoder writes is read back.
    #[test]
    fn urlencoded_text_survives(list in prop::collection::vec((".{0,6}", ".{0,6}"), 0..20)) {
        let text = serde_html_form::to_string(&list).unwrap();
        let pairs = Pairs::from_urlencoded(In::Query, text.as_bytes(), DEFAULT_PAIRS).unwrap();
        let back: Vec<_> = (0..pairs.len())
            .map(|at| (pairs.name(at).unwrap().to_owned(), pairs.value(at).unwrap().to_owned()))
            .collect();
        prop_assert_eq!(back, list);
    }

    /// No bytes make the reader fail in any other way than with faults.
    #[test]
    fn any_bytes_are_pairs_or_faults(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
        match Pairs::from_urlencoded(In::Body, &bytes, DEFAULT_PAIRS) {
            Ok(pairs) => prop_assert!(pairs.len() <= bytes.len()),
            Err(faults) => prop_assert!(!faults.is_empty()),
        }
    }
}
