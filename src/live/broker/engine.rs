use std::sync::Arc;

use super::{Broker, Control, MemoryBroker, MemoryLimits, MemoryPresence, Presence};

/// Everything behind the channels: who orders publications, who knows who is there, who carries orders.
#[derive(Debug, Clone)]
pub struct Engine {
    /// See [`Broker`].
    pub broker: Arc<dyn Broker>,
    /// See [`Presence`].
    pub presence: Arc<dyn Presence>,
    /// See [`Control`].
    pub control: Arc<dyn Control>,
}

impl Engine {
    /// All in this process, and gone with it.
    #[must_use]
    pub fn memory(limits: MemoryLimits) -> Self {
        let broker = Arc::new(MemoryBroker::new(limits));
        Self { control: Arc::clone(&broker) as _, broker, presence: Arc::new(MemoryPresence::default()) }
    }
}

impl Default for Engine {
    fn default() -> Self {
        Self::memory(MemoryLimits::default())
    }
}
