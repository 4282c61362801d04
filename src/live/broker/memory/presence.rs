use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use futures_util::future::BoxFuture;
use tokio::time::{Instant, MissedTickBehavior};

use super::{
    super::{
        BrokerError, Presence, PresenceAdded, PresenceRemoved, PresenceStats,
        timetable::{Ticket, Timetable, after},
    },
    striped::{Striped, shrink},
};
use crate::live::ClientInfo;

/// How many expired entries one call looks at before others may run.
const AT_ONCE: usize = 4096;

/// Who is in the channels of this process.
#[derive(Debug)]
pub struct MemoryPresence {
    rooms: Striped<Rooms>,
    ttl: Duration,
    next: AtomicUsize,
}

/// Some of the channels.
#[derive(Debug, Default)]
struct Rooms {
    rooms: HashMap<Arc<str>, Room>,
    due: Timetable<(Arc<str>, Arc<str>)>,
}

/// A channel with somebody in it.
#[derive(Debug, Default)]
struct Room {
    clients: HashMap<Arc<str>, Entry>,
    /// With how many connections each user is there.
    users: HashMap<Box<str>, usize>,
}

#[derive(Debug)]
struct Entry {
    info: Arc<ClientInfo>,
    expires: Ticket,
}

impl MemoryPresence {
    /// How long an entry holds without being refreshed.
    pub const TTL: Duration = Duration::from_secs(60);

    /// Entries hold so long; [`TTL`](Self::TTL) by default.
    #[must_use]
    pub fn new(ttl: Duration) -> Self {
        Self { rooms: Striped::default(), ttl, next: AtomicUsize::new(0) }
    }

    /// Forgets at most `budget` entries that expired by `now`, and says how many; as many as the budget: there are
    /// more.
    pub fn tick(&self, now: Instant, budget: usize) -> usize {
        let mut done = 0;
        for mut rooms in self.rooms.each_from(self.next.fetch_add(1, Ordering::Relaxed)) {
            done += rooms.expire(now, budget - done);
            shrink(&mut rooms.rooms);
            if done == budget {
                break;
            }
        }
        done
    }

    /// How many channels somebody is in.
    #[must_use]
    pub fn channels(&self) -> usize {
        self.rooms.each().map(|rooms| rooms.rooms.len()).sum()
    }

    /// Does something with the channel's stripe, as it is now.
    fn now<R>(&self, channel: &str, act: impl FnOnce(&mut Rooms, Instant) -> R) -> R {
        let now = Instant::now();
        let mut rooms = self.rooms.of(channel);
        rooms.expire(now, usize::MAX);
        act(&mut rooms, now)
    }
}

impl Default for MemoryPresence {
    fn default() -> Self {
        Self::new(Self::TTL)
    }
}

impl Rooms {
    fn expire(&mut self, now: Instant, budget: usize) -> usize {
        let mut done = 0;
        while done < budget
            && let Some((channel, client)) = self.due.pop_due(now)
        {
            self.take_out(&channel, &client);
            done += 1;
        }
        done
    }

    fn add(&mut self, channel: &str, info: Arc<ClientInfo>, expires: Instant) -> PresenceAdded {
        let before = self.remove(channel, &info.client);
        let name = match self.rooms.get_key_value(channel) {
            Some((name, _)) => Arc::clone(name),
            None => channel.into(),
        };
        let client: Arc<str> = info.client.as_str().into();
        let expires = self.due.insert(expires, (Arc::clone(&name), Arc::clone(&client)));
        let room = self.rooms.entry(name).or_default();
        let new_user = match room.users.get_mut(info.user.as_str()) {
            Some(connections) => {
                *connections += 1;
                false
            }
            None => {
                room.users.insert(info.user.as_str().into(), 1);
                before.as_ref().is_none_or(|before| before.info.user != info.user)
            }
        };
        room.clients.insert(client, Entry { info, expires });
        PresenceAdded { new_client: before.is_none(), new_user }
    }

    fn remove(&mut self, channel: &str, client: &str) -> Option<Entry> {
        let entry = self.take_out(channel, client)?;
        self.due.remove(entry.expires);
        Some(entry)
    }

    fn take_out(&mut self, channel: &str, client: &str) -> Option<Entry> {
        let room = self.rooms.get_mut(channel)?;
        let entry = room.clients.remove(client)?;
        if let Some(connections) = room.users.get_mut(entry.info.user.as_str()) {
            *connections -= 1;
            if *connections == 0 {
                room.users.remove(entry.info.user.as_str());
            }
        }
        if room.clients.is_empty() {
            self.rooms.remove(channel);
        } else {
            shrink(&mut room.clients);
            shrink(&mut room.users);
        }
        Some(entry)
    }

    fn connections(&self, channel: &str, user: &str) -> usize {
        self.rooms.get(channel).and_then(|room| room.users.get(user)).copied().unwrap_or(0)
    }
}

impl Presence for MemoryPresence {
    fn add<'a>(
        &'a self,
        channel: &'a str,
        info: Arc<ClientInfo>,
    ) -> BoxFuture<'a, Result<PresenceAdded, BrokerError>> {
        Box::pin(
            async move { Ok(self.now(channel, |rooms, now| rooms.add(channel, info, after(now, self.ttl)))) },
        )
    }

    fn remove<'a>(
        &'a self,
        channel: &'a str,
        info: &'a ClientInfo,
    ) -> BoxFuture<'a, Result<PresenceRemoved, BrokerError>> {
        Box::pin(async move {
            Ok(self.now(channel, |rooms, _| {
                let was_there = rooms.remove(channel, &info.client).is_some();
                PresenceRemoved { was_there, user_gone: rooms.connections(channel, &info.user) == 0 }
            }))
        })
    }

    fn get<'a>(&'a self, channel: &'a str) -> BoxFuture<'a, Result<Vec<Arc<ClientInfo>>, BrokerError>> {
        Box::pin(async move {
            Ok(self.now(channel, |rooms, _| {
                let clients = rooms.rooms.get(channel).into_iter().flat_map(|room| room.clients.values());
                clients.map(|entry| Arc::clone(&entry.info)).collect()
            }))
        })
    }

    fn stats<'a>(&'a self, channel: &'a str) -> BoxFuture<'a, Result<PresenceStats, BrokerError>> {
        Box::pin(async move {
            Ok(self.now(channel, |rooms, _| {
                rooms.rooms.get(channel).map_or_else(PresenceStats::default, |room| PresenceStats {
                    clients: room.clients.len(),
                    users: room.users.len(),
                })
            }))
        })
    }

    fn connections<'a>(
        &'a self,
        channel: &'a str,
        user: &'a str,
    ) -> BoxFuture<'a, Result<usize, BrokerError>> {
        Box::pin(async move { Ok(self.now(channel, |rooms, _| rooms.connections(channel, user))) })
    }

    fn maintain(&self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            let mut sweep = tokio::time::interval(Duration::from_secs(1));
            sweep.set_missed_tick_behavior(MissedTickBehavior::Delay);
            loop {
                let now = sweep.tick().await;
                while self.tick(now, AT_ONCE) == AT_ONCE {
                    tokio::task::yield_now().await;
                }
            }
        })
    }
}
