//! Live channels: notifications, chat, feeds and cursors, for the clients that Centrifugo has in six languages.

pub mod asyncapi;
pub mod broker;
mod channel;
mod client_info;
#[allow(dead_code, reason = "between sessions and declared channels, which are being written")]
mod logic;
mod options;
mod position;
pub mod protocol;
mod publication;
pub mod socket;
#[cfg(feature = "jwt")]
pub mod tokens;

#[doc(hidden)]
pub use channel::private;
#[cfg(feature = "testing")]
#[doc(hidden)]
pub use channel::probe;
pub use channel::{
    Broadcast, Channel, ChannelCharter, ChannelLayer, Connection, Live, LiveDraft, LiveOperation, Personal,
    Subscription,
};
#[allow(unused_imports, reason = "for the sessions, which are being written")]
pub(crate) use channel::{DeclaredChannels, WantedIdentity};
pub(crate) use logic::{Ask, ChannelLogic, Channels, Draft, Grant, Peer, SharedIdentity};

pub use client_info::ClientInfo;
pub use options::{ChannelOptions, RecoveryMode, SlowPolicy};
pub use position::{Epoch, Position};
pub use publication::{Publication, Tags};
#[cfg(feature = "jwt")]
pub use tokens::LiveTokens;
