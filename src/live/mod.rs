//! Live channels: notifications, chat, feeds and cursors, for the clients that Centrifugo has in six languages.

pub mod api;
pub mod asyncapi;
mod broadcaster;
pub mod broker;
mod channel;
mod client_info;
pub mod html;
mod hub;
#[allow(
    missing_docs,
    missing_debug_implementations,
    reason = "between sessions and declared channels, for nobody else"
)]
mod logic;
mod mount;
mod options;
mod position;
pub mod protocol;
mod publication;
mod session;
pub mod socket;
#[cfg(feature = "jwt")]
pub mod tokens;
mod transport;

pub use api::{LiveApi, LiveCaller};
pub(crate) use channel::DeclaredChannels;
#[doc(hidden)]
pub use channel::private;
#[cfg(feature = "testing")]
#[doc(hidden)]
pub use channel::probe;
pub use channel::{
    Broadcast, Channel, ChannelCharter, ChannelLayer, Connection, Live, LiveDraft, LiveOperation, Personal,
    Subscription,
};
pub(crate) use logic::{Ask, ChannelLogic, Channels, Draft, Grant, Peer, SharedIdentity};

/// What declared channels and tests are made of. Not part of the public API: it changes without notice.
#[doc(hidden)]
pub mod seam {
    pub use super::{
        logic::{Ask, ChannelLogic, Channels, Draft, Grant, Peer, SharedIdentity},
        session::{Admission, Admitted, Arrival, AsArrived, Hello, InProcess, Refusal},
        transport::Transports,
    };

    /// Bytes of a session, and of what the hub knows of it.
    #[must_use]
    pub fn session_sizes() -> (usize, usize) {
        (size_of::<super::session::Session>(), size_of::<super::session::Core>())
    }
}

pub use broadcaster::{BroadcastError, BroadcastTo, Broadcaster, Publish, Refresh, Subscribe};
pub use broker::Whom;
pub use client_info::ClientInfo;
pub use html::Fragment;
pub use hub::{LiveMetrics, LiveNode, LiveSettings};
pub(crate) use mount::Mount;
pub use mount::{LiveEndpoints, LiveUser, StartError, Transport};
pub use options::{ChannelOptions, RecoveryMode, SlowPolicy};
pub use position::{Epoch, Position};
pub use protocol::{DisconnectCode, UnsubscribeCode};
pub use publication::{Publication, Tags};
#[cfg(feature = "jwt")]
pub use tokens::{ConnectionToken, LiveTokens};
