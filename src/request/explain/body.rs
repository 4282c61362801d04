#[cfg(feature = "msgpack")]
use serde::de::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, error::Category};

#[cfg(feature = "explain")]
use super::first::first_fault;
#[cfg(not(feature = "explain"))]
use super::plain::first_fault;
use super::{
    explain_value,
    weight::{Weight, weigh},
};
use crate::{
    media::{Parser, Target},
    model::{Model, SchemaOf},
    problem::{Fault, Faults, In},
};

/// Explains a JSON body that did not fit `T`.
pub(crate) fn explain_json<T: DeserializeOwned + Model>(bytes: &[u8]) -> Faults {
    let value = match json_value(bytes) {
        Ok(value) => value,
        Err(fault) => return fault.into(),
    };
    let first = first_fault::<T, _>(In::Body, &mut serde_json::Deserializer::from_slice(bytes));
    together(SchemaOf::of::<T>(), &value, first)
}

/// Explains a body of another format, once it is a value.
#[allow(clippy::needless_pass_by_value, reason = "whoever parsed it has no more use for it")]
pub(crate) fn explain_parsed<T: DeserializeOwned + Model>(value: Value) -> Faults {
    if weigh(&value, 1) == Weight::TooDeep {
        return Fault::new(In::Body, "", "syntax", "is nested too deeply").into();
    }
    let first = first_fault::<T, _>(In::Body, &value);
    together(SchemaOf::of::<T>(), &value, first)
}

/// Explains a body that the application's own parser reads.
pub(crate) fn explain_custom<T: DeserializeOwned + Model>(parser: &dyn Parser, bytes: &[u8]) -> Faults {
    match custom_value(parser, bytes) {
        Ok(value) => explain_parsed::<T>(value),
        Err(fault) => fault.into(),
    }
}

/// Explains a MessagePack body that did not fit `T`.
#[cfg(feature = "msgpack")]
pub(crate) fn explain_msgpack<T: DeserializeOwned + Model>(bytes: &[u8]) -> Faults {
    let mut reader = rmp_serde::Deserializer::from_read_ref(bytes);
    // rmp-serde would go down a thousand levels, which a small stack does not hold.
    reader.set_max_depth(super::weight::MAX_DEPTH);
    match Value::deserialize(&mut reader) {
        Ok(value) => explain_parsed::<T>(value),
        Err(error) => msgpack_fault(&error).into(),
    }
}

/// Everything that the schema says. Serde is asked too: for what no schema says, and for doubled names, of which a value
/// has only the last.
fn together(schema: SchemaOf, value: &Value, first: Option<Fault>) -> Faults {
    let mut faults = explain_value(In::Body, schema, value);
    if let Some(first) = first
        && (faults.is_empty() || first.code == "duplicate")
    {
        faults.push(first);
    }
    if faults.is_empty() {
        // It did not fit before and does now; a type that looks at more than its input can do that.
        faults.push(Fault::new(In::Body, "", "invalid", super::reason::NOT_VALID));
    }
    faults
}

fn json_value(bytes: &[u8]) -> Result<Value, Fault> {
    if bytes.trim_ascii().is_empty() {
        return Err(Fault::new(In::Body, "", "required", super::reason::REQUIRED));
    }
    serde_json::from_slice(bytes).map_err(|error| {
        let what = match error.classify() {
            Category::Eof => "it ends too early",
            // These texts are serde_json's own and hold nothing of the input.
            _ if error.to_string().starts_with("recursion limit exceeded") => "it is nested too deeply",
            _ if error.to_string().starts_with("number out of range") => "a number is out of range",
            Category::Syntax | Category::Data | Category::Io => "syntax error",
        };
        let detail = format!("is not valid JSON: {what} at line {} column {}", error.line(), error.column());
        Fault::new(In::Body, "", "syntax", detail)
    })
}

fn custom_value(parser: &dyn Parser, bytes: &[u8]) -> Result<Value, Fault> {
    let mut value = None;
    let mut read = |deserializer: &mut dyn erased_serde::Deserializer<'_>| {
        value = Some(erased_serde::deserialize::<Value>(deserializer)?);
        Ok(())
    };
    let parsed = parser.parse(bytes, &mut Target::new(&mut read));
    match (parsed, value) {
        (Ok(()), Some(value)) => Ok(value),
        _ => Err(Fault::new(In::Body, "", "syntax", format!("is not valid {}", parser.media_type()))),
    }
}

#[cfg(feature = "msgpack")]
fn msgpack_fault(error: &rmp_serde::decode::Error) -> Fault {
    use rmp_serde::decode::Error;
    match error {
        Error::DepthLimitExceeded => {
            Fault::new(In::Body, "", "syntax", "is not valid MessagePack: it is nested too deeply")
        }
        // Bytes and extensions have no JSON form, but are MessagePack.
        Error::Syntax(_) | Error::Uncategorized(_) => {
            Fault::new(In::Body, "", "invalid", super::reason::NOT_VALID)
        }
        _ => Fault::new(In::Body, "", "syntax", "is not valid MessagePack"),
    }
}
