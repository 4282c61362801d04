//! Who gets what in this process: one shard a worker, fed by the one sink of the broker's events.
//!
//! A [`Shard`] is a thread's: its maps have no locks, and its fan-out neither waits nor allocates. Events reach it through its
//! bounded [`Inbox`], and only when it has a subscriber of the channel: [`Dispatch`] knows. What is sent is made once for
//! all of them: [`Outgoing`].

mod dispatch;
mod inbox;
mod link;
mod live;
mod metrics;
mod node;
mod outgoing;
mod run;
mod settings;
mod shard;
mod signals;

pub(crate) use dispatch::Dispatch;
pub(crate) use inbox::{Inbox, ShardEvent};
pub use live::LiveNode;
pub use metrics::LiveMetrics;
pub(crate) use metrics::Metrics;
pub(crate) use node::{Node, stream_options};
pub(crate) use outgoing::{Outgoing, Shape, What};
pub use settings::LiveSettings;
pub(crate) use shard::Shard;
