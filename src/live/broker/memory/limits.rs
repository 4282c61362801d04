use std::time::Duration;

/// How much a [`MemoryBroker`](super::MemoryBroker) may hold. Size and age of the streams are the channels' own options.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemoryLimits {
    /// How many channels may have a stream: a million, when not told. A stream begins when something is published into
    /// a channel with history, or its position is read. Beyond that, streams that have lost all their entries and that
    /// nobody is subscribed to are forgotten (clients that come back are told that they were not recovered); when there
    /// are none, the call fails with [`BrokerError::full`](crate::live::broker::BrokerError::full), and existing
    /// channels go on.
    pub streams: usize,
    /// How many idempotency keys may be remembered: 100,000, when not told. Beyond that, those nearest to their end
    /// are forgotten early. Threads that add at once may pass it by a few.
    pub idempotency_keys: usize,
    /// How often expired things are looked for by [`maintain`](crate::live::broker::Broker::maintain): every second,
    /// when not told. What is expired is never told even before that.
    pub sweep_every: Duration,
}

impl Default for MemoryLimits {
    fn default() -> Self {
        Self { streams: 1_000_000, idempotency_keys: 100_000, sweep_every: Duration::from_secs(1) }
    }
}
