//! Tag filters, against an evaluator that goes by the words of the documentation.

use std::collections::BTreeMap;

use actix_charter::live::protocol::{BadFilter, Codec, Comparison, Limits, Request, TagFilter};
use bytes::Bytes;
use proptest::{collection::vec, prelude::*};
use serde_json::{Value, json};

use crate::client::{field, varint};

fn subscribe(codec: Codec, frame: Vec<u8>) -> Result<TagFilter, BadFilter> {
    let mut commands = codec.decode_frame(&frame.into(), &Limits::default()).unwrap();
    let Request::Subscribe(subscribe) = commands.remove(0).request else { panic!() };
    subscribe.filter.unwrap()
}

fn from_json(filter: &Value) -> Result<TagFilter, BadFilter> {
    subscribe(Codec::Json, json!({"id": 1, "subscribe": {"channel": "c", "tf": filter}}).to_string().into())
}

fn from_protobuf(filter: &Value) -> Result<TagFilter, BadFilter> {
    let mut request = Vec::new();
    field(&mut request, 13, &node(filter));
    let mut message = vec![8, 1];
    field(&mut message, 5, &request);
    let mut frame = Vec::new();
    varint(&mut frame, message.len() as u64);
    frame.extend(message);
    subscribe(Codec::Protobuf, frame)
}

fn node(filter: &Value) -> Vec<u8> {
    let mut out = Vec::new();
    for (tag, name) in (1..).zip(["op", "key", "cmp", "val"]) {
        if let Some(text) = filter[name].as_str().filter(|text| !text.is_empty()) {
            field(&mut out, tag, text.as_bytes());
        }
    }
    for value in filter["vals"].as_array().into_iter().flatten() {
        field(&mut out, 5, value.as_str().unwrap().as_bytes());
    }
    for child in filter["nodes"].as_array().into_iter().flatten() {
        field(&mut out, 6, &node(child));
    }
    out
}

#[test]
fn filters_nobody_can_follow() {
    let leaf = json!({"key": "k", "cmp": "ex"});
    for (filter, error) in [
        (json!({}), BadFilter::UnknownComparison),
        (json!({"key": "k"}), BadFilter::UnknownComparison),
        (json!({"key": "k", "cmp": "like", "val": "v"}), BadFilter::UnknownComparison),
        (json!({"cmp": "eq", "val": "v"}), BadFilter::NoKey),
        (json!({"key": "k", "cmp": "eq"}), BadFilter::WrongValues),
        (json!({"key": "k", "cmp": "eq", "val": "v", "vals": ["v"]}), BadFilter::WrongValues),
        (json!({"key": "k", "cmp": "in", "val": "v"}), BadFilter::WrongValues),
        (json!({"key": "k", "cmp": "in", "vals": []}), BadFilter::WrongValues),
        (json!({"key": "k", "cmp": "ex", "val": "v"}), BadFilter::WrongValues),
        (json!({"op": "xor", "nodes": [leaf]}), BadFilter::UnknownOperation),
        (json!({"op": "and"}), BadFilter::WrongNodes),
        (json!({"op": "or", "nodes": []}), BadFilter::WrongNodes),
        (json!({"op": "not", "nodes": []}), BadFilter::WrongNodes),
        (json!({"op": "not", "nodes": [leaf, leaf]}), BadFilter::WrongNodes),
        (json!({"op": "and", "nodes": vec![leaf.clone(); 256]}), BadFilter::TooLarge),
        (json!({"key": "k", "cmp": "in", "vals": vec!["v"; 256]}), BadFilter::TooLarge),
        (
            json!({"op": "and", "nodes": vec![json!({"key": "k", "cmp": "in", "vals": vec!["v"; 100]}); 3]}),
            BadFilter::TooLarge,
        ),
    ] {
        assert_eq!(from_json(&filter), Err(error), "{filter}");
        assert_eq!(from_protobuf(&filter), Err(error), "{filter}");
    }
    for filter in [
        json!(5),
        json!("x"),
        json!({"op": 5}),
        json!({"nodes": {}}),
        json!({"op": "and", "nodes": [1]}),
        json!({"vals": "v"}),
    ] {
        assert_eq!(from_json(&filter), Err(BadFilter::Malformed), "{filter}");
    }
}

#[test]
fn a_filter_is_as_deep_as_it_may_be() {
    let nested = |depth| {
        (1..depth).fold(json!({"key": "k", "cmp": "ex"}), |inner, _| json!({"op": "not", "nodes": [inner]}))
    };
    for read in [from_json, from_protobuf] {
        assert!(read(&nested(8)).is_ok());
        assert_eq!(read(&nested(9)), Err(BadFilter::TooDeep));
    }
    // As deep as a frame can hold.
    let deep = (0..5000).fold(Vec::new(), |inner, _| {
        let mut out = Vec::new();
        field(&mut out, 1, b"not");
        field(&mut out, 6, &inner);
        out
    });
    let mut request = Vec::new();
    field(&mut request, 13, &deep);
    let mut message = vec![8, 1];
    field(&mut message, 5, &request);
    let mut frame = Vec::new();
    varint(&mut frame, message.len() as u64);
    frame.extend(message);
    assert_eq!(subscribe(Codec::Protobuf, frame), Err(BadFilter::TooDeep));
}

