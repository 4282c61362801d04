use serde_json::{Map, Value, json};

use super::schemas::{Schemas, empty};
use crate::{
    endpoint::{Input, MountedOperation},
    model::WireField,
    problem::In,
};

/// Schemas may be nested this deep before a parameter's model is taken to be recursive.
const DEPTH: u8 = 16;

/// The parameter objects of an operation: those of the path first and in its order, then the others as declared.
pub(crate) fn parameters(operation: &MountedOperation, schemas: &Schemas) -> Vec<Value> {
    let names = template_names(&operation.path);
    let mut all: Vec<Parameter> = Vec::new();
    for input in &operation.spec.inputs {
        let Input::Parameters { location, schema, wire, optional } = input else { continue };
        let schema = schemas.input(schema);
        let mut fields = fields(&schema, schemas, DEPTH);
        match location {
            In::Path => {
                if fields.is_empty() {
                    fields = positional(&schema, &names);
                }
                fields.retain(|field| names.contains(&field.name.as_str()));
            }
            In::Query if !has_own_names(&schema, schemas, DEPTH) => fields.push(Field::any(&schema, schemas)),
            In::Header => fields.retain(|field| !is_ignored_header(&field.name)),
            _ => {}
        }
        for field in fields {
            let doubled = all.iter().any(|p| p.location == *location && p.is_called(&field.name));
            if !doubled {
                all.push(Parameter::new(*location, field, wire, *optional));
            }
        }
    }
    for name in &names {
        if !all.iter().any(|p| p.location == In::Path && p.is_called(name)) {
            all.push(Parameter::new(In::Path, Field::text(name), &[], false));
        }
    }
    let place = |p: &Parameter| names.iter().position(|name| p.location == In::Path && p.is_called(name));
    all.sort_by_key(|p| place(p).unwrap_or(usize::MAX));
    all.into_iter().map(|p| p.value).collect()
}

struct Parameter {
    location: In,
    name: String,
    value: Value,
}

impl Parameter {
    fn new(location: In, field: Field, wire: &'static [WireField], all_optional: bool) -> Self {
        let Field { name, mut schema, required, free } = field;
        let (null, commas) = find(wire, &name).map_or((false, false), |field| (field.null, field.commas));
        if !null {
            without_null(&mut schema);
        }
        if schema == Value::Bool(true) {
            schema = empty();
        }

        let mut value = Map::new();
        value.insert("name".into(), name.as_str().into());
        value.insert("in".into(), location.as_str().into());
        if let Some(object) = schema.as_object_mut() {
            for key in ["description", "deprecated"] {
                if let Some(moved) = object.shift_remove(key) {
                    value.insert(key.into(), moved);
                }
            }
        }
        if location == In::Path || (required && !all_optional) {
            value.insert("required".into(), true.into());
        }
        if free {
            value.insert("style".into(), "form".into());
            value.insert("explode".into(), true.into());
        }
        // In paths and headers a list is separated by commas already (style `simple`).
        if commas && matches!(location, In::Query | In::Cookie) {
            value.insert("style".into(), "form".into());
            value.insert("explode".into(), false.into());
        }
        value.insert("schema".into(), schema);
        Self { location, name, value: value.into() }
    }

    /// Header names are compared without regard to case.
    fn is_called(&self, name: &str) -> bool {
        self.name == name || (self.location == In::Header && self.name.eq_ignore_ascii_case(name))
    }
}

/// One property of a model.
struct Field {
    name: String,
    schema: Value,
    required: bool,
    /// Stands for names that nobody knows beforehand.
    free: bool,
}

impl Field {
    fn text(name: &str) -> Self {
        Self { name: name.to_owned(), schema: json!({"type": "string"}), required: true, free: false }
    }

    /// Any number of names that the model does not fix: an exploded object.
    fn any(schema: &Value, schemas: &Schemas) -> Self {
        let object = schemas.target(schema).unwrap_or(schema);
        let values = object.get("additionalProperties").cloned().unwrap_or(Value::Bool(true));
        let schema = json!({"type": "object", "additionalProperties": values});
        Self { name: "parameters".to_owned(), schema, required: false, free: true }
    }
}

/// The properties of a model, wherever its schema has them: in itself, behind a reference, in `allOf`, or in the
/// branches of a union, where only what every branch requires is required.
fn fields(schema: &Value, schemas: &Schemas, depth: u8) -> Vec<Field> {
    let mut found = Vec::new();
    let Some(depth) = depth.checked_sub(1) else { return found };
    if let Some(target) = schemas.target(schema) {
        merge(&mut found, fields(target, schemas, depth));
    }
    let required = |name: &str| {
        schema.get("required").and_then(Value::as_array).is_some_and(|names| names.iter().any(|n| n == name))
    };
    let own = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
    merge(
        &mut found,
        own.map(|(name, schema)| Field {
            name: name.clone(),
            schema: schema.clone(),
            required: required(name),
            free: false,
        })
        .collect(),
    );
    if !found.is_empty()
        && let Some(values) =
            schema.get("additionalProperties").filter(|values| **values != Value::Bool(false))
    {
        found.push(Field::any(&json!({"additionalProperties": values}), schemas));
    }
    for part in branches(schema, "allOf") {
        merge(&mut found, fields(part, schemas, depth));
    }
    for word in ["oneOf", "anyOf"] {
        let each: Vec<Vec<Field>> = branches(schema, word).map(|b| fields(b, schemas, depth)).collect();
        let everywhere = |name: &str| each.iter().all(|b| b.iter().any(|f| f.required && f.name == name));
        let required: Vec<String> = each
            .iter()
            .flatten()
            .filter(|field| everywhere(&field.name))
            .map(|field| field.name.clone())
            .collect();
        for mut branch in each {
            for field in &mut branch {
                field.required = required.contains(&field.name);
            }
            merge(&mut found, branch);
        }
    }
    found
}

