use serde_json::{Map, Value, json};

use super::schemas::{PREFIX, Schemas};

/// Adds `discriminator` to a union whose branches are told apart by one property.
///
/// A discriminator counts only for referenced schemas, so branches written in place become components. They are
/// returned under the keys that `key` makes of the tag's value; `None` when nothing was changed.
pub(super) fn add(
    schema: &mut Value,
    schemas: &Schemas,
    key: impl Fn(&str) -> String,
) -> Option<Vec<(String, Value)>> {
    let object = schema.as_object_mut()?;
    let word = ["oneOf", "anyOf"].into_iter().find(|word| object.contains_key(*word))?;
    let branches = object.get_mut(word)?.as_array_mut().filter(|branches| branches.len() > 1)?;
    let (property, tags) = tag(branches, schemas)?;

    let mut variants = Vec::new();
    let mut mapping = Map::new();
    for (branch, tag) in branches.iter_mut().zip(tags) {
        if !is_reference(branch) {
            let key = key(&tag);
            let reference = json!({"$ref": format!("{PREFIX}{key}")});
            variants.push((key, std::mem::replace(branch, reference)));
        }
        mapping.insert(tag, branch.get("$ref")?.clone());
    }
    object.insert("discriminator".into(), json!({"propertyName": property, "mapping": mapping}));
    Some(variants)
}

/// The property that every branch requires with a constant of its own, and these constants.
fn tag(branches: &[Value], schemas: &Schemas) -> Option<(String, Vec<String>)> {
    let objects: Vec<&Value> = branches
        .iter()
        .map(|branch| if is_reference(branch) { schemas.target(branch) } else { Some(branch) })
        .collect::<Option<_>>()?;
    let candidates = objects.first()?.get("properties")?.as_object()?.keys();
    candidates.into_iter().find_map(|property| {
        let tags: Vec<String> =
            objects.iter().map(|object| constant(object, property)).collect::<Option<_>>()?;
        let distinct = tags.iter().enumerate().all(|(at, tag)| !tags.iter().skip(at + 1).any(|t| t == tag));
        distinct.then(|| (property.clone(), tags))
    })
}

fn constant(object: &Value, property: &str) -> Option<String> {
    let required = object.get("required")?.as_array()?.iter().any(|name| name == property);
    let value = object.get("properties")?.get(property)?.get("const")?.as_str()?;
    required.then(|| value.to_owned())
}

fn is_reference(schema: &Value) -> bool {
    schema.as_object().is_some_and(|object| object.len() == 1 && object.contains_key("$ref"))
}
