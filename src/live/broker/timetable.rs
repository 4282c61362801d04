use std::{collections::BTreeMap, time::Duration};

use tokio::time::Instant;

/// What falls due when, without a timer for each.
#[derive(Debug)]
pub(super) struct Timetable<T> {
    due: BTreeMap<Ticket, T>,
    next: u64,
}

/// Finds an entry again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Ticket {
    pub(super) at: Instant,
    number: u64,
}

impl<T> Default for Timetable<T> {
    fn default() -> Self {
        Self { due: BTreeMap::new(), next: 0 }
    }
}

impl<T> Timetable<T> {
    pub(super) fn insert(&mut self, at: Instant, what: T) -> Ticket {
        let ticket = Ticket { at, number: self.next };
        self.next = self.next.wrapping_add(1);
        self.due.insert(ticket, what);
        ticket
    }

    pub(super) fn remove(&mut self, ticket: Ticket) -> Option<T> {
        self.due.remove(&ticket)
    }

    /// The earliest that is due at `now`.
    pub(super) fn pop_due(&mut self, now: Instant) -> Option<T> {
        let first = self.due.first_entry()?;
        (first.key().at <= now).then(|| first.remove())
    }

    /// The earliest, due or not.
    pub(super) fn pop(&mut self) -> Option<T> {
        self.due.pop_first().map(|(_, what)| what)
    }

    pub(super) fn next_due(&self) -> Option<Instant> {
        self.due.first_key_value().map(|(ticket, _)| ticket.at)
    }

    pub(super) fn len(&self) -> usize {
        self.due.len()
    }
}

/// `now + ttl`, for any `ttl`: what is too far away is ten years away.
pub(super) fn after(now: Instant, ttl: Duration) -> Instant {
    const FAR: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);
    now + ttl.min(FAR)
}
