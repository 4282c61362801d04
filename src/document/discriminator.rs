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
            variants.push((key, composed(std::mem::replace(branch, reference), schemas)));
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
    let schema = object.get("properties")?.get(property)?;
    let value = match (schema.get("const"), schema.get("enum").and_then(Value::as_array).map(Vec::as_slice)) {
        (Some(value), _) | (None, Some([value])) => value.as_str()?,
        _ => return None,
    };
    required.then(|| value.to_owned())
}

/// Resolves a reference that stands beside other rules, as schemars writes a variant with a struct in it. Readers that
/// still drop what stands beside `$ref` would lose the tag.
///
/// A plain object takes in the struct's properties. Anything else becomes an `allOf`, which says the same; but
/// Swagger UI reports an error where an `allOf` comes back to itself.
fn composed(variant: Value, schemas: &Schemas) -> Value {
    let target =
        schemas.target(&variant).and_then(Value::as_object).filter(|target| is_plain(target)).cloned();
    let Value::Object(mut own) = variant else { return variant };
    let Some(reference) = own.shift_remove("$ref") else { return own.into() };
    if let Some(target) = target
        && is_plain(&own)
    {
        for (key, theirs) in target {
            match (own.get_mut(&key), theirs) {
                (Some(Value::Object(own)), Value::Object(theirs)) => {
                    // The tag wins over a field of the same name, as it does in serde.
                    theirs.into_iter().for_each(|(name, schema)| {
                        own.entry(name).or_insert(schema);
                    });
                }
                (Some(Value::Array(own)), Value::Array(theirs)) => {
                    let new: Vec<Value> = theirs.into_iter().filter(|name| !own.contains(name)).collect();
                    own.extend(new);
                }
                (Some(_), _) => {}
                (None, theirs) => {
                    own.insert(key, theirs);
                }
            }
        }
        return own.into();
    }
    let mut whole = Map::new();
    if let Some(description) = own.shift_remove("description") {
        whole.insert("description".into(), description);
    }
    whole.insert("allOf".into(), json!([{"$ref": reference}, own]));
    whole.into()
}

/// Whether the schema only says which properties an object has.
fn is_plain(object: &Map<String, Value>) -> bool {
    let known = ["type", "properties", "required", "description"];
    object.keys().all(|key| known.contains(&key.as_str()))
        && object.get("type").is_some_and(|t| t == "object")
}

fn is_reference(schema: &Value) -> bool {
    schema.as_object().is_some_and(|object| object.len() == 1 && object.contains_key("$ref"))
}
