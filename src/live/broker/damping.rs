use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use tokio::time::Instant;

use super::timetable::{Ticket, Timetable, after};
use crate::live::ClientInfo;

/// Keeps others from seeing somebody leave and come again when their connection was only shaken: a leave is told
/// after a delay, and not at all when they are back by then. Who comes back within it did not leave, so their coming
/// is not told either.
///
/// It has no timer: whoever owns it asks [`due`](Self::due) at [`next_due`](Self::next_due). It knows the connections
/// that it was told about; where users may be on other nodes too, ask
/// [`Presence::connections`](super::Presence::connections) before telling a user's leave.
#[derive(Debug)]
pub struct LeaveDamping {
    delay: Duration,
    by_user: bool,
    max_waiting: usize,
    channels: HashMap<Arc<str>, HashMap<Who, Present>>,
    waiting: Timetable<(Arc<str>, Who)>,
}

/// Somebody left, and others may know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToldLeave {
    /// The channel they left.
    pub channel: Arc<str>,
    /// The connection that left; of a user with several, the last.
    pub info: Arc<ClientInfo>,
    /// Whether presence knew of them: it is asked then whether they are there through another node.
    pub presence: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Who {
    Client(Arc<str>),
    User(Arc<str>),
}

#[derive(Debug)]
struct Present {
    clients: HashSet<Box<str>>,
    /// The one that came or left last.
    info: Arc<ClientInfo>,
    /// Whether presence knew of one that left.
    presence: bool,
    /// Set once nobody is left of them.
    leaving: Option<Ticket>,
}

impl LeaveDamping {
    /// How long a leave waits, unless told otherwise.
    pub const DELAY: Duration = Duration::from_secs(15);

    /// Looks at each connection for itself: one that subscribes again within the delay did not leave. Without a delay,
    /// leaves are told at once.
    #[must_use]
    pub fn new(delay: Duration) -> Self {
        Self {
            delay,
            by_user: false,
            max_waiting: 100_000,
            channels: HashMap::new(),
            waiting: Timetable::default(),
        }
    }

    /// Looks at users: one comes with their first device and leaves after their last, and is back with any. Everybody
    /// anonymous is looked at by connection.
    #[must_use]
    pub fn by_user(mut self) -> Self {
        self.by_user = true;
        self
    }

    /// How many leaves may wait; beyond that, the earliest are told early. 100,000 when not told.
    #[must_use]
    pub fn max_waiting(mut self, max: usize) -> Self {
        self.max_waiting = max;
        self
    }

    /// Somebody came. Whether others are to know it.
    #[must_use]
    pub fn join(&mut self, channel: &str, info: &Arc<ClientInfo>) -> bool {
        let who = self.who(info);
        let channel = match self.channels.get_key_value(channel) {
            Some((channel, _)) => Arc::clone(channel),
            None => channel.into(),
        };
        let room = self.channels.entry(channel).or_default();
        let Some(present) = room.get_mut(&who) else {
            let clients = HashSet::from([info.client.as_str().into()]);
            room.insert(who, Present { clients, info: Arc::clone(info), presence: false, leaving: None });
            return true;
        };
        present.clients.insert(info.client.as_str().into());
        present.info = Arc::clone(info);
        if let Some(ticket) = present.leaving.take() {
            self.waiting.remove(ticket);
        }
        false
    }

    /// Somebody left. The leave to tell at once, if there is one: theirs when there is no delay, or that of another
    /// who waited when too many do.
    #[must_use]
    pub fn leave(&mut self, channel: &str, info: &Arc<ClientInfo>, now: Instant) -> Option<ToldLeave> {
        self.leave_known(channel, info, false, now)
    }

    /// As [`leave`](Self::leave), with whether presence knew of them.
    pub(crate) fn leave_known(
        &mut self,
        channel: &str,
        info: &Arc<ClientInfo>,
        presence: bool,
        now: Instant,
    ) -> Option<ToldLeave> {
        let who = self.who(info);
        let name = Arc::clone(self.channels.get_key_value(channel)?.0);
        let present = self.channels.get_mut(channel)?.get_mut(&who)?;
        if !present.clients.remove(info.client.as_str()) {
            return None;
        }
        present.presence |= presence;
        if !present.clients.is_empty() {
            return None;
        }
        present.info = Arc::clone(info);
        if self.delay.is_zero() {
            return self.gone(name, &who);
        }
        present.leaving = Some(self.waiting.insert(after(now, self.delay), (name, who)));
        if self.waiting.len() <= self.max_waiting {
            return None;
        }
        let (channel, who) = self.waiting.pop()?;
        self.gone(channel, &who)
    }

    /// The next leave whose delay is over. Ask until there is none.
    pub fn due(&mut self, now: Instant) -> Option<ToldLeave> {
        let (channel, who) = self.waiting.pop_due(now)?;
        self.gone(channel, &who)
    }

    /// When the next delay is over; none when nobody waits.
    #[must_use]
    pub fn next_due(&self) -> Option<Instant> {
        self.waiting.next_due()
    }

    fn who(&self, info: &ClientInfo) -> Who {
        if self.by_user && !info.user.is_empty() {
            Who::User(info.user.as_str().into())
        } else {
            Who::Client(info.client.as_str().into())
        }
    }

    fn gone(&mut self, channel: Arc<str>, who: &Who) -> Option<ToldLeave> {
        let room = self.channels.get_mut(&channel)?;
        let Present { info, presence, .. } = room.remove(who)?;
        if room.is_empty() {
            self.channels.remove(&channel);
        }
        Some(ToldLeave { channel, info, presence })
    }
}

impl Default for LeaveDamping {
    fn default() -> Self {
        Self::new(Self::DELAY)
    }
}
