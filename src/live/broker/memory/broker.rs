use std::sync::{
    Arc, OnceLock,
    atomic::{AtomicUsize, Ordering},
};

use futures_util::future::BoxFuture;
use tokio::time::{Instant, MissedTickBehavior};

use super::{
    super::{
        Broker, BrokerError, BrokerEvents, Control, ControlMessage, History, HistoryQuery, NodeId,
        PublicationDraft, Published, StreamOptions, Target,
    },
    MemoryLimits,
    seats::Seats,
    stripe::{Full, Stripe},
    striped::Striped,
};
use crate::live::ClientInfo;

/// How many expired things one call looks at before others may run.
const AT_ONCE: usize = 4096;

/// A broker for one process: exact, and empty after a restart, when all streams have another epoch.
///
/// Nothing has a timer of its own: what expired is never told, and its memory is given back by whoever polls
/// [`maintain`](Broker::maintain) or calls [`tick`](Self::tick).
pub struct MemoryBroker {
    stripes: Striped<Stripe>,
    limits: MemoryLimits,
    streams: Arc<Seats>,
    keys: Arc<Seats>,
    events: OnceLock<Arc<dyn BrokerEvents>>,
    control: OnceLock<(NodeId, Arc<dyn BrokerEvents>)>,
    /// Where the next sweep or search begins.
    next: AtomicUsize,
}

impl MemoryBroker {
    /// An empty one.
    #[must_use]
    pub fn new(limits: MemoryLimits) -> Self {
        Self {
            stripes: Striped::default(),
            streams: Seats::new(limits.streams),
            keys: Seats::new(limits.idempotency_keys),
            limits,
            events: OnceLock::new(),
            control: OnceLock::new(),
            next: AtomicUsize::new(0),
        }
    }

    /// Forgets at most `budget` things that expired by `now`, and says how many; as many as the budget: there are
    /// more.
    pub fn tick(&self, now: Instant, budget: usize) -> usize {
        let mut done = 0;
        for mut stripe in self.stripes.each_from(self.next.fetch_add(1, Ordering::Relaxed)) {
            done += stripe.expire(now, budget - done);
            if done == budget {
                break;
            }
        }
        done
    }

    /// How many channels have a stream.
    #[must_use]
    pub fn streams(&self) -> usize {
        self.streams.taken()
    }

    /// How many idempotency keys are remembered.
    #[must_use]
    pub fn idempotency_keys(&self) -> usize {
        self.keys.taken()
    }

    /// How many channels are held for any reason: for their stream, or because this node is subscribed.
    #[must_use]
    pub fn channels(&self) -> usize {
        self.stripes.each().map(|stripe| stripe.channels()).sum()
    }

    /// Does something in the channel's stripe; when there was no room, makes some and tries again.
    fn in_stripe<R>(
        &self,
        channel: &str,
        act: impl Fn(&mut Stripe) -> Result<R, Full>,
    ) -> Result<R, BrokerError> {
        loop {
            let done = act(&mut self.stripes.of(channel));
            match done {
                Ok(done) => return Ok(done),
                Err(Full) if self.forget_idle() => {}
                Err(Full) => return Err(BrokerError::full("There are too many channels with history.")),
            }
        }
    }

    fn forget_idle(&self) -> bool {
        let mut stripes = self.stripes.each_from(self.next.fetch_add(1, Ordering::Relaxed));
        stripes.any(|mut stripe| stripe.forget_idle())
    }

    fn events(&self) -> Option<&dyn BrokerEvents> {
        self.events.get().map(|events| &**events)
    }

    /// With the channel's lock held, so that it keeps its place among the publications.
    fn tell(&self, channel: &str, tell: impl FnOnce(&dyn BrokerEvents, &Arc<str>)) {
        let stripe = self.stripes.of(channel);
        if let (Some(name), Some(events)) = (stripe.subscribed(channel), self.events()) {
            tell(events, name);
        }
    }
}

