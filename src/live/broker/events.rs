use std::sync::Arc;

use super::ControlMessage;
use crate::live::{ClientInfo, Epoch, Position, Publication};

/// A publication on its way to subscribers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LivePublication {
    /// What was published, with its offset.
    pub publication: Arc<Publication>,
    /// The life of the stream that the offset counts in; empty in a channel without history.
    pub epoch: Epoch,
    /// The one before it, when the channel asks for deltas and has it.
    pub previous: Option<Arc<Publication>>,
}

impl LivePublication {
    /// Where the stream is after it.
    #[must_use]
    pub fn position(&self) -> Position {
        Position { offset: self.publication.offset, epoch: self.epoch.clone() }
    }
}

/// Is told what comes from the broker for this node.
///
/// Calls about one channel come one after another, in the stream's order; calls about different channels may come at
/// once from several threads. They may be made while the broker holds the channel's lock: hand the event on and
/// return, and do not call the broker from inside.
pub trait BrokerEvents: Send + Sync + 'static {
    /// Something was published into a channel that this node is subscribed to.
    fn publication(&self, channel: &Arc<str>, publication: &LivePublication);

    /// Somebody came.
    fn join(&self, channel: &Arc<str>, info: &Arc<ClientInfo>);

    /// Somebody left.
    fn leave(&self, channel: &Arc<str>, info: &Arc<ClientInfo>);

    /// An order from this or another node.
    fn control(&self, message: &ControlMessage);
}
