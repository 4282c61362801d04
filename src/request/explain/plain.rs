//! Without the feature `explain`: no schema is looked at, and the place in a body is not known.

use serde::de::{DeserializeOwned, Deserializer};
use serde_json::Value;

use super::reason::safe_reason;
use crate::{
    model::SchemaOf,
    problem::{Fault, Faults, In},
};

/// Nothing is known of the schema.
pub(crate) fn explain_value(_: In, _: SchemaOf, _: &Value) -> Faults {
    Faults::new()
}

/// What serde says first.
pub(super) fn first_fault<'de, T, D>(location: In, deserializer: D) -> Option<Fault>
where
    T: DeserializeOwned,
    D: Deserializer<'de>,
{
    T::deserialize(deserializer).err().map(|error| fault(location, &error.to_string()))
}

fn fault(location: In, message: &str) -> Fault {
    let reason = safe_reason(message);
    // Serde names the field but not the value that it is in, so a pointer would be a guess.
    let detail = match (reason.code, reason.field) {
        ("required", Some(field)) => format!("lacks the field {field}").into(),
        ("duplicate", Some(field)) => format!("gives the field {field} twice").into(),
        ("unknown", Some(field)) => format!("has the unknown field {field}").into(),
        _ => reason.detail,
    };
    Fault::new(location, "", reason.code, detail)
}