impl Default for MemoryBroker {
    fn default() -> Self {
        Self::new(MemoryLimits::default())
    }
}

impl std::fmt::Debug for MemoryBroker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MemoryBroker").field("limits", &self.limits).finish_non_exhaustive()
    }
}

impl Broker for MemoryBroker {
    fn start(&self, events: Arc<dyn BrokerEvents>) -> BoxFuture<'_, Result<(), BrokerError>> {
        Box::pin(async move {
            self.events.set(events).map_err(|_| BrokerError::permanent("The broker was started before."))
        })
    }

    fn maintain(&self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            let mut sweep =
                tokio::time::interval(self.limits.sweep_every.max(std::time::Duration::from_millis(1)));
            sweep.set_missed_tick_behavior(MissedTickBehavior::Delay);
            loop {
                let now = sweep.tick().await;
                while self.tick(now, AT_ONCE) == AT_ONCE {
                    tokio::task::yield_now().await;
                }
            }
        })
    }

    fn publish<'a>(
        &'a self,
        channel: &'a str,
        draft: PublicationDraft,
        options: &'a StreamOptions,
    ) -> BoxFuture<'a, Result<Published, BrokerError>> {
        Box::pin(async move {
            let seats = (&self.streams, &self.keys);
            self.in_stripe(channel, |stripe| stripe.publish(channel, &draft, options, seats, self.events()))
        })
    }

    fn publish_join<'a>(
        &'a self,
        channel: &'a str,
        info: Arc<ClientInfo>,
    ) -> BoxFuture<'a, Result<(), BrokerError>> {
        Box::pin(async move {
            self.tell(channel, |events, name| events.join(name, &info));
            Ok(())
        })
    }

    fn publish_leave<'a>(
        &'a self,
        channel: &'a str,
        info: Arc<ClientInfo>,
    ) -> BoxFuture<'a, Result<(), BrokerError>> {
        Box::pin(async move {
            self.tell(channel, |events, name| events.leave(name, &info));
            Ok(())
        })
    }

    fn subscribe<'a>(&'a self, channel: &'a str) -> BoxFuture<'a, Result<(), BrokerError>> {
        Box::pin(async move {
            self.stripes.of(channel).subscribe(channel);
            Ok(())
        })
    }

    fn unsubscribe<'a>(&'a self, channel: &'a str) -> BoxFuture<'a, Result<(), BrokerError>> {
        Box::pin(async move {
            self.stripes.of(channel).unsubscribe(channel);
            Ok(())
        })
    }

    fn history<'a>(
        &'a self,
        channel: &'a str,
        query: HistoryQuery,
    ) -> BoxFuture<'a, Result<History, BrokerError>> {
        Box::pin(
            async move { self.in_stripe(channel, |stripe| stripe.history(channel, &query, &self.streams)) },
        )
    }

    fn remove_history<'a>(&'a self, channel: &'a str) -> BoxFuture<'a, Result<(), BrokerError>> {
        Box::pin(async move {
            self.stripes.of(channel).remove_history(channel);
            Ok(())
        })
    }
}

impl Control for MemoryBroker {
    fn listen(&self, node: NodeId, events: Arc<dyn BrokerEvents>) -> BoxFuture<'_, Result<(), BrokerError>> {
        Box::pin(async move {
            let listening = self.control.set((node, events));
            listening.map_err(|_| BrokerError::permanent("Somebody listens already."))
        })
    }

    fn send(&self, to: Target, message: ControlMessage) -> BoxFuture<'_, Result<(), BrokerError>> {
        Box::pin(async move {
            let listener = self.control.get();
            if let Target::Node(other) = to
                && listener.is_none_or(|(node, _)| *node != other)
            {
                return Err(BrokerError::unknown_node("There is no node of that name."));
            }
            if let Some((_, events)) = listener {
                events.control(&message);
            }
            Ok(())
        })
    }
}
