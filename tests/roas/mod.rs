//! Routers' documents, read by a reader that is not ours.
#![allow(dead_code, reason = "each test binary uses a part of it")]

use actix_charter::prelude::*;
use roas::validation::{Options as Rules, Validate};
use serde_json::Value;

/// The document of a router, once `roas` has found nothing wrong with it.
#[track_caller]
pub(crate) fn valid_document(router: &Router) -> Value {
    let document = match router.document(&Info::new("Test", "1")) {
        Ok(document) => document.to_value().clone(),
        Err(errors) => panic!("{errors}"),
    };
    assert_valid(&document);
    document
}

#[track_caller]
pub(crate) fn assert_valid(document: &Value) {
    let mut read = document.clone();
    drop_formats(&mut read);
    let spec: roas::v3_1::spec::Spec = serde_json::from_value(read).unwrap();
    if let Err(errors) = spec.validate(Rules::IgnoreUnusedTags.into(), None) {
        panic!("{errors}");
    }
}

/// roas takes no integer format but these two; OpenAPI's registry has `uint64` and others, and is open.
fn drop_formats(value: &mut Value) {
    match value {
        Value::Object(object) => {
            if object.get("type").is_some_and(|kind| {
                kind == "integer" || kind.as_array().is_some_and(|kinds| kinds.contains(&"integer".into()))
            }) {
                object.retain(|key, value| key != "format" || *value == "int32" || *value == "int64");
            }
            object.values_mut().for_each(drop_formats);
        }
        Value::Array(items) => items.iter_mut().for_each(drop_formats),
        _ => {}
    }
}

/// A client of the router, whose document is read first.
pub(crate) async fn client(router: Router) -> actix_charter::testing::TestClient {
    valid_document(&router);
    actix_charter::testing::TestClient::new(router).await
}
