//! Publishing from anywhere: handlers, tasks, other threads, before the server runs.

mod actor;
mod broadcaster;
mod error;
mod publish;

pub(crate) use actor::{Actor, Mailbox, supervise};
pub use broadcaster::Broadcaster;
pub use error::BroadcastError;
pub use publish::{Broadcast, Publish};
