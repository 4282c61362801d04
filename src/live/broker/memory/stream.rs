use std::{collections::VecDeque, sync::Arc, time::Duration};

use tokio::time::Instant;

use super::{
    super::{History, HistoryQuery, PublicationDraft, StreamOptions, timetable::after},
    seats::Seat,
};
use crate::live::{Epoch, Position, Publication};

/// One life of a channel's stream: a run of offsets without a hole, of which the latest are here.
#[derive(Debug)]
pub(super) struct Stream {
    epoch: Epoch,
    top: u64,
    /// Oldest first, ending with `top` unless all are gone.
    entries: VecDeque<Entry>,
    /// Of the entries; one for all, so that they expire in their order.
    ttl: Duration,
    version: u64,
    version_epoch: Option<Arc<str>>,
    /// When the epoch is forgotten. Never before the entries.
    ends: Instant,
    /// Held as long as it lives.
    _seat: Seat,
}

#[derive(Debug)]
struct Entry {
    published: Instant,
    publication: Arc<Publication>,
}

impl Stream {
    pub(super) fn begin(now: Instant, meta_ttl: Duration, seat: Seat) -> Self {
        Self {
            epoch: format!("{:016x}", rand::random::<u64>()).into(),
            top: 0,
            entries: VecDeque::new(),
            ttl: Duration::ZERO,
            version: 0,
            version_epoch: None,
            ends: after(now, meta_ttl),
            _seat: seat,
        }
    }

    pub(super) fn position(&self) -> Position {
        Position { offset: self.top, epoch: self.epoch.clone() }
    }

    pub(super) fn epoch(&self) -> &Epoch {
        &self.epoch
    }

    pub(super) fn is_over(&self, now: Instant) -> bool {
        self.ends <= now
    }

    /// Whether only the position is left.
    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// When the next thing expires.
    pub(super) fn due(&self) -> Instant {
        self.entries.front().map_or(self.ends, |oldest| after(oldest.published, self.ttl).min(self.ends))
    }

    /// Whether this state was published, or a later one.
    pub(super) fn has_version(&self, draft: &PublicationDraft) -> bool {
        let same_epoch = draft.version_epoch.is_none() || draft.version_epoch == self.version_epoch;
        draft.version > 0 && draft.version <= self.version && same_epoch
    }

    pub(super) fn newest(&self) -> Option<&Arc<Publication>> {
        self.entries.back().map(|entry| &entry.publication)
    }

    /// Gives the next place and keeps as much as the options say.
    pub(super) fn append(
        &mut self,
        now: Instant,
        draft: &PublicationDraft,
        options: &StreamOptions,
    ) -> Arc<Publication> {
        self.top = self.top.saturating_add(1);
        if draft.version > 0 {
            self.version = draft.version;
            if draft.version_epoch.is_some() {
                self.version_epoch.clone_from(&draft.version_epoch);
            }
        }
        let publication = Arc::new(publication(self.top, draft));
        self.ttl = options.ttl;
        self.ends = after(now, options.meta_ttl.max(options.ttl));
        self.expire(now);
        while self.entries.len() >= options.size.max(1) {
            self.entries.pop_front();
        }
        self.entries.push_back(Entry { published: now, publication: Arc::clone(&publication) });
        publication
    }

    /// Forgets entries that are too old.
    pub(super) fn expire(&mut self, now: Instant) {
        while let Some(oldest) = self.entries.front()
            && after(oldest.published, self.ttl) <= now
        {
            self.entries.pop_front();
        }
        if self.entries.is_empty() && self.entries.capacity() > 0 {
            self.entries = VecDeque::new();
        }
    }

    /// Forgets the entries, not the position.
    pub(super) fn clear(&mut self) {
        self.entries = VecDeque::new();
    }

    pub(super) fn read(&mut self, now: Instant, query: &HistoryQuery) -> History {
        self.expire(now);
        self.ends = self.ends.max(after(now, query.meta_ttl));
        let position = self.position();
        let limit = query.limit.unwrap_or(usize::MAX);
        let publications = match &query.since {
            Some(since) if !since.epoch.is_empty() && since.epoch != self.epoch => Vec::new(),
            Some(since) if query.reverse => {
                let earlier = self.entries.partition_point(|entry| entry.publication.offset < since.offset);
                self.entries.range(..earlier).rev().take(limit).map(Entry::share).collect()
            }
            Some(since) => {
                let had = self.entries.partition_point(|entry| entry.publication.offset <= since.offset);
                self.entries.range(had..).take(limit).map(Entry::share).collect()
            }
            None if query.reverse => self.entries.iter().rev().take(limit).map(Entry::share).collect(),
            None => self.entries.iter().take(limit).map(Entry::share).collect(),
        };
        History { publications, position }
    }
}

impl Entry {
    fn share(&self) -> Arc<Publication> {
        Arc::clone(&self.publication)
    }
}

pub(super) fn publication(offset: u64, draft: &PublicationDraft) -> Publication {
    Publication {
        offset,
        data: draft.data.clone(),
        info: draft.info.clone(),
        tags: draft.tags.clone(),
        time: draft.time,
        version: draft.version,
        key: draft.key.clone(),
    }
}
