use serde_json::Value;

/// The document's schemas, ready to be compared with bodies.
#[cfg(feature = "explain")]
pub(super) struct Compiled {
    components: Value,
    /// By the schema's text; each is compiled at its first use.
    validators: std::cell::RefCell<std::collections::HashMap<String, Result<jsonschema::Validator, String>>>,
}

/// Without the feature `explain` there is nothing to compare a body with its schema.
#[cfg(not(feature = "explain"))]
pub(super) struct Compiled;

impl Compiled {
    #[cfg(not(feature = "explain"))]
    pub(super) fn new(_: &Value) -> Self {
        Self
    }

    #[cfg(not(feature = "explain"))]
    pub(super) fn check(&self, _: &Value, _: &str, _: &[u8]) -> Vec<String> {
        Vec::new()
    }

    #[cfg(feature = "explain")]
    pub(super) fn new(document: &Value) -> Self {
        let components = document.get("components").cloned().unwrap_or_default();
        Self { components, validators: std::cell::RefCell::default() }
    }

    /// Everything in which a body of JSON or MessagePack does not fit.
    #[cfg(feature = "explain")]
    pub(super) fn check(&self, schema: &Value, media_type: &str, body: &[u8]) -> Vec<String> {
        let value: Value = if media_type == "application/json" || media_type.ends_with("+json") {
            match serde_json::from_slice(body) {
                Ok(value) => value,
                Err(error) => return vec![format!("the body is not JSON: {error}")],
            }
        } else {
            match msgpack(media_type, body) {
                Some(value) => value,
                None => return Vec::new(),
            }
        };
        let mut validators = self.validators.borrow_mut();
        let validator = validators.entry(schema.to_string()).or_insert_with(|| self.compile(schema));
        match validator {
            Ok(validator) => validator
                .iter_errors(&value)
                .map(|error| format!("the body at {:?}: {error}", error.instance_path().as_str()))
                .collect(),
            Err(error) => vec![format!("the document's schema cannot be used: {error}")],
        }
    }

    #[cfg(feature = "explain")]
    fn compile(&self, schema: &Value) -> Result<jsonschema::Validator, String> {
        let root = serde_json::json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "components": self.components,
            "allOf": [schema],
        });
        let options = jsonschema::draft202012::options().should_validate_formats(true).offline();
        options.build(&root).map_err(|error| error.to_string())
    }
}

#[cfg(all(feature = "explain", feature = "msgpack"))]
fn msgpack(media_type: &str, body: &[u8]) -> Option<Value> {
    media_type.ends_with("msgpack").then(|| rmp_serde::from_slice(body).ok()).flatten()
}

#[cfg(all(feature = "explain", not(feature = "msgpack")))]
fn msgpack(_: &str, _: &[u8]) -> Option<Value> {
    None
}
