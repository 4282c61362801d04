//! Publishing from anywhere: handlers, tasks, other threads, before the server runs.

mod actor;
mod attendance;
mod error;
mod handle;
mod lane;
mod order;
mod publish;

pub(crate) use actor::{Actor, Mailbox, supervise};
pub use error::BroadcastError;
pub use handle::Broadcaster;
pub use order::{Refresh, Subscribe};
pub use publish::{BroadcastTo, Publish};
