//! Whatever is sent, no answer repeats it.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail")]
#![allow(clippy::use_self, clippy::needless_pass_by_value, reason = "in generated code and shorthands")]

use std::{borrow::Cow, collections::BTreeMap};

use proptest::prelude::*;
use schemars::JsonSchema;
use serde::{
    Deserialize,
    de::{DeserializeOwned, Error as _, Unexpected},
};
use serde_json::{Value, json};

use super::{
    body::explain_parsed,
    explain_json, explain_pairs,
    reason::{Reason, safe_reason},
};
use crate::{
    endpoint::DEFAULT_PAIRS_LIMIT as DEFAULT_PAIRS,
    model::{Model, SchemaOf},
    problem::{Faults, In},
    request::flat::{Pairs, read_pairs},
};

/// Stands in every value; no name or sentence of the program holds it.
const SECRET: &str = "Qx7";

macro_rules! models {
    ($($ty:ident)+) => {$(
        impl Model for $ty {
            const NAME: &'static str = stringify!($ty);
        }
    )+};
}

models!(Order Tagged Untagged Adjacent Outside);

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "only refusals are looked at")]
struct Order {
    #[schemars(length(max = 2))]
    a: String,
    b: u8,
    c: Option<Tagged>,
    d: Vec<Untagged>,
    e: Outside,
    f: char,
    #[schemars(email)]
    g: String,
    h: Adjacent,
    i: BTreeMap<u8, bool>,
    j: (f32, Option<bool>),
    #[serde(deserialize_with = "chatty")]
    k: String,
}

/// A type that repeats what it was given, in words that look like serde's.
fn chatty<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    Err(D::Error::custom(format!("{text}, expected {text}")))
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(tag = "kind")]
#[allow(dead_code, reason = "only refusals are looked at")]
enum Tagged {
    One { one: u8 },
    Two { two: String },
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(tag = "t", content = "c")]
#[allow(dead_code, reason = "only refusals are looked at")]
enum Adjacent {
    One(u8),
    Two { two: bool },
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
#[allow(dead_code, reason = "only refusals are looked at")]
enum Untagged {
    Number(i8),
    Inner { one: bool },
}

#[derive(Debug, Deserialize, JsonSchema)]
#[allow(dead_code, reason = "only refusals are looked at")]
enum Outside {
    Plain,
    Filled(u8),
    Named { name: bool },
}

fn assert_silent(faults: &Faults) -> Result<(), TestCaseError> {
    for fault in faults {
        prop_assert!(!fault.detail.contains(SECRET), "{fault:?}");
        prop_assert!(!fault.code.contains(SECRET), "{fault:?}");
        prop_assert!(!fault.pointer.contains(SECRET), "{fault:?}");
    }
    prop_assert!(!faults.is_empty());
    Ok(())
}

/// Text that tries to end what stands around it.
fn hostile() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just(SECRET.to_owned()),
        Just("`, expected `".to_owned()),
        Just(", expected ".to_owned()),
        Just(", expected one of `a`, `b`".to_owned()),
        Just("\", expected a ".to_owned()),
        Just("invalid type: string \"".to_owned()),
        Just("missing field `".to_owned()),
        Just("`, there are no variants".to_owned()),
        Just(" at line 1 column 2".to_owned()),
        Just("\\\"\n`".to_owned()),
        "[ -~]{0,6}",
    ];
    prop::collection::vec(piece, 0..6).prop_map(|pieces| format!("{SECRET}{}{SECRET}", pieces.concat()))
}

fn leaf() -> impl Strategy<Value = Value> {
    prop_oneof![
        hostile().prop_map(Value::from),
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-300_i64..300).prop_map(Value::from),
    ]
}

const NAMES: &[&str] = &[
    "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "kind", "one", "two", "t", "Filled", "Named",
    "name", "1",
];

fn value() -> impl Strategy<Value = Value> {
    let tag = prop_oneof![Just(json!("One")), Just(json!("Two")), Just(json!("Plain"))];
    prop_oneof![4 => leaf(), 1 => tag].prop_recursive(4, 40, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((prop::sample::select(NAMES), inner), 0..8).prop_map(|entries| {
                Value::Object(entries.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
            }),
        ]
    })
}

fn order() -> impl Strategy<Value = Value> {
    prop::collection::vec(value(), 11).prop_map(|values| {
        Value::Object(NAMES.iter().zip(values).map(|(name, value)| ((*name).to_owned(), value)).collect())
    })
}

fn all_of<T: DeserializeOwned + Model>(value: &Value) -> Result<(), TestCaseError> {
    let text = value.to_string();
    if serde_json::from_str::<T>(&text).is_err() {
        assert_silent(&explain_json::<T>(text.as_bytes()))?;
        assert_silent(&explain_parsed::<T>(value.clone()))?;
        let broken = text.get(..text.len().saturating_sub(1)).unwrap_or_default();
        if !broken.is_empty() && serde_json::from_str::<T>(broken).is_err() {
            assert_silent(&explain_json::<T>(broken.as_bytes()))?;
        }
    }
    Ok(())
}

