//! A connection from its connect command to its end: what it may, what it is subscribed to, and where it is in each channel.
//!
//! [`Session`] is a state machine without I/O: commands go in, frames go into the connection's queue. What needs to ask the
//! application or the broker is one boxed future at a time, in the order of the commands; pings are answered meanwhile.
//! [`Core`] is what the hub knows of it: both are on the connection's thread.

mod admission;
mod bucket;
mod by_server;
mod commands;
mod connect;
mod core;
mod expiry;
mod in_process;
mod lean;
mod machine;
mod page;
mod subscribe;
mod subscription;
mod wire;

pub(crate) use self::core::{Core, Leave, Note, Stage};
pub use admission::{Admission, Admitted, Arrival, AsArrived, Hello, Refusal};
pub(crate) use bucket::{Bucket, Toll};
pub(crate) use connect::said;
pub use in_process::InProcess;
pub(crate) use machine::{Manner, Session};
pub(crate) use page::Page;
pub(crate) use subscription::{Deltas, Expiry, Running, Subscription, Terms};
pub(crate) use wire::Wire;
