//! Live channels: notifications, chat, feeds and cursors, for the clients that Centrifugo has in six languages.

pub mod broker;
mod client_info;
mod position;
pub mod protocol;
mod publication;
pub mod socket;

pub use client_info::ClientInfo;
pub use position::{Epoch, Position};
pub use publication::{Publication, Tags};
