use serde_json::Value;

/// The deepest value that is checked; what serde_json allows. Formats of other crates may nest deeper.
pub(super) const MAX_DEPTH: usize = 128;

/// How much a value may weigh: each node counts once for every level that it is below. The validator gathers all errors before it
/// gives one, and copies what is below a choice once a level, so this bounds its memory too.
const MAX_WEIGHT: usize = 100_000;

/// What it costs to look at a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Weight {
    /// A reasonable amount.
    Light,
    /// More than an answer is worth; reading it once more is fine.
    #[cfg_attr(not(feature = "explain"), allow(dead_code, reason = "only schemas care"))]
    Heavy,
    /// A stack.
    TooDeep,
}

/// Weighs a value without going down on the stack. `growth` is how many times a level is walked for each walk of the one above;
/// with 1, a level costs one walk more than the one above.
pub(super) fn weigh(value: &Value, growth: usize) -> Weight {
    let mut weight = 0_usize;
    let mut open = vec![(value, 1_usize, 1_usize)];
    while let Some((value, depth, cost)) = open.pop() {
        if depth > MAX_DEPTH {
            return Weight::TooDeep;
        }
        weight = weight.saturating_add(cost);
        // A choice is looked at once to see whether it fits, and once more to see why not.
        let below = if growth > 1 { cost.saturating_mul(growth + 1) } else { depth + 1 };
        match value {
            Value::Array(items) => open.extend(items.iter().map(|item| (item, depth + 1, below))),
            Value::Object(entries) => open.extend(entries.values().map(|entry| (entry, depth + 1, below))),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    if weight > MAX_WEIGHT { Weight::Heavy } else { Weight::Light }
}
