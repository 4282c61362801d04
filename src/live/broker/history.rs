use std::{sync::Arc, time::Duration};

use super::META_TTL;
use crate::live::{Position, Publication};

/// Which part of a stream to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryQuery {
    /// At most so many; `Some(0)` asks only for the position, `None` for all there are.
    pub limit: Option<usize>,
    /// Only those after this place or, in reverse, before it. Nothing is found after a place in another epoch; an
    /// empty epoch is any.
    pub since: Option<Position>,
    /// The newest first.
    pub reverse: bool,
    /// How long epoch and top are remembered from now on. Reading a stream that is not there begins it, so that its
    /// readers hold a position.
    pub meta_ttl: Duration,
}

impl HistoryQuery {
    /// Everything, the oldest first.
    #[must_use]
    pub const fn all() -> Self {
        Self { limit: None, since: None, reverse: false, meta_ttl: META_TTL }
    }

    /// Only where the stream is.
    #[must_use]
    pub fn position() -> Self {
        Self { limit: Some(0), ..Self::all() }
    }

    /// The newest publication alone, for [`recover_newest`](super::recover_newest).
    #[must_use]
    pub fn newest() -> Self {
        Self { limit: Some(1), reverse: true, ..Self::all() }
    }

    /// What [`recover`](super::recover) needs to know: all after `requested`, and one more than the limit so that it
    /// sees when there are too many.
    #[must_use]
    pub fn recovery(requested: Position, limit: usize) -> Self {
        Self { limit: Some(limit.saturating_add(1)), since: Some(requested), ..Self::all() }
    }
}

/// Part of a stream.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct History {
    /// What was asked for.
    pub publications: Vec<Arc<Publication>>,
    /// Where the stream is: its epoch and its last offset.
    pub position: Position,
}