#[test]
fn a_missing_tag_is_not_equal_to_anything() {
    let tags = [("a".into(), "1".into())];
    let holds = |key: &str, comparison| TagFilter::Tag { key: key.into(), comparison }.matches(&tags);
    assert!(holds("a", Comparison::Exists) && !holds("b", Comparison::Exists));
    assert!(!holds("a", Comparison::Missing) && holds("b", Comparison::Missing));
    assert!(!holds("b", Comparison::Equal("".into())) && holds("b", Comparison::NotEqual("".into())));
    assert!(!holds("b", Comparison::In(vec!["".into()])) && holds("b", Comparison::NotIn(vec!["".into()])));
    assert!(
        !holds("b", Comparison::StartsWith("".into())) && !holds("b", Comparison::LessOrEqual("0".into()))
    );
}

/// Numbers of up to two places after the point, in hundredths.
fn hundredths(text: &str) -> Option<i64> {
    let (sign, digits) = text.strip_prefix('-').map_or((1, text), |digits| (-1, digits));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let number = whole.parse::<u32>().ok()? * 100 + format!("{fraction:0<2}").parse::<u32>().ok()?;
    Some(sign * i64::from(number))
}

fn naive(filter: &Value, tags: &BTreeMap<String, String>) -> bool {
    let text = |name: &str| filter[name].as_str().unwrap_or_default();
    let children = || filter["nodes"].as_array().unwrap().iter();
    match text("op") {
        "and" => return !children().any(|child| !naive(child, tags)),
        "or" => return children().filter(|child| naive(child, tags)).count() > 0,
        "not" => return !naive(&filter["nodes"][0], tags),
        _ => {}
    }
    let (value, tag) = (text("val"), tags.get(text("key")));
    let listed =
        || filter["vals"].as_array().unwrap().iter().any(|value| tag.is_some_and(|tag| value == tag));
    let numbers = || Some((hundredths(tag?)?, hundredths(value)?));
    match text("cmp") {
        "eq" => tag.is_some_and(|tag| tag == value),
        "neq" => tag.is_none_or(|tag| tag != value),
        "in" => listed(),
        "nin" => !listed(),
        "ex" => tag.is_some(),
        "nex" => tag.is_none(),
        "sw" => tag.is_some_and(|tag| tag.find(value) == Some(0)),
        "ew" => tag
            .is_some_and(|tag| tag.len() >= value.len() && tag.rfind(value) == Some(tag.len() - value.len())),
        "ct" => tag.is_some_and(|tag| tag.contains(value)),
        "gt" => numbers().is_some_and(|(tag, value)| tag > value),
        "gte" => numbers().is_some_and(|(tag, value)| tag >= value),
        "lt" => numbers().is_some_and(|(tag, value)| tag < value),
        "lte" => numbers().is_some_and(|(tag, value)| tag <= value),
        cmp => panic!("unknown to this test: {cmp}"),
    }
}

fn values() -> impl Strategy<Value = String> {
    prop_oneof!["[ab]{1,3}", "-?[0-9]{1,2}", "-?[0-9]{1,2}\\.[0-9]{1,2}"]
}

fn filters() -> impl Strategy<Value = Value> {
    let one = (
        prop::sample::select(vec!["eq", "neq", "sw", "ew", "ct", "gt", "gte", "lt", "lte"]),
        "[klm]",
        values(),
    )
        .prop_map(|(cmp, key, val)| json!({"key": key, "cmp": cmp, "val": val}));
    let many = (prop::sample::select(vec!["in", "nin"]), "[klm]", vec(values(), 1..4))
        .prop_map(|(cmp, key, vals)| json!({"key": key, "cmp": cmp, "vals": vals}));
    let none = (prop::sample::select(vec!["ex", "nex"]), "[klm]")
        .prop_map(|(cmp, key)| json!({"key": key, "cmp": cmp}));
    prop_oneof![4 => one, 1 => many, 1 => none].prop_recursive(4, 32, 4, |inner| {
        prop_oneof![
            (prop::sample::select(vec!["and", "or"]), vec(inner.clone(), 1..4))
                .prop_map(|(op, nodes)| json!({"op": op, "nodes": nodes})),
            inner.prop_map(|node| json!({"op": "not", "nodes": [node]})),
        ]
    })
}

proptest! {
    #[test]
    fn any_filter_does_what_the_naive_one_does(filter in filters(), tags in vec(proptest::collection::btree_map("[klmn]", values(), 0..4), 1..10)) {
        let read = from_json(&filter).unwrap();
        prop_assert_eq!(&from_protobuf(&filter).unwrap(), &read);
        for tags in tags {
            let sorted: Vec<(Box<str>, Box<str>)> = tags.iter().map(|(key, value)| (key.as_str().into(), value.as_str().into())).collect();
            prop_assert_eq!(read.matches(&sorted), naive(&filter, &tags), "{} with {:?}", filter, tags);
        }
    }

    #[test]
    fn any_bytes_are_a_filter_or_an_error(bytes in vec(any::<u8>(), 0..100)) {
        let mut request = Vec::new();
        field(&mut request, 13, &bytes);
        let mut message = vec![8, 1];
        field(&mut message, 5, &request);
        let mut frame = Vec::new();
        varint(&mut frame, message.len() as u64);
        frame.extend(message);
        let commands = Codec::Protobuf.decode_frame(&Bytes::from(frame), &Limits::default()).unwrap();
        prop_assert!(matches!(&commands[0].request, Request::Subscribe(subscribe) if subscribe.filter.is_some()));
    }
}
