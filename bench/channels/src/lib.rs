//! Servers of live channels, each limited to one thread, and the load that all of them are put under.

pub mod dialect;
pub mod fleet;
pub mod frames;
pub mod ours;
pub mod process;
pub mod soak;
pub mod socket;
pub mod socketioxide_server;
pub mod tally;