/// Each schema as it is, and with its choices decided.
#[cfg(feature = "explain")]
fn validators() -> &'static [(jsonschema::Validator, jsonschema::Validator)] {
    static MADE: std::sync::OnceLock<Vec<(jsonschema::Validator, jsonschema::Validator)>> =
        std::sync::OnceLock::new();
    MADE.get_or_init(|| {
        let schemas = [
            SchemaOf::of::<Order>(),
            SchemaOf::of::<Tagged>(),
            SchemaOf::of::<Adjacent>(),
            SchemaOf::of::<Outside>(),
            SchemaOf::of::<Option<Outside>>(),
        ];
        let compiled = |schema: &Value| jsonschema::draft202012::options().offline().build(schema).unwrap();
        let both = schemas.map(|schema| {
            let whole = (*crate::request::flat::root_schema(schema)).clone();
            let mut narrowed = whole.clone();
            super::narrow::narrow(&mut narrowed);
            (compiled(&whole), compiled(&narrowed))
        });
        both.into()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn a_body_is_never_repeated(value in prop_oneof![order(), value()]) {
        all_of::<Order>(&value)?;
        all_of::<Tagged>(&value)?;
        all_of::<Adjacent>(&value)?;
        all_of::<Untagged>(&value)?;
        all_of::<Outside>(&value)?;
        all_of::<Vec<Order>>(&value)?;
        all_of::<BTreeMap<String, Outside>>(&value)?;
    }

    /// Deciding the choices of a schema changes neither what is valid nor what is not.
    #[cfg(feature = "explain")]
    #[test]
    fn a_narrowed_schema_means_the_same(value in prop_oneof![order(), value()]) {
        for (whole, narrowed) in validators() {
            let parts = value.as_object().into_iter().flat_map(|entries| entries.values());
            for value in std::iter::once(&value).chain(parts) {
                prop_assert_eq!(whole.is_valid(value), narrowed.is_valid(value));
            }
        }
    }

    #[test]
    fn pairs_are_never_repeated(
        list in prop::collection::vec((prop::sample::select(NAMES), hostile()), 0..12),
    ) {
        let pairs = list.iter().map(|(name, value)| (Cow::Borrowed(*name), Cow::Borrowed(value.as_str())));
        let pairs = Pairs::from_text(In::Query, pairs, DEFAULT_PAIRS).unwrap();
        let error = read_pairs::<Order>(&pairs).unwrap_err();
        prop_assert!(!error.to_string().contains(SECRET));
        assert_silent(&explain_pairs(In::Query, SchemaOf::of::<Order>(), &pairs, &[], error))?;
    }

    /// Every message that serde itself can write, with a hostile value in it.
    #[test]
    fn a_message_of_serde_keeps_only_the_programs_part(text in hostile(), letter in any::<char>()) {
        type E = serde_json::Error;
        const NAMES: &[&str] = &["north", "south"];
        let messages = [
            E::invalid_type(Unexpected::Str(&text), &"u8"),
            E::invalid_type(Unexpected::Other(&text), &"u8"),
            E::invalid_type(Unexpected::Char(letter), &"u8"),
            E::invalid_value(Unexpected::Str(&text), &"a UUID string"),
            E::unknown_variant(&text, NAMES),
            E::unknown_variant(&text, &NAMES[..1]),
            E::unknown_variant(&text, &[]),
            E::custom(&text),
            E::custom(format_args!("cannot read {text}")),
        ];
        for message in messages {
            let message = message.to_string();
            for message in [message.clone(), format!("{message} at line 3 column 14")] {
                let Reason { detail, field, .. } = safe_reason(&message);
                prop_assert!(!detail.contains(SECRET), "{message}: {detail}");
                prop_assert!(field.is_none_or(|field| !field.contains(SECRET)), "{message}: {field:?}");
            }
        }
    }
}

#[test]
fn the_programs_part_is_told() {
    for (message, code, detail, field) in [
        ("missing field `a` at line 1 column 2", "required", "is required", Some("a")),
        ("duplicate field `a`", "duplicate", "must not be given twice", Some("a")),
        ("unknown field `x`, expected `a` or `b`", "unknown", "is not known here", Some("x")),
        ("unknown field `x`, there are no fields", "unknown", "is not known here", Some("x")),
        ("unknown variant `x`, expected one of `a`, `b`, `c`", "enum", "must be one of: a, b, c", None),
        ("unknown variant `x`, expected `a`", "enum", "must be a", None),
        ("invalid type: string \"x\", expected u32", "type", "must be an integer", None),
        ("invalid type: null, expected struct Internal", "type", "must be an object", None),
        ("invalid type: map, expected a sequence", "type", "must be an array", None),
        ("invalid value: integer `300`, expected u8", "invalid", "must be an integer", None),
        ("invalid length 1, expected a tuple of size 2", "length", "must be an array of 2 items", None),
        (
            "invalid length 1, expected tuple struct P with 2 elements",
            "length",
            "must be an array of 2 items",
            None,
        ),
        ("invalid value: string \"x\", expected a UUID string", "invalid", "must be a UUID string", None),
        ("invalid value: string \"x\", expected Secret::Path<T>", "invalid", "is not valid", None),
        ("invalid type: what x, expected u32", "invalid", "is not valid", None),
        ("anything else", "invalid", "is not valid", None),
    ] {
        let reason = safe_reason(message);
        assert_eq!((reason.code, reason.detail.as_ref(), reason.field), (code, detail, field), "{message}");
    }
}
