use serde_json::Value;

/// Adds the limits of the integers that schemars only describes by a format: the document tells them, and a number too wide
/// is told with all other faults.
pub(crate) fn hold_to_width(schema: &mut Value) {
    match schema {
        Value::Array(items) => items.iter_mut().for_each(hold_to_width),
        Value::Object(entries) => {
            let limits: Option<(Value, Value)> = match entries.get("format").and_then(Value::as_str) {
                Some("int32") => Some((i32::MIN.into(), i32::MAX.into())),
                Some("uint32") => Some((0.into(), u32::MAX.into())),
                Some("int64" | "int") => Some((i64::MIN.into(), i64::MAX.into())),
                Some("uint64" | "uint") => Some((0.into(), u64::MAX.into())),
                _ => None,
            };
            if let Some((least, most)) = limits {
                for (limit, stricter, value) in
                    [("minimum", "exclusiveMinimum", least), ("maximum", "exclusiveMaximum", most)]
                {
                    if !entries.contains_key(limit) && !entries.contains_key(stricter) {
                        entries.insert(limit.to_owned(), value);
                    }
                }
            }
            entries.values_mut().for_each(hold_to_width);
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
