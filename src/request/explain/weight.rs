use serde_json::Value;

/// The deepest value that is checked; what serde_json allows. Formats of other crates may nest deeper.
const MAX_DEPTH: usize = 128;

/// How much a value may weigh: each node counts once for every level that it is below. The validator gathers all errors before it
/// gives one, and copies what is below a choice once a level, so this bounds its memory too.
const MAX_WEIGHT: usize = 100_000;

/// Whether checking the value against a schema costs a reasonable amount.
pub(super) fn is_light(value: &Value) -> bool {
    let mut weight = 0_usize;
    let mut open = vec![(value, 1_usize)];
    while let Some((value, depth)) = open.pop() {
        weight += depth;
        if depth > MAX_DEPTH || weight + open.len() > MAX_WEIGHT {
            return false;
        }
        match value {
            Value::Array(items) => {
                if weight + items.len() > MAX_WEIGHT {
                    return false;
                }
                open.extend(items.iter().map(|item| (item, depth + 1)));
            }
            Value::Object(entries) => {
                if weight + entries.len() > MAX_WEIGHT {
                    return false;
                }
                open.extend(entries.values().map(|entry| (entry, depth + 1)));
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    true
}
