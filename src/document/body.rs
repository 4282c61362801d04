use std::borrow::Cow;

use serde_json::{Map, Value, json};

use super::schemas::Schemas;
use crate::{
    endpoint::{Input, MountedOperation},
    model::WireField,
};

const MULTIPART: &str = "multipart/form-data";
const FORM: &str = "application/x-www-form-urlencoded";

/// The `requestBody` of an operation.
pub(super) fn request_body(operation: &MountedOperation, schemas: &Schemas) -> Option<Value> {
    let mut content = Map::new();
    let mut required = false;
    for input in &operation.spec.inputs {
        let Input::Body { schema, wire, optional, media_types } = input else { continue };
        required |= !optional;
        let types: Vec<Cow<'_, str>> = if !media_types.is_empty() {
            media_types.iter().cloned().collect()
        } else if schema.is_none() {
            vec![Cow::Borrowed("application/octet-stream")]
        } else {
            operation.parsers.iter().map(|media_type| Cow::Borrowed(media_type.as_str())).collect()
        };
        for media_type in types {
            let mut media = Map::new();
            if let Some(schema) = schema {
                media.insert("schema".into(), schemas.input(schema));
            }
            if let Some(example) = &operation.spec.request_example {
                media.insert("example".into(), example.clone());
            }
            if let Some(encoding) = encoding(&media_type, wire) {
                media.insert("encoding".into(), encoding);
            }
            content.entry(media_type).or_insert_with(|| media.into());
        }
    }
    if content.is_empty() {
        return None;
    }
    let mut body = Map::new();
    if required {
        body.insert("required".into(), true.into());
    }
    body.insert("content".into(), content.into());
    Some(body.into())
}

/// What the schema cannot say of a form's fields: which files they take, and lists within one value.
fn encoding(media_type: &str, wire: &'static [WireField]) -> Option<Value> {
    let mut fields = Map::new();
    for field in WireField::resolve(wire) {
        let encoding = match (media_type, field.upload) {
            (MULTIPART, Some(rule)) if !rule.accept.is_empty() => {
                json!({"contentType": rule.accept.join(", ")})
            }
            (FORM, _) if field.commas => json!({"style": "form", "explode": false}),
            _ => continue,
        };
        fields.insert(field.wire.into(), encoding);
    }
    (!fields.is_empty()).then(|| fields.into())
}