fn branches<'a>(schema: &'a Value, word: &str) -> impl Iterator<Item = &'a Value> {
    schema.get(word).and_then(Value::as_array).into_iter().flatten()
}

fn merge(into: &mut Vec<Field>, more: Vec<Field>) {
    for field in more {
        match into.iter_mut().find(|known| known.name == field.name) {
            None => into.push(field),
            Some(known) => {
                known.required |= field.required;
                either(&mut known.schema, field.schema);
            }
        }
    }
}

/// What fits one of two schemas. Constants, such as the tags of variants, become one `enum`.
fn either(one: &mut Value, other: Value) {
    if *one == other {
        return;
    }
    if let (Some(mut values), Some(more)) = (constants(one), constants(&other)) {
        values.extend(more);
        values.dedup();
        *one = json!({"type": "string", "enum": values});
    } else if let Some(any) = one.get_mut("anyOf").and_then(Value::as_array_mut) {
        if !any.contains(&other) {
            any.push(other);
        }
    } else {
        *one = json!({"anyOf": [one.take(), other]});
    }
}

fn constants(schema: &Value) -> Option<Vec<Value>> {
    match (schema.get("const"), schema.get("enum")) {
        (Some(value), _) => value.is_string().then(|| vec![value.clone()]),
        (None, Some(values)) => values.as_array().filter(|v| v.iter().all(Value::is_string)).cloned(),
        (None, None) => None,
    }
}

/// A number, a string or a tuple takes the path's parameters in their order.
fn positional(schema: &Value, names: &[&str]) -> Vec<Field> {
    let items: Vec<&Value> = match schema.get("prefixItems").and_then(Value::as_array) {
        Some(items) => items.iter().collect(),
        None => vec![schema],
    };
    let field = |(name, schema): (&&str, &&Value)| Field { schema: (*schema).clone(), ..Field::text(name) };
    // The endpoint's own parameters are the last ones; those before them are of the prefixes around it.
    let own = names.get(names.len().saturating_sub(items.len())..).unwrap_or_default();
    own.iter().zip(&items).map(field).collect()
}

/// Whether the schema is of something with known names, even if there are none of them.
fn has_own_names(schema: &Value, schemas: &Schemas, depth: u8) -> bool {
    let Some(depth) = depth.checked_sub(1) else { return true };
    match schemas.target(schema) {
        Some(target) => has_own_names(target, schemas, depth),
        None => {
            schema.get("additionalProperties").is_none_or(|values| *values == Value::Bool(false))
                && (schema.get("type").is_none_or(|kind| kind != "array"))
                || schema.get("properties").is_some()
        }
    }
}

/// Takes `null` out of what a parameter may be, since a missing parameter stands for it.
fn without_null(schema: &mut Value) {
    let Some(object) = schema.as_object_mut() else { return };
    if object.get("default").is_some_and(Value::is_null) {
        object.shift_remove("default");
    }
    if let Some(Value::Array(types)) = object.get_mut("type") {
        types.retain(|kind| kind != "null");
        if let [one] = types.as_slice() {
            let one = one.clone();
            object.insert("type".into(), one);
        }
    }
    if let Some(Value::Array(values)) = object.get_mut("enum") {
        values.retain(|value| !value.is_null());
    }
    if let Some(Value::Array(any)) = object.get_mut("anyOf") {
        any.retain(|branch| branch.get("type").is_none_or(|kind| kind != "null"));
        if let [one] = any.as_slice() {
            let one = one.clone();
            object.shift_remove("anyOf");
            if let Value::Object(one) = one {
                object.extend(one);
            }
        }
    }
}

/// The field of that name, also when it is in a flattened model.
fn find(wire: &'static [WireField], name: &str) -> Option<&'static WireField> {
    WireField::find(wire, &|wire| wire == name)
}

/// The names in braces.
pub(super) fn template_names(path: &str) -> Vec<&str> {
    path.split('{').skip(1).filter_map(|part| part.split_once('}')).map(|(name, _)| name).collect()
}

/// OpenAPI 3.1 says that parameters of these names are ignored: content negotiation and security describe them.
fn is_ignored_header(name: &str) -> bool {
    ["accept", "content-type", "authorization"].iter().any(|ignored| name.eq_ignore_ascii_case(ignored))
}
