//! Live channels: notifications, chat, feeds and cursors, for the clients that Centrifugo has in six languages.

pub mod broker;
mod client_info;
#[allow(dead_code, reason = "between sessions and declared channels, which are being written")]
mod logic;
mod options;
mod position;
pub mod protocol;
mod publication;
pub mod socket;

pub use client_info::ClientInfo;
pub use options::{ChannelOptions, RecoveryMode, SlowPolicy};
pub use position::{Epoch, Position};
pub use publication::{Publication, Tags};
