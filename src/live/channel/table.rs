use std::collections::HashMap;

use super::pattern::{ChannelPattern, is_channel_name, namespace};

/// Finds the kind of a channel by its name.
#[derive(Debug)]
pub(crate) struct Table<T> {
    /// Names without parameters.
    exact: HashMap<Box<str>, T>,
    /// By what stands before the first `:`; each list in the order of its patterns' ranks.
    spaces: HashMap<Box<str>, Vec<(ChannelPattern, T)>>,
    /// Patterns that leave it open what stands before the first `:`.
    open: Vec<(ChannelPattern, T)>,
}

impl<T> Table<T> {
    /// # Errors
    /// A sentence for each two patterns that a name cannot tell apart.
    pub(crate) fn new(mut all: Vec<(ChannelPattern, T)>) -> Result<Self, Vec<String>> {
        all.sort_by_cached_key(|(pattern, _)| pattern.rank());
        let mut faults = Vec::new();
        for (at, (pattern, _)) in all.iter().enumerate() {
            let rank = pattern.rank();
            for (earlier, _) in all.iter().take(at).filter(|(earlier, _)| earlier.rank() == rank) {
                if earlier.overlaps(pattern) {
                    faults.push(if earlier.text() == pattern.text() {
                        format!("the channel `{}` is declared twice", pattern.text())
                    } else {
                        let (a, b) = (earlier.text(), pattern.text());
                        format!(
                            "the channels `{a}` and `{b}` have the same names: a name cannot tell them apart"
                        )
                    });
                }
            }
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        let mut table = Self { exact: HashMap::new(), spaces: HashMap::new(), open: Vec::new() };
        for (pattern, value) in all {
            if let Some(name) = pattern.literal() {
                table.exact.insert(name.into(), value);
            } else if let Some(space) = pattern.namespace() {
                table.spaces.entry(space.into()).or_default().push((pattern, value));
            } else {
                table.open.push((pattern, value));
            }
        }
        Ok(table)
    }

    pub(crate) fn find(&self, name: &str) -> Option<&T> {
        if !is_channel_name(name) {
            return None;
        }
        if let Some(exact) = self.exact.get(name) {
            return Some(exact);
        }
        // A pattern that says what stands before the `:` comes before all that leave it open.
        let space = namespace(name).and_then(|space| self.spaces.get(space)).map_or(&[][..], Vec::as_slice);
        let mut patterns = space.iter().chain(&self.open);
        patterns.find(|(pattern, _)| pattern.places(name).is_some()).map(|(_, value)| value)
    }
}
