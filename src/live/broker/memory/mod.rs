//! Everything in this process. Locks are striped by channel and held over the append and the event, which is what
//! makes one order of them.

mod broker;
mod limits;
mod presence;
mod results;
mod seats;
mod stream;
mod stripe;
mod striped;

pub use broker::MemoryBroker;
pub use limits::MemoryLimits;
pub use presence::MemoryPresence;
