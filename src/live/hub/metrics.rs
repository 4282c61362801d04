use std::sync::atomic::{AtomicU64, Ordering};

/// Counts of everything that happens; shared by all workers.
#[derive(Debug, Default)]
pub(crate) struct Metrics {
    pub(crate) connections: AtomicU64,
    pub(crate) subscriptions: AtomicU64,
    pub(crate) publications: AtomicU64,
    pub(crate) encodings: AtomicU64,
    pub(crate) deliveries: AtomicU64,
    pub(crate) skipped: AtomicU64,
    pub(crate) slow: AtomicU64,
    pub(crate) lost: AtomicU64,
    pub(crate) insufficient: AtomicU64,
    pub(crate) restarts: AtomicU64,
}

/// What happened in this process since it began, and what there is now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct LiveMetrics {
    /// Connections there are.
    pub connections: u64,
    /// Subscriptions there are.
    pub subscriptions: u64,
    /// Publications that came from the broker for this process.
    pub publications: u64,
    /// How often one was encoded: at most once per codec and form, however many subscribers there are.
    pub encodings: u64,
    /// Publications that were queued for a connection.
    pub deliveries: u64,
    /// Publications that were not, because the subscriber had them or does not want them.
    pub skipped: u64,
    /// Publications that a client missed, and connections that were ended, because it did not read fast enough.
    pub slow: u64,
    /// Events that a worker had no room for; positions were checked for it at once.
    pub lost: u64,
    /// Subscriptions that were ended because publications were missing.
    pub insufficient: u64,
    /// Hub shards that panicked and were begun anew.
    pub restarts: u64,
}

impl Metrics {
    pub(crate) fn count(counter: &AtomicU64) {
        counter.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn add(counter: &AtomicU64, count: u64) {
        if count > 0 {
            counter.fetch_add(count, Ordering::Relaxed);
        }
    }

    pub(crate) fn uncount(counter: &AtomicU64) {
        counter.fetch_sub(1, Ordering::Relaxed);
    }

    pub(crate) fn snapshot(&self) -> LiveMetrics {
        let get = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        LiveMetrics {
            connections: get(&self.connections),
            subscriptions: get(&self.subscriptions),
            publications: get(&self.publications),
            encodings: get(&self.encodings),
            deliveries: get(&self.deliveries),
            skipped: get(&self.skipped),
            slow: get(&self.slow),
            lost: get(&self.lost),
            insufficient: get(&self.insufficient),
            restarts: get(&self.restarts),
        }
    }
}
