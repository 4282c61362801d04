use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
    time::Duration,
};

use tokio::time::Instant;

use super::{
    super::{
        BrokerEvents, History, HistoryQuery, LivePublication, PublicationDraft, Published, StreamOptions,
        Suppressed,
        draft::IDEMPOTENCY_TTL,
        timetable::{Ticket, Timetable},
    },
    results::Results,
    seats::Seats,
    stream::{Stream, publication},
    striped::shrink,
};
use crate::live::Epoch;

/// There is no room for one more stream.
#[derive(Debug)]
pub(super) struct Full;

/// What goes to the subscribers of which channel.
type Told = (Arc<str>, LivePublication);

/// Some of the channels.
#[derive(Debug, Default)]
pub(super) struct Stripe {
    channels: HashMap<Arc<str>, Channel>,
    filing: Filing,
    results: Results,
}

/// A channel that somebody is subscribed to, or that has a stream. Others are not there.
#[derive(Debug)]
struct Channel {
    name: Arc<str>,
    subscriptions: usize,
    stream: Option<Stream>,
    /// When it is looked at next; never after something of it expires.
    scheduled: Option<Ticket>,
    /// Its place among those that may be forgotten when room is needed.
    idle: Option<u64>,
}

#[derive(Debug, Default)]
struct Filing {
    schedule: Timetable<Arc<str>>,
    /// Streams without entries and subscriptions, those that have been so for longest first.
    idle: BTreeMap<u64, Arc<str>>,
    next_idle: u64,
}

impl Stripe {
    /// Appends, then tells. The caller holds the lock over both.
    pub(super) fn publish(
        &mut self,
        name: &str,
        draft: &PublicationDraft,
        options: &StreamOptions,
        seats: (&Arc<Seats>, &Arc<Seats>),
        events: Option<&dyn BrokerEvents>,
    ) -> Result<Published, Full> {
        let now = Instant::now();
        let (streams, keys) = seats;
        if let Some(key) = &draft.idempotency_key
            && let Some(position) = self.results.get(name, key, now)
        {
            let suppressed = Some(Suppressed::Idempotency);
            return Ok(Published { position: position.clone(), suppressed });
        }
        let (published, told) = if options.keeps() {
            self.with(name, |channel| channel.append(now, draft, options, streams))?
        } else {
            (Published::default(), self.channels.get(name).and_then(|channel| channel.pass_on(draft)))
        };
        if let Some(key) = &draft.idempotency_key {
            let ttl = draft.idempotency_ttl.unwrap_or(IDEMPOTENCY_TTL).max(Duration::from_secs(1));
            self.results.put(name, key, published.position.clone(), now, ttl, keys);
        }
        if let (Some((name, live)), Some(events)) = (told, events) {
            events.publication(&name, &live);
        }
        Ok(published)
    }

    pub(super) fn history(
        &mut self,
        name: &str,
        query: &HistoryQuery,
        streams: &Arc<Seats>,
    ) -> Result<History, Full> {
        let now = Instant::now();
        self.with(name, |channel| Ok(channel.stream(now, query.meta_ttl, streams)?.read(now, query)))
    }

    pub(super) fn remove_history(&mut self, name: &str) {
        self.with(name, |channel| channel.stream.as_mut().map(Stream::clear));
    }

    pub(super) fn subscribe(&mut self, name: &str) {
        self.with(name, |channel| channel.subscriptions += 1);
    }

    pub(super) fn unsubscribe(&mut self, name: &str) {
        self.with(name, |channel| channel.subscriptions = channel.subscriptions.saturating_sub(1));
    }

    /// The channel's name, when somebody is subscribed.
    pub(super) fn subscribed(&self, name: &str) -> Option<&Arc<str>> {
        self.channels.get(name).filter(|channel| channel.subscriptions > 0).map(|channel| &channel.name)
    }

    /// Forgets at most so many things that expired, and says how many.
    pub(super) fn expire(&mut self, now: Instant, budget: usize) -> usize {
        let mut done = 0;
        while done < budget
            && let Some(name) = self.filing.schedule.pop_due(now)
        {
            self.with(&name, |channel| {
                channel.scheduled = None;
                channel.expire(now);
            });
            done += 1;
        }
        shrink(&mut self.channels);
        done + self.results.expire(now, budget - done)
    }

