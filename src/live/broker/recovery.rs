use std::sync::Arc;

use super::{Gap, History, LivePublication, Merged, merge};
use crate::live::{Position, Publication};

/// How many publications a client may recover at once; who missed more reads the application's state again.
pub const RECOVERY_LIMIT: usize = 300;

/// Whether a client gets what it missed. All of it, or nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Recovery {
    /// Whether it does.
    pub recovered: bool,
    /// What it missed, in order; nothing unless recovered.
    pub publications: Vec<Arc<Publication>>,
    /// What the reply tells: after a recovery the place that was asked for, from where the client advances with each
    /// publication; otherwise the stream's top.
    pub position: Position,
    /// Only the newest of everything goes to the client.
    newest_only: bool,
    /// The place before the first publication.
    start: Position,
}

/// Decides a recovery by what the history holds after the place a client was at. It is recovered only when nothing is
/// missing between that place and the stream's top, and no more than `limit` publications lie there.
///
/// `found` answers [`HistoryQuery::recovery`](super::HistoryQuery::recovery). It must not be filtered: what a client
/// does not want counts as present. Filter what [`Recovery::merge`] gives.
///
/// ```
/// use actix_charter::live::{Position, Publication, broker::{History, RECOVERY_LIMIT, recover}};
/// let at = |offset| Position { offset, epoch: "a".into() };
/// let publications = (4..=6).map(|offset| Publication { offset, ..Publication::default() }.into()).collect();
/// let found = History { publications, position: at(6) };
///
/// let recovery = recover(&at(3), found.clone(), RECOVERY_LIMIT);
/// assert!(recovery.recovered);
/// assert_eq!(recovery.position, at(3));
///
/// let recovery = recover(&at(2), found, RECOVERY_LIMIT); // The third was trimmed.
/// assert!(!recovery.recovered && recovery.publications.is_empty());
/// assert_eq!(recovery.position, at(6));
/// ```
#[must_use]
pub fn recover(requested: &Position, found: History, limit: usize) -> Recovery {
    let History { publications, position: top } = found;
    let same = requested.epoch.is_empty() || requested.epoch == top.epoch;
    let whole = match (publications.first(), publications.last()) {
        (Some(first), Some(last)) => {
            Some(first.offset) == requested.offset.checked_add(1) && last.offset == top.offset
        }
        _ => requested.offset == top.offset,
    };
    if !same || !whole || publications.len() > limit {
        return Recovery::none(top);
    }
    let start = Position { offset: requested.offset, epoch: top.epoch };
    Recovery { recovered: true, publications, position: start.clone(), newest_only: false, start }
}

/// Decides for a channel whose newest publication is its whole state: that one is delivered if it is the stream's top
/// and the client does not have it. No place needs to be asked for; [`Position::default`] is none.
///
/// `found` answers [`HistoryQuery::newest`](super::HistoryQuery::newest).
#[must_use]
pub fn recover_newest(requested: &Position, found: History) -> Recovery {
    let History { publications, position: top } = found;
    let Some(newest) = publications.into_iter().next().filter(|newest| newest.offset == top.offset) else {
        return Recovery::none(top);
    };
    if *requested == top {
        return Recovery {
            recovered: true,
            publications: Vec::new(),
            position: top.clone(),
            newest_only: true,
            start: top,
        };
    }
    let start = Position { offset: newest.offset.saturating_sub(1), epoch: top.epoch };
    let position = Position { offset: requested.offset, epoch: start.epoch.clone() };
    Recovery { recovered: true, publications: vec![newest], position, newest_only: true, start }
}

impl Recovery {
    /// Nothing is recovered, or nobody asked: the subscription starts at the stream's top.
    #[must_use]
    pub fn none(top: Position) -> Self {
        Self {
            recovered: false,
            publications: Vec::new(),
            position: top.clone(),
            newest_only: false,
            start: top,
        }
    }

    /// Puts what came meanwhile behind it; see [`merge`]. When it was recovered, everything goes into the reply, whose
    /// position stays what it is; when not, what came follows the reply as pushes.
    ///
    /// # Errors
    /// When there is a hole, or something of another epoch.
    pub fn merge(self, buffered: Vec<LivePublication>) -> Result<Merged, Gap> {
        let mut merged = merge(self.start, self.publications, buffered)?;
        if self.newest_only && merged.publications.len() > 1 {
            merged.publications.drain(..merged.publications.len() - 1);
        }
        Ok(merged)
    }
}
