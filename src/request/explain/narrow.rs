//! Makes choices in a schema decidable at one look.
//!
//! A validator tries every form of a choice, and every form of a choice inside that, so a recursive enum costs a power of the
//! depth, and the depth is the sender's. Serde looks at the tag and takes one form. The schema is rewritten to do the same:
//! `oneOf` by tag becomes `if` the tag is this `then` that form. What is valid stays the same.

use std::collections::HashSet;

use serde_json::{Map, Value, json};

/// One form of a choice.
enum Form<'s> {
    /// An object whose field has one of these values.
    Tagged(&'s str, Vec<&'s Value>),
    /// An object with exactly this one field.
    Keyed(&'s str),
    /// Never an object or array.
    Scalar,
    /// Anything else.
    Open,
}

/// Rewrites all choices that can be decided. Tells how many forms are tried at each level of a value: 1 when all are decided
/// or when the schema does not recur, so that the program and not the sender sets the depth.
pub(super) fn narrow(root: &mut Value) -> usize {
    let mut open = 1;
    rewrite(root, &mut open);
    if open > 1 && recurs(root) { open } else { 1 }
}

fn rewrite(schema: &mut Value, open: &mut usize) {
    match schema {
        Value::Array(items) => items.iter_mut().for_each(|item| rewrite(item, open)),
        Value::Object(entries) => {
            entries.values_mut().for_each(|entry| rewrite(entry, open));
            for choice in ["oneOf", "anyOf"] {
                let Some(Value::Array(forms)) = entries.get(choice) else { continue };
                match decided(choice, forms) {
                    Some(decided) => {
                        entries.remove(choice);
                        match entries.get_mut("allOf").and_then(Value::as_array_mut) {
                            Some(all) => all.push(decided),
                            None => drop(entries.insert("allOf".to_owned(), json!([decided]))),
                        }
                    }
                    None => *open = (*open).max(tried(forms)),
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// How many forms are gone into when nothing decides.
fn tried(forms: &[Value]) -> usize {
    forms.iter().filter(|form| !matches!(form_of(form), Form::Scalar)).count()
}

/// The same choice, decided by a tag or by the only key; `None` when neither tells all forms apart.
fn decided(choice: &str, forms: &[Value]) -> Option<Value> {
    let kinds: Vec<_> = forms.iter().map(form_of).collect();
    let mut tag = None;
    let mut values: Vec<&Value> = Vec::new();
    let mut keys: Vec<&str> = Vec::new();
    for kind in &kinds {
        match kind {
            Form::Tagged(name, own) if tag.is_none_or(|tag| tag == *name) => {
                if own.iter().any(|value| values.contains(value)) {
                    return None;
                }
                tag = Some(*name);
                values.extend(own);
            }
            Form::Keyed(key) if !keys.contains(key) => keys.push(key),
            Form::Scalar => {}
            Form::Tagged(..) | Form::Keyed(_) | Form::Open => return None,
        }
    }
    let all = match (tag, keys.is_empty()) {
        (Some(tag), true) => by_tag(tag, &values, forms, &kinds),
        (None, false) => by_key(&keys, forms, &kinds),
        _ => return None,
    };
    let scalars: Vec<&Value> = forms
        .iter()
        .zip(&kinds)
        .filter(|(_, kind)| matches!(kind, Form::Scalar))
        .map(|(form, _)| form)
        .collect();
    let object = json!({ "type": "object" });
    if scalars.is_empty() {
        return Some(json!({ "allOf": all, "type": "object" }));
    }
    let others: Vec<&Value> = scalars.into_iter().chain([&object]).collect();
    Some(json!({ "if": object, "then": { "allOf": all }, "else": { choice: others } }))
}

fn by_tag(tag: &str, values: &[&Value], forms: &[Value], kinds: &[Form<'_>]) -> Vec<Value> {
    let one = |values: &[&Value]| {
        let properties: Map<String, Value> =
            [(tag.to_owned(), json!({ "enum": values }))].into_iter().collect();
        json!({ "type": "object", "properties": properties, "required": [tag] })
    };
    let mut all = vec![one(values)];
    for (form, kind) in forms.iter().zip(kinds) {
        if let Form::Tagged(_, own) = kind {
            all.push(json!({ "if": one(own), "then": form }));
        }
    }
    all
}

fn by_key(keys: &[&str], forms: &[Value], kinds: &[Form<'_>]) -> Vec<Value> {
    let any: Vec<Value> = keys.iter().map(|key| json!({ "required": [key] })).collect();
    let mut all = vec![json!({ "anyOf": any })];
    for (form, kind) in forms.iter().zip(kinds) {
        if let Form::Keyed(key) = kind {
            all.push(json!({ "if": { "type": "object", "required": [key] }, "then": form }));
        }
    }
    all
}

fn form_of(form: &Value) -> Form<'_> {
    let Value::Object(form) = form else { return Form::Open };
    if is_scalar(form) {
        return Form::Scalar;
    }
    if form.get("type").and_then(Value::as_str) != Some("object") {
        return Form::Open;
    }
    let required: Vec<&str> = form
        .get("required")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let Some(properties) = form.get("properties").and_then(Value::as_object) else { return Form::Open };
    for name in &required {
        let Some(property) = properties.get(*name) else { continue };
        if let Some(value) = property.get("const") {
            return Form::Tagged(name, vec![value]);
        }
        if let Some(values) = property.get("enum").and_then(Value::as_array) {
            return Form::Tagged(name, values.iter().collect());
        }
    }
    let closed = form.get("additionalProperties") == Some(&Value::Bool(false));
    match (required.as_slice(), properties.len()) {
        ([key], 1) if closed && properties.contains_key(*key) => Form::Keyed(key),
        _ => Form::Open,
    }
}

fn is_scalar(form: &Map<String, Value>) -> bool {
    let scalar = |name: &Value| name.as_str().is_some_and(|name| name != "object" && name != "array");
    match form.get("type") {
        Some(Value::Array(names)) => names.iter().all(scalar),
        Some(name) => scalar(name),
        None => form.get("const").is_some_and(|value| !value.is_object() && !value.is_array()),
    }
}

/// Whether any definition leads back to itself.
fn recurs(root: &Value) -> bool {
    let Some(definitions) = root.get("$defs").and_then(Value::as_object) else {
        return has_reference(root, "#");
    };
    // What leads nowhere but to definitions that lead nowhere is taken away, until nothing changes; a circle stays.
    let mut left: HashSet<&str> = definitions.keys().map(String::as_str).collect();
    loop {
        let before = left.len();
        let ended: Vec<&str> = left
            .iter()
            .filter(|name| {
                let Some(definition) = definitions.get(**name) else { return true };
                let mut names = Vec::new();
                references(definition, &mut names);
                !names.iter().any(|to| to == "#" || left.iter().any(|name| leads_to(to, name)))
            })
            .copied()
            .collect();
        ended.iter().for_each(|name| {
            left.remove(name);
        });
        if left.len() == before {
            return before > 0;
        }
    }
}

fn leads_to(reference: &str, name: &str) -> bool {
    let decoded = percent_encoding::percent_decode_str(reference).decode_utf8_lossy();
    decoded.strip_prefix("#/$defs/").is_some_and(|to| to.replace("~1", "/").replace("~0", "~") == name)
}

fn has_reference(schema: &Value, wanted: &str) -> bool {
    let mut names = Vec::new();
    references(schema, &mut names);
    names.iter().any(|name| name == wanted)
}

fn references(schema: &Value, found: &mut Vec<String>) {
    match schema {
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        Value::Object(entries) => {
            found.extend(entries.get("$ref").and_then(Value::as_str).map(str::to_owned));
            entries.values().for_each(|entry| references(entry, found));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
