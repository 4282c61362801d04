#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail")]
#![allow(clippy::use_self, clippy::needless_pass_by_value, reason = "in generated code and shorthands")]

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{body::explain_parsed, *};
use crate::{
    endpoint::DEFAULT_PAIRS_LIMIT as DEFAULT_PAIRS,
    model::{Model, SchemaOf, WireField},
    problem::{Faults, In, MAX_FAULTS},
    request::flat::{Pairs, from_pairs, read_pairs},
};

macro_rules! models {
    ($($ty:ident)+) => {$(
        impl Model for $ty {
            const NAME: &'static str = stringify!($ty);
        }
    )+};
}

models!(User Line Shape Loose Team Node Strict Page Kind Point);

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[allow(dead_code, reason = "only refusals are looked at")]
struct User {
    #[schemars(email)]
    email: String,
    #[schemars(range(min = 18))]
    age: u8,
    #[schemars(length(min = 3, max = 5))]
    nick_name: Option<String>,
    #[schemars(length(min = 1))]
    lines: Vec<Line>,
    role: Role,
    home: Option<Line>,
    #[schemars(url)]
    site: Option<String>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[allow(dead_code, reason = "only refusals are looked at")]
struct Line {
    #[serde(rename = "a/b~c")]
    odd: i32,
    #[schemars(regex(pattern = "^[a-z]+$"))]
    word: String,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Role {
    /// May read.
    Reader,
    /// May write.
    Writer,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "lowercase")]
#[allow(dead_code, reason = "only refusals are looked at")]
enum Shape {
    Circle { radius: f64 },
    Square { side: f64 },
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
#[allow(dead_code, reason = "only refusals are looked at")]
enum Loose {
    Number(i64),
    Pair { left: i64, right: i64 },
    List(Vec<i64>),
}

#[derive(Debug, Deserialize, JsonSchema)]
#[allow(dead_code, reason = "only refusals are looked at")]
enum Kind {
    Plain,
    Other,
    Sized { width: u8 },
    Many(Vec<u8>),
}

fn told(faults: &Faults) -> Vec<(&str, &str, &str)> {
    faults.iter().map(|f| (f.pointer.as_str(), f.code.as_ref(), f.detail.as_ref())).collect()
}

fn explained<T: serde::de::DeserializeOwned + Model>(body: &Value) -> Vec<(String, String, String)> {
    let faults = explain_json::<T>(body.to_string().as_bytes());
    assert_eq!(faults, explain_parsed::<T>(body.clone()));
    told(&faults).into_iter().map(|(a, b, c)| (a.to_owned(), b.to_owned(), c.to_owned())).collect()
}

fn brief<T: serde::de::DeserializeOwned + Model>(body: &Value) -> Vec<String> {
    explained::<T>(body)
        .into_iter()
        .map(|(pointer, code, detail)| format!("{pointer} {code}: {detail}"))
        .collect()
}

#[test]
fn every_fault_of_a_body_is_told_at_once() {
    let body = json!({
        "email": "no address",
        "age": 17,
        "nickName": "secret nick name",
        "lines": [{ "a/b~c": 1, "word": "ok" }, { "a/b~c": "x" }, { "a/b~c": 3_000_000_000_u64, "word": "A1" }],
        "role": "owner",
        "home": { "word": 5 },
        "site": "not a url",
        "surprise": 1,
    });
    assert_eq!(
        brief::<User>(&body),
        [
            "/age range: must be at least 18",
            "/email email: must be an email address",
            "/home/a~1b~0c required: is required",
            "/home/word type: must be a string",
            "/lines/1/a~1b~0c type: must be an integer",
            "/lines/1/word required: is required",
            "/lines/2/a~1b~0c range: must be at most 2147483647",
            "/lines/2/word regex: does not have the expected form",
            "/nickName length: must have at most 5 characters",
            "/role enum: must be one of: reader, writer",
            "/site url: must be a URL",
            "/surprise unknown: is not known here",
        ]
    );
    assert_eq!(
        brief::<User>(&json!({ "nickName": 1, "lines": [], "home": true })),
        [
            "/age required: is required",
            "/email required: is required",
            "/home type: must be an object or null",
            "/lines length: must have at least 1 item",
            "/nickName type: must be a string or null",
            "/role required: is required",
        ]
    );
    assert_eq!(brief::<User>(&json!([1])), [" type: must be an object"]);
}

#[test]
fn the_nearest_form_of_a_choice_is_told() {
    assert_eq!(brief::<Shape>(&json!({ "kind": "circle" })), ["/radius required: is required"]);
    assert_eq!(brief::<Shape>(&json!({ "kind": "square", "side": "x" })), ["/side type: must be a number"]);
    assert_eq!(brief::<Shape>(&json!({ "kind": "x" })), ["/kind enum: must be one of: circle, square"]);
    assert_eq!(brief::<Shape>(&json!({})), ["/kind required: is required"]);
    assert_eq!(brief::<Shape>(&json!("circle")), [" type: must be an object"]);

    assert_eq!(brief::<Loose>(&json!({ "left": 1, "right": "x" })), ["/right type: must be an integer"]);
    assert_eq!(brief::<Loose>(&json!([1, 2, "x"])), ["/2 type: must be an integer"]);
    assert_eq!(brief::<Loose>(&json!("x")), [" type: must be an integer, an object or an array"]);

    assert_eq!(brief::<Kind>(&json!("x")), [" enum: must be one of: Plain, Other"]);
    assert_eq!(
        brief::<Kind>(&json!({ "Sized": { "width": 256 } })),
        ["/Sized/width range: must be at most 255"]
    );
    assert_eq!(brief::<Kind>(&json!({ "Many": 1 })), ["/Many type: must be an array"]);
    assert_eq!(brief::<Kind>(&json!(1)), [" type: must be a string or an object"]);
}

/// What no schema says is told by serde, with its place.
#[derive(Debug, Deserialize, JsonSchema)]
#[allow(dead_code, reason = "only refusals are looked at")]
struct Team {
    members: Vec<Member>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[allow(dead_code, reason = "only refusals are looked at")]
struct Member {
    #[serde(deserialize_with = "odd")]
    number: u32,
}

fn odd<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    let number = u32::deserialize(deserializer)?;
    if number % 2 == 1 { Ok(number) } else { Err(serde::de::Error::custom(format!("{number} is even"))) }
}

#[test]
fn what_no_schema_says_is_told_by_serde() {
    let body = json!({ "members": [{ "number": 1 }, { "number": 4242 }] });
    assert_eq!(brief::<Team>(&body), ["/members/1/number invalid: is not valid"]);
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "only refusals are looked at")]
struct Strict {
    a: u8,
    inner: Option<Box<Strict>>,
}

fn json<T: serde::de::DeserializeOwned + Model>(text: &str) -> Vec<String> {
    let faults = explain_json::<T>(text.as_bytes());
    told(&faults).into_iter().map(|(pointer, code, detail)| format!("{pointer} {code}: {detail}")).collect()
}

#[test]
fn doubled_names_are_told_beside_the_rest() {
    assert_eq!(json::<Strict>(r#"{"a":1,"a":2}"#), ["/a duplicate: must not be given twice"]);
    assert_eq!(
        json::<Strict>(r#"{"a":1,"inner":{"a":1,"a":300}}"#),
        ["/inner/a range: must be at most 255", "/inner/a duplicate: must not be given twice"]
    );
    // The last one is right, so no schema sees the first.
    assert_eq!(json::<Strict>(r#"{"a":"secret","a":2}"#), ["/a type: must be an integer"]);
}

#[test]
fn what_is_not_json_is_told_by_line_and_column() {
    let is = |what: &str| format!(" syntax: is not valid JSON: {what}");
    assert_eq!(json::<Strict>("{\"a\":\n"), [is("it ends too early at line 2 column 0")]);
    assert_eq!(json::<Strict>("{secret}"), [is("syntax error at line 1 column 2")]);
    assert_eq!(json::<Strict>(r#"{"a":1}x"#), [is("syntax error at line 1 column 8")]);
    assert_eq!(json::<Strict>(r#"{"a":"\ud800"}"#), [is("syntax error at line 1 column 13")]);
    assert_eq!(json::<Strict>("{\"a\":\"\0\"}"), [is("syntax error at line 1 column 7")]);
    assert_eq!(json::<Strict>("{\"a\":1e999}"), [is("a number is out of range at line 1 column 10")]);
    assert_eq!(json::<Strict>(" \n"), [" required: is required"]);
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    assert_eq!(json::<Strict>(&deep), [is("it is nested too deeply at line 1 column 128")]);
    let faults = explain_json::<Strict>(b"{\"a\":\"\xff\"}");
    assert_eq!(faults.iter().map(|f| f.code.as_ref()).collect::<Vec<_>>(), ["syntax"]);
    // Valid as JSON: a name of NUL, and a number that no integer holds.
    assert_eq!(json::<Strict>(r#"{"\u0000":1,"a":123456789012345678901234567890}"#).len(), 2);
}

#[derive(Debug, Deserialize, JsonSchema)]
#[allow(dead_code, reason = "only refusals are looked at")]
struct Node {
    name: String,
    next: Option<Box<Node>>,
}

#[test]
fn the_deepest_json_is_explained_within_a_small_stack() {
    let mut body = json!({ "name": 1, "next": null });
    for _ in 0..120 {
        body = json!({ "name": "n", "next": body });
    }
    let text = body.to_string();
    let faults = explain_json::<Node>(text.as_bytes());
    assert_eq!(told(&faults).len(), 1);
    assert!(told(&faults)[0].0.starts_with("/next/next/next"));
    // Deeper than JSON can be, as other formats allow: neither checked nor read again.
    let mut deep = Value::Null;
    for _ in 0..1_000 {
        deep = Value::Array(vec![deep]);
    }
    let faults = explain_parsed::<Line>(Value::Object([("x".to_owned(), deep)].into_iter().collect()));
    assert_eq!(told(&faults), [("", "syntax", "is nested too deeply")]);
}

#[test]
fn many_faults_are_bounded() {
    let body = Value::from(vec!["x"; 30_000]);
    let faults = explain_parsed::<Vec<u8>>(body);
    assert_eq!(faults.iter().len(), MAX_FAULTS);
    assert!(faults.is_truncated());
    // Too heavy to explain: serde's first fault is told.
    let body = Value::from(vec!["x"; 200_000]);
    let faults = explain_parsed::<Vec<u8>>(body);
    assert_eq!(told(&faults), [("/0", "type", "must be an integer")]);
}

#[derive(Debug, Deserialize, JsonSchema)]
#[allow(dead_code, reason = "only refusals are looked at")]
struct Page {
    #[schemars(range(min = 1))]
    page: u32,
    size: Option<u8>,
    tags: Vec<u8>,
    #[serde(flatten)]
    point: Point,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[allow(dead_code, reason = "only refusals are looked at")]
struct Point {
    x: f64,
    role: Option<Role>,
}

fn pairs_of<T: serde::de::DeserializeOwned + Model>(location: In, pairs: &Pairs<'_>) -> Vec<String> {
    let error = read_pairs::<T>(pairs).err().unwrap();
    let faults = explain_pairs(location, SchemaOf::of::<T>(), pairs, T::WIRE, error);
    told(&faults).into_iter().map(|(pointer, code, detail)| format!("{pointer} {code}: {detail}")).collect()
}

#[test]
fn every_fault_of_a_query_is_told_at_once() {
    let query =
        |text: &'static str| Pairs::from_urlencoded(In::Query, text.as_bytes(), DEFAULT_PAIRS).unwrap();
    assert_eq!(
        pairs_of::<Page>(In::Query, &query("page=0&size=x&tags=1&tags=y&x=nan&role=owner")),
        [
            "/page range: must be at least 1",
            "/role enum: must be one of: reader, writer",
            "/size type: must be an integer",
            "/tags/1 type: must be an integer",
            "/x type: must be a number",
        ]
    );
    assert_eq!(
        pairs_of::<Page>(In::Query, &query("page=99999999999999999999999&tags=1")),
        ["/page range: must be at most 4294967295", "/x required: is required"]
    );
    assert_eq!(
        pairs_of::<Page>(In::Query, &query("page=1.0&tags=1&x=1")),
        ["/page type: must be an integer"]
    );
}

#[test]
fn integers_are_held_to_their_width() {
    #[derive(Debug, Deserialize, JsonSchema)]
    #[allow(dead_code, reason = "only refusals are looked at")]
    struct Widths {
        a: i32,
        b: u32,
        c: Option<i64>,
        d: u64,
        e: Vec<i8>,
    }
    models!(Widths);
    assert_eq!(
        brief::<Widths>(
            &json!({ "a": -2_147_483_649_i64, "b": 4_294_967_296_u64, "c": u64::MAX, "d": 1e30, "e": [-129] })
        ),
        [
            "/a range: must be at least -2147483648",
            "/b range: must be at most 4294967295",
            "/c range: must be at most 9223372036854775807",
            "/d range: must be at most 18446744073709551615",
            "/e/0 range: must be at least -128",
        ]
    );
}

#[test]
fn path_parameters_are_told_by_name() {
    let params = |list: &'static [(&'static str, &'static str)]| {
        Pairs::from_params(list.iter().copied(), list.len()).unwrap()
    };
    assert_eq!(pairs_of::<u8>(In::Path, &params(&[("id", "300")])), ["/id range: must be at most 255"]);
    assert_eq!(
        pairs_of::<(String, u32, bool)>(In::Path, &params(&[("team", "a"), ("id", "x"), ("on", "1")])),
        ["/id type: must be an integer", "/on type: must be true or false"]
    );
    assert_eq!(
        pairs_of::<Point>(In::Path, &params(&[("x", "a"), ("role", "b")])),
        ["/role enum: must be one of: reader, writer", "/x type: must be a number"]
    );
}

#[test]
fn what_no_schema_says_of_a_query_is_told_by_the_reader() {
    let pairs = Pairs::from_urlencoded(In::Query, b"number=4242", DEFAULT_PAIRS).unwrap();
    let error = from_pairs::<Member>(&pairs, &[]).unwrap_err();
    let faults = explain_pairs(In::Query, SchemaOf::of::<Member>(), &pairs, &[], error);
    assert_eq!(told(&faults), [("/number", "invalid", "is not valid")]);
}

#[test]
fn a_map_is_explained_by_its_values() {
    let faults = explain_parsed::<BTreeMap<String, u8>>(json!({ "b": -1, "a": null, "10": [], "9": {} }));
    let places: Vec<_> = told(&faults).into_iter().map(|(pointer, code, _)| (pointer, code)).collect();
    assert_eq!(places, [("/9", "type"), ("/10", "type"), ("/a", "type"), ("/b", "range")]);
}

#[test]
fn an_unused_wire_is_no_matter() {
    const WIRE: &[WireField] = &[WireField::new("a", "a")];
    let pairs = Pairs::from_urlencoded(In::Query, b"", DEFAULT_PAIRS).unwrap();
    let error = from_pairs::<Strict>(&pairs, WIRE).unwrap_err();
    assert_eq!(error.name(), Some("a"));
    let faults = explain_pairs(In::Query, SchemaOf::of::<Strict>(), &pairs, WIRE, error);
    assert_eq!(told(&faults), [("/a", "required", "is required")]);
}

/// The first line, as JSON.
#[derive(Debug)]
struct FirstLine;

impl crate::media::Parser for FirstLine {
    fn media_type(&self) -> &str {
        "application/x-line"
    }

    fn parse(
        &self,
        body: &[u8],
        target: &mut crate::media::Target<'_>,
    ) -> Result<(), crate::media::ParseError> {
        let line = body.split(|byte| *byte == b'\n').next().unwrap_or_default();
        target.read(&mut serde_json::Deserializer::from_slice(line))
    }
}

#[test]
fn a_parser_of_the_applications_own_is_explained() {
    let faults = explain_custom::<Strict>(&FirstLine, b"{\"a\":-1,\"x\":2}\nrest");
    assert_eq!(
        told(&faults),
        [("/a", "range", "must be at least 0"), ("/x", "unknown", "is not known here")]
    );
    let faults = explain_custom::<Strict>(&FirstLine, b"secret");
    assert_eq!(told(&faults), [("", "syntax", "is not valid application/x-line")]);
}

#[cfg(feature = "msgpack")]
#[test]
fn messagepack_is_explained() {
    let bytes = |value: &Value| rmp_serde::to_vec_named(value).unwrap();
    let faults = explain_msgpack::<Strict>(&bytes(&json!({ "a": "x", "inner": {} })));
    assert_eq!(
        told(&faults),
        [("/a", "type", "must be an integer"), ("/inner/a", "required", "is required")]
    );
    let faults = explain_msgpack::<Strict>(b"\xc1");
    assert_eq!(told(&faults), [("", "syntax", "is not valid MessagePack")]);
    // Arrays of one, as deep as it gets.
    let faults = explain_msgpack::<Strict>(&vec![0x91; 100_000]);
    assert_eq!(told(&faults), [("", "syntax", "is not valid MessagePack: it is nested too deeply")]);
    // One byte of binary: no JSON value, but MessagePack.
    let faults = explain_msgpack::<Strict>(b"\x81\xa1a\xc4\x01\xff");
    assert_eq!(told(&faults).len(), 1);
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(tag = "op", rename_all = "lowercase")]
#[allow(dead_code, reason = "only refusals are looked at")]
enum Term {
    Add { left: Box<Term>, right: Box<Term> },
    Mul { left: Box<Term>, right: Box<Term> },
    Div { left: Box<Term>, right: Box<Term> },
    Const { value: i64 },
}

models!(Term);

#[derive(Debug, Deserialize, JsonSchema)]
#[allow(dead_code, reason = "only refusals are looked at")]
enum Tree {
    Leaf(i64),
    Both { left: Box<Tree>, right: Box<Tree> },
    Either { left: Box<Tree>, right: Box<Tree> },
    Empty,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
#[allow(dead_code, reason = "only refusals are looked at")]
enum Guess {
    Leaf(i64),
    Both { left: Box<Guess>, right: i64 },
    Either { left: Box<Guess>, other: i64 },
}

models!(Tree Guess);

/// A validator tries every form of a level for every form of the level above; if these were not decided by their tags, this would
/// not end before the test is forgotten: four times the work for each level.
#[test]
fn forms_within_forms_do_not_multiply() {
    let mut term = json!({ "op": "const", "value": "x" });
    let mut tree = json!({ "Leaf": "x" });
    for _ in 0..60 {
        term = json!({ "op": "mul", "left": term, "right": { "op": "const", "value": 1 } });
        tree = json!({ "Either": { "left": tree, "right": "Empty" } });
    }
    let told_at = |faults: Faults| {
        let fault = faults.iter().next().unwrap().clone();
        assert_eq!(faults.iter().len(), 1);
        (fault.pointer.chars().take(24).collect::<String>(), fault.detail)
    };
    let integer = || "must be an integer".into();
    assert_eq!(told_at(explain_parsed::<Term>(term)), ("/left/left/left/left/lef".to_owned(), integer()));
    assert_eq!(told_at(explain_parsed::<Tree>(tree)), ("/Either/left/Either/left".to_owned(), integer()));
    assert_eq!(brief::<Tree>(&json!("x")), [" enum: must be Empty"]);
    assert_eq!(brief::<Tree>(&json!({ "X": 1 })), [" invalid: does not match any of the allowed forms"]);
    assert_eq!(brief::<Tree>(&json!(1)), [" type: must be a string or an object"]);
}

/// Where nothing decides, a value that nests too much is not explained by its schema; serde speaks for it.
#[test]
fn undecided_forms_are_explained_while_they_are_small() {
    let nested = |levels: usize| {
        let start = json!({ "left": "x", "right": 1 });
        (1..levels).fold(start, |inner, _| json!({ "left": inner, "right": 1 }))
    };
    assert_eq!(brief::<Guess>(&nested(2)), ["/left/left type: must be an integer or an object"]);
    let faults = super::explain_value(In::Body, SchemaOf::of::<Guess>(), &nested(40));
    assert!(faults.is_empty());
}
