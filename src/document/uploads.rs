use serde_json::{Map, Value};

use super::schemas::PREFIX;
use crate::{
    endpoint::{Input, MountedOperation},
    model::WireField,
};

const MULTIPART: &str = "multipart/form-data";

/// Every form with files, as the id of its type and its fields.
pub(super) fn forms(operation: &MountedOperation) -> impl Iterator<Item = (String, &'static [WireField])> {
    operation.spec.inputs.iter().filter_map(|input| match input {
        Input::Body { schema: Some(schema), wire, media_types, .. }
            if media_types.iter().any(|media_type| media_type == MULTIPART) =>
        {
            Some((schema.id().into_owned(), *wire))
        }
        _ => None,
    })
}

/// Adds what a form's fields are held to beside the schema: how many files there may be and how large they are. A list that is
/// required has at least one value, since a form has no other way to say that it is there.
pub(super) fn limit(form: &mut Value, wire: &[WireField]) {
    let Value::Object(form) = form else { return };
    let required: Vec<String> = match form.get("required") {
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    };
    let Some(Value::Object(properties)) = form.get_mut("properties") else { return };
    for field in wire {
        let Some(Value::Object(property)) = properties.get_mut(field.wire) else { continue };
        let is_list = property.contains_key("items");
        if is_list && required.iter().any(|name| name == field.wire) {
            add(property, "minItems", 1_u64);
        }
        let Some(rule) = field.upload else { continue };
        if let Some(files) = rule.max_files.filter(|_| is_list) {
            add(property, "maxItems", files as u64);
        }
        let Some(size) = rule.max_size else { continue };
        // For binary content the length counts bytes (OpenAPI 3.1, "Considerations for File Uploads").
        match property.get_mut("items") {
            Some(Value::Object(items)) => add(items, "maxLength", size),
            Some(_) => {}
            None => add(property, "maxLength", size),
        }
    }
}

/// What the type says itself stays.
fn add(schema: &mut Map<String, Value>, keyword: &str, limit: u64) {
    if !schema.contains_key("$ref") {
        schema.entry(keyword).or_insert_with(|| limit.into());
    }
}

/// The component that a form's schema refers to.
pub(super) fn component(schema: &Value) -> Option<String> {
    Some(schema.get("$ref")?.as_str()?.strip_prefix(PREFIX)?.to_owned())
}
