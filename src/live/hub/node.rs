use std::{
    collections::HashMap,
    future::Future,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, SystemTime},
};

use tokio::time::Instant;

use super::{Dispatch, Inbox, LiveSettings, Metrics};
use crate::live::{
    broadcaster::Actor,
    broker::{BrokerError, Engine, NodeId, StreamOptions},
    logic::Channels,
    options::ChannelOptions,
    session::Admission,
};

/// Everything of one process that its workers share.
pub(crate) struct Node {
    pub(crate) id: NodeId,
    pub(crate) channels: Arc<dyn Channels>,
    pub(crate) admission: Arc<dyn Admission>,
    pub(crate) engine: Engine,
    pub(crate) settings: LiveSettings,
    pub(crate) dispatch: Arc<Dispatch>,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) actor: Actor,
    pub(crate) started: std::time::Instant,
    pub(super) draining: AtomicBool,
    /// How many connections each user has; only kept when there is a limit.
    pub(super) users: Mutex<HashMap<Box<str>, usize>>,
    /// Where the sessions are whose commands come by another way.
    pub(super) sessions: Mutex<HashMap<Box<str>, Arc<Inbox>>>,
}

impl Node {
    /// Waits for the broker, but not for ever.
    pub(crate) async fn within<T>(
        &self,
        asked: impl Future<Output = Result<T, BrokerError>>,
    ) -> Result<T, BrokerError> {
        match tokio::time::timeout(self.settings.broker_timeout, asked).await {
            Ok(done) => done,
            Err(_) => Err(BrokerError::unavailable("The broker did not answer in time.")),
        }
    }

    pub(crate) fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Acquire)
    }

    /// Whether one more connection may be opened.
    pub(crate) fn has_room(&self) -> bool {
        let limit = self.settings.connections.and_then(|limit| u64::try_from(limit).ok());
        !self.is_draining() && limit.is_none_or(|limit| self.metrics.snapshot().connections < limit)
    }

    /// Takes a seat for a user's connection; `false` when they have all theirs.
    pub(crate) fn seat(&self, user: &str) -> bool {
        let Some(limit) = self.settings.connections_per_user.filter(|_| !user.is_empty()) else {
            return true;
        };
        let mut users = self.users.lock().unwrap_or_else(PoisonError::into_inner);
        let seats = users.entry(user.into()).or_default();
        let is_free = *seats < limit;
        *seats += usize::from(is_free);
        is_free
    }

    pub(crate) fn unseat(&self, user: &str) {
        if self.settings.connections_per_user.is_none() || user.is_empty() {
            return;
        }
        let mut users = self.users.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(seats) = users.get_mut(user) {
            *seats = seats.saturating_sub(1);
            if *seats == 0 {
                users.remove(user);
            }
        }
    }

    pub(crate) fn open_session(&self, session: &str, inbox: &Arc<Inbox>) {
        let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        sessions.insert(session.into(), Arc::clone(inbox));
    }

    pub(crate) fn close_session(&self, session: &str) {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner).remove(session);
    }

    pub(crate) fn session(&self, session: &str) -> Option<Arc<Inbox>> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner).get(session).cloned()
    }

    pub(crate) fn milliseconds(&self) -> i64 {
        let since = self.settings.now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_millis()).unwrap_or_default()
    }

    /// In how long that is; nothing when it is over.
    pub(crate) fn until(&self, time: SystemTime) -> Duration {
        time.duration_since(self.settings.now()).unwrap_or_default()
    }

    /// A moment that deadlines can be made of.
    pub(crate) fn instant(&self, time: SystemTime) -> Instant {
        let now = Instant::now();
        // What is further away than a century needs no deadline, and overflows none.
        now + self.until(time).min(Duration::from_secs(100 * 365 * 24 * 60 * 60))
    }
}

/// What the broker keeps of a channel with these options.
pub(crate) fn stream_options(options: &ChannelOptions) -> StreamOptions {
    StreamOptions {
        size: options.history_size,
        ttl: options.history_ttl,
        meta_ttl: options.meta_ttl,
        delta: options.delta,
    }
}
