//! One document with everything in it.

use roas::validation::{Options, Validate};

use serde_json::Value;

use super::{fixture, schema_names};
#[cfg(feature = "yaml")]
use crate::document::{Document, Info};

#[test]
fn the_whole_document() {
    insta::assert_snapshot!("document", fixture::document().to_json());
}

#[test]
#[cfg(feature = "yaml")]
fn the_whole_document_as_yaml() {
    insta::assert_snapshot!("document_yaml", fixture::document().to_yaml());
}

#[test]
#[cfg(feature = "yaml")]
fn texts_stay_texts_in_yaml() {
    let info = Info::new("no", "1.0").summary("2024-01-01").description("12:30:45").terms_of_service("~");
    let yaml = Document::build(&info, &[], &[]).unwrap().to_yaml();
    for line in [
        "title: \"no\"",
        "version: \"1.0\"",
        "summary: \"2024-01-01\"",
        "description: \"12:30:45\"",
        "termsOfService: \"~\"",
    ] {
        assert!(yaml.lines().any(|l| l.trim() == line), "{line} is not in\n{yaml}");
    }
}

#[test]
fn an_independent_reader_finds_nothing_wrong_with_it() {
    let mut document = fixture::document().to_value().clone();
    drop_formats(&mut document);
    let spec: roas::v3_1::spec::Spec = serde_json::from_value(document.clone()).unwrap();
    if let Err(errors) = spec.validate(Options::IgnoreUnusedTags.into(), None) {
        panic!("{errors}");
    }
    // It also kept everything: what it did not understand would be lost.
    let again = serde_json::to_value(&spec).unwrap();
    for part in ["info", "servers", "tags", "paths"] {
        assert_eq!(again[part], document[part], "{part}");
    }
    for name in schema_names(&document) {
        // roas adds a type where there is an `enum` alone, as in `Problem`.
        if name != "Problem" {
            let schema = |document: &Value| document["components"]["schemas"][name].clone();
            assert_eq!(schema(&again), schema(&document), "{name}");
        }
    }
}

/// roas takes no integer format but these two; OpenAPI's registry has `uint64` and others, and is open.
fn drop_formats(value: &mut Value) {
    match value {
        Value::Object(object) => {
            if object.get("type").is_some_and(|kind| kind == "integer") {
                object.retain(|key, value| key != "format" || *value == "int32" || *value == "int64");
            }
            object.values_mut().for_each(drop_formats);
        }
        Value::Array(items) => items.iter_mut().for_each(drop_formats),
        _ => {}
    }
}
