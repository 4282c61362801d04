use std::{
    collections::HashMap,
    hash::{BuildHasher as _, RandomState},
    sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock},
    time::Duration,
};

use super::{Inbox, Metrics, Outgoing, ShardEvent, inbox::Room, outgoing::What};
use crate::live::{
    ClientInfo,
    broker::{BrokerError, BrokerEvents, ControlMessage, LivePublication},
};

const STRIPES: usize = 64;
/// How long a publisher waits at most for workers that are behind; less than a broker may take.
const PATIENCE: Duration = Duration::from_millis(500);

type Interest = HashMap<Arc<str>, Vec<Arc<Inbox>>>;

/// Hands what comes from the broker on to the workers that have subscribers of it.
#[derive(Debug)]
pub(crate) struct Dispatch {
    interest: [Mutex<Interest>; STRIPES],
    hasher: RandomState,
    /// Publishers of a channel wait in line, so that none passes those before it.
    lines: [tokio::sync::Mutex<()>; STRIPES],
    shards: RwLock<Vec<Arc<Inbox>>>,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) room: Room,
}

impl Dispatch {
    pub(crate) fn new(metrics: Arc<Metrics>) -> Self {
        Self {
            interest: std::array::from_fn(|_| Mutex::default()),
            hasher: RandomState::new(),
            lines: std::array::from_fn(|_| tokio::sync::Mutex::default()),
            shards: RwLock::default(),
            metrics,
            room: Room::default(),
        }
    }

    pub(crate) fn add_shard(&self, inbox: &Arc<Inbox>) {
        self.shards.write().unwrap_or_else(PoisonError::into_inner).push(Arc::clone(inbox));
    }

    pub(crate) fn remove_shard(&self, inbox: &Arc<Inbox>) {
        let is_other = |other: &Arc<Inbox>| !Arc::ptr_eq(other, inbox);
        self.shards.write().unwrap_or_else(PoisonError::into_inner).retain(is_other);
        for stripe in &self.interest {
            stripe.lock().unwrap_or_else(PoisonError::into_inner).retain(|_, wanted| {
                wanted.retain(is_other);
                !wanted.is_empty()
            });
        }
    }

    /// This worker has a subscriber of the channel.
    pub(crate) fn want(&self, channel: &Arc<str>, inbox: &Arc<Inbox>) {
        let mut stripe = self.stripe(channel);
        let wanted = stripe.entry(Arc::clone(channel)).or_default();
        if !wanted.iter().any(|other| Arc::ptr_eq(other, inbox)) {
            wanted.push(Arc::clone(inbox));
        }
    }

    /// This worker has none.
    pub(crate) fn unwant(&self, channel: &str, inbox: &Arc<Inbox>) {
        let mut stripe = self.stripe(channel);
        if let Some(wanted) = stripe.get_mut(channel) {
            wanted.retain(|other| !Arc::ptr_eq(other, inbox));
            if wanted.is_empty() {
                stripe.remove(channel);
            }
        }
    }

    /// The channels that somebody here is subscribed to, or was a moment ago.
    pub(crate) fn channels(&self) -> Vec<Arc<str>> {
        let stripes =
            self.interest.iter().map(|stripe| stripe.lock().unwrap_or_else(PoisonError::into_inner));
        stripes.flat_map(|stripe| stripe.keys().cloned().collect::<Vec<_>>()).collect()
    }

    pub(crate) fn shards(&self) -> Vec<Arc<Inbox>> {
        self.shards.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether all workers have room for an order.
    ///
    /// # Errors
    ///
    /// When one is too far behind.
    pub(crate) fn takes_orders(&self) -> Result<(), BrokerError> {
        if self.shards().iter().all(|inbox| inbox.takes_orders()) {
            Ok(())
        } else {
            Err(BrokerError::full("A worker is too far behind to be told."))
        }
    }

    /// Waits until the channel's workers are not too far behind.
    pub(crate) async fn ready(&self, channel: &str) {
        let place = self.hasher.hash_one(channel) as usize % STRIPES;
        #[expect(clippy::indexing_slicing, reason = "a remainder is less than the divisor")]
        let line = &self.lines[place];
        if line.try_lock().is_ok() && !self.is_crowded(channel) {
            return;
        }
        let _ = tokio::time::timeout(PATIENCE, async {
            let _turn = line.lock().await;
            loop {
                let room = self.room.0.notified();
                let mut room = std::pin::pin!(room);
                room.as_mut().enable();
                if !self.is_crowded(channel) {
                    return;
                }
                room.await;
            }
        })
        .await;
    }

    fn is_crowded(&self, channel: &str) -> bool {
        self.stripe(channel).get(channel).is_some_and(|wanted| wanted.iter().any(|inbox| inbox.is_crowded()))
    }

    fn stripe(&self, channel: &str) -> MutexGuard<'_, Interest> {
        let place = self.hasher.hash_one(channel) as usize % STRIPES;
        #[expect(clippy::indexing_slicing, reason = "a remainder is less than the divisor")]
        self.interest[place].lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn hand_on(&self, channel: &Arc<str>, what: What) {
        let stripe = self.stripe(channel);
        let Some(wanted) = stripe.get(channel) else { return };
        let outgoing = Arc::new(Outgoing::new(channel, what));
        for inbox in wanted {
            inbox.send_outgoing(&outgoing, &self.metrics);
        }
    }
}

impl BrokerEvents for Dispatch {
    fn publication(&self, channel: &Arc<str>, publication: &LivePublication) {
        Metrics::count(&self.metrics.publications);
        self.hand_on(channel, What::Publication(publication.clone()));
    }

    fn join(&self, channel: &Arc<str>, info: &Arc<ClientInfo>) {
        self.hand_on(channel, What::Join(Arc::clone(info)));
    }

    fn leave(&self, channel: &Arc<str>, info: &Arc<ClientInfo>) {
        self.hand_on(channel, What::Leave(Arc::clone(info)));
    }

    fn control(&self, message: &ControlMessage) {
        let message = Arc::new(message.clone());
        for inbox in self.shards() {
            let is_told = inbox.send(ShardEvent::Control(Arc::clone(&message)), &self.metrics);
            // Those who order here are refused before it comes to that; elsewhere, nobody knows.
            if !is_told && !inbox.is_closed() {
                tracing::error!(target: "actix_charter::live", "an order found no room at a worker, and is lost to it");
            }
        }
    }
}