    /// Makes room by forgetting a stream that is only a position; whether there was one.
    pub(super) fn forget_idle(&mut self) -> bool {
        let Some((_, name)) = self.filing.idle.pop_first() else { return false };
        self.with(&name, |channel| {
            channel.idle = None;
            channel.stream = None;
        });
        true
    }

    pub(super) fn channels(&self) -> usize {
        self.channels.len()
    }

    /// Does something with a channel, whether it is there or not, and files it as it is then.
    fn with<R>(&mut self, name: &str, act: impl FnOnce(&mut Channel) -> R) -> R {
        if let Some(channel) = self.channels.get_mut(name) {
            let result = act(channel);
            self.filing.file(channel);
            if channel.is_over() {
                self.channels.remove(name);
            }
            return result;
        }
        let mut channel = Channel::new(name);
        let result = act(&mut channel);
        if !channel.is_over() {
            self.filing.file(&mut channel);
            self.channels.insert(Arc::clone(&channel.name), channel);
        }
        result
    }
}

impl Channel {
    fn new(name: &str) -> Self {
        Self { name: name.into(), subscriptions: 0, stream: None, scheduled: None, idle: None }
    }

    fn is_over(&self) -> bool {
        self.subscriptions == 0 && self.stream.is_none()
    }

    fn is_idle(&self) -> bool {
        self.subscriptions == 0 && self.stream.as_ref().is_some_and(Stream::is_empty)
    }

    fn expire(&mut self, now: Instant) {
        match &mut self.stream {
            Some(stream) if stream.is_over(now) => self.stream = None,
            Some(stream) => stream.expire(now),
            None => {}
        }
    }

    /// Its stream, begun when there is none.
    fn stream(&mut self, now: Instant, meta_ttl: Duration, seats: &Arc<Seats>) -> Result<&mut Stream, Full> {
        if self.stream.as_ref().is_some_and(|stream| stream.is_over(now)) {
            self.stream = None;
        }
        match &mut self.stream {
            Some(stream) => Ok(stream),
            none => Ok(none.insert(Stream::begin(now, meta_ttl, seats.take().ok_or(Full)?))),
        }
    }

    /// Appends to the stream; with what is to be told to subscribers.
    fn append(
        &mut self,
        now: Instant,
        draft: &PublicationDraft,
        options: &StreamOptions,
        seats: &Arc<Seats>,
    ) -> Result<(Published, Option<Told>), Full> {
        let subscribed = self.subscriptions > 0;
        let name = &self.name.clone();
        let stream = self.stream(now, options.meta_ttl, seats)?;
        stream.expire(now);
        if stream.has_version(draft) {
            let suppressed = Some(Suppressed::Version);
            return Ok((Published { position: stream.position(), suppressed }, None));
        }
        let previous = if options.delta && subscribed { stream.newest().map(Arc::clone) } else { None };
        let publication = stream.append(now, draft, options);
        let told = subscribed.then(|| {
            let epoch = stream.epoch().clone();
            (Arc::clone(name), LivePublication { publication, epoch, previous })
        });
        Ok((Published { position: stream.position(), suppressed: None }, told))
    }

    /// A publication that is not kept.
    fn pass_on(&self, draft: &PublicationDraft) -> Option<Told> {
        (self.subscriptions > 0).then(|| {
            let publication = Arc::new(publication(0, draft));
            (Arc::clone(&self.name), LivePublication { publication, epoch: Epoch::default(), previous: None })
        })
    }
}

impl Filing {
    fn file(&mut self, channel: &mut Channel) {
        let due = channel.stream.as_ref().map(Stream::due);
        let in_time = match (&channel.scheduled, due) {
            (Some(ticket), Some(due)) => ticket.at <= due,
            (scheduled, due) => scheduled.is_none() && due.is_none(),
        };
        if !in_time {
            if let Some(ticket) = channel.scheduled.take() {
                self.schedule.remove(ticket);
            }
            channel.scheduled = due.map(|due| self.schedule.insert(due, Arc::clone(&channel.name)));
        }
        match (channel.idle, channel.is_idle()) {
            (None, true) => {
                channel.idle = Some(self.next_idle);
                self.idle.insert(self.next_idle, Arc::clone(&channel.name));
                self.next_idle = self.next_idle.wrapping_add(1);
            }
            (Some(place), false) => {
                channel.idle = None;
                self.idle.remove(&place);
            }
            _ => {}
        }
    }
}
