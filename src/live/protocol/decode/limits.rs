/// What a frame may hold. How long it may be is for the transport to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Commands in a frame. A client that comes back sends all its subscriptions in one.
    pub commands: usize,
    /// Objects and arrays in one another in JSON, the command itself included.
    pub depth: usize,
    /// Positions in the server's subscriptions.
    pub subscriptions: usize,
    /// Levels of a tag filter.
    pub filter_depth: usize,
    /// Nodes and listed values of a tag filter.
    pub filter_terms: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { commands: 512, depth: 64, subscriptions: 512, filter_depth: 8, filter_terms: 256 }
    }
}
