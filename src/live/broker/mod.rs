//! Streams of publications, presence, and who carries them to other nodes.
//!
//! Three traits, so that each can live elsewhere: a [`Broker`] puts publications in an order, keeps the latest of
//! them and brings them to the nodes that want them; a [`Presence`] knows who is in a channel; a [`Control`] carries
//! orders from node to node. An [`Engine`] is one of each. [`MemoryBroker`] and [`MemoryPresence`] keep everything in
//! this process.
//!
//! # What a broker promises
//! - **Publishing is one step**: the check of the idempotency key, the check of the version, the next offset, the
//!   append, the trim and the order of delivery. A crash between them cannot be seen.
//! - **One order.** All nodes and all readers of the history see a channel's publications in the same order, with
//!   offsets 1, 2, 3 .. in one [`Epoch`](super::Epoch), and none left out.
//! - **The live leg may lose**, the history may not. A node that sees a hole in the offsets, or a position behind the
//!   broker's, has the history to repair it from; [`Position::accept`](super::Position::accept) sees holes and
//!   [`recover`] repairs them, or says that it cannot.
//! - **A failure may be a temporary one**: see [`BrokerError::temporary`].
//!
//! # Subscribing without a gap
//! 1. Begin to buffer the channel's [`LivePublication`]s, then [`Broker::subscribe`];
//! 2. ask [`Broker::history`] with [`HistoryQuery::recovery`] (or [`HistoryQuery::position`] when nothing is to be
//!    recovered) and decide by [`recover`], [`recover_newest`] or [`Recovery::none`];
//! 3. [`Recovery::merge`] with what was buffered. [`Gap`] means: let the client come again (3010);
//! 4. write the reply, keep [`Merged::position`], and from there on ask [`Position::accept`](super::Position::accept)
//!    about each publication.

mod contract;
mod control;
mod damping;
mod draft;
mod engine;
mod error;
mod events;
mod history;
mod memory;
mod merge;
mod positioning;
mod presence;
mod recovery;
mod timetable;

pub use contract::Broker;
pub use control::{Control, ControlMessage, NodeId, SubscribeOrder, Target, Whom};
pub use damping::{LeaveDamping, ToldLeave};
pub use draft::{IDEMPOTENCY_TTL, META_TTL, PublicationDraft, Published, StreamOptions, Suppressed};
pub use engine::Engine;
pub use error::BrokerError;
pub use events::{BrokerEvents, LivePublication};
pub use history::{History, HistoryQuery};
pub use memory::{MemoryBroker, MemoryLimits, MemoryPresence};
pub use merge::{Gap, Merged, merge};
pub use positioning::Accept;
pub use presence::{Presence, PresenceAdded, PresenceRemoved, PresenceStats};
pub use recovery::{RECOVERY_LIMIT, Recovery, recover, recover_newest};
