use std::{collections::HashMap, sync::Arc, time::Duration};

use tokio::time::Instant;

use super::{
    super::timetable::{Ticket, Timetable, after},
    seats::{Seat, Seats},
    striped::shrink,
};
use crate::live::Position;

/// What became of publications with an idempotency key.
#[derive(Debug, Default)]
pub(super) struct Results {
    channels: HashMap<Arc<str>, HashMap<Arc<str>, Kept>>,
    due: Timetable<(Arc<str>, Arc<str>)>,
}

#[derive(Debug)]
struct Kept {
    position: Position,
    ticket: Ticket,
    _seat: Seat,
}

impl Results {
    pub(super) fn get(&self, channel: &str, key: &str, now: Instant) -> Option<&Position> {
        let kept = self.channels.get(channel)?.get(key)?;
        (kept.ticket.at > now).then_some(&kept.position)
    }

    pub(super) fn put(
        &mut self,
        channel: &str,
        key: &Arc<str>,
        position: Position,
        now: Instant,
        ttl: Duration,
        seats: &Arc<Seats>,
    ) {
        self.forget(channel, key);
        if seats.are_full()
            && let Some((channel, key)) = self.due.pop()
        {
            self.drop_kept(&channel, &key);
        }
        let channel = match self.channels.get_key_value(channel) {
            Some((channel, _)) => Arc::clone(channel),
            None => channel.into(),
        };
        let ticket = self.due.insert(after(now, ttl), (Arc::clone(&channel), Arc::clone(key)));
        let kept = Kept { position, ticket, _seat: seats.take_anyway() };
        self.channels.entry(channel).or_default().insert(Arc::clone(key), kept);
    }

    /// Forgets at most so many that are due, and says how many.
    pub(super) fn expire(&mut self, now: Instant, budget: usize) -> usize {
        let mut done = 0;
        while done < budget
            && let Some((channel, key)) = self.due.pop_due(now)
        {
            self.drop_kept(&channel, &key);
            done += 1;
        }
        shrink(&mut self.channels);
        done
    }

    fn forget(&mut self, channel: &str, key: &str) {
        if let Some(kept) = self.drop_kept(channel, key) {
            self.due.remove(kept.ticket);
        }
    }

    fn drop_kept(&mut self, channel: &str, key: &str) -> Option<Kept> {
        let keys = self.channels.get_mut(channel)?;
        let kept = keys.remove(key);
        if keys.is_empty() {
            self.channels.remove(channel);
        } else {
            shrink(keys);
        }
        kept
    }
}
