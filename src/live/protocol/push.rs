use std::sync::Arc;

use bytes::Bytes;

use super::{ConnectResult, Disconnect, Entry, Unsubscribe};
use crate::live::{ClientInfo, Position};

/// What the server says by itself.
///
/// Publications, joins and leaves go to many: for them there are [`encode_publication`](super::encode_publication),
/// [`encode_join`](super::encode_join) and [`encode_leave`](super::encode_leave).
#[derive(Debug, Clone, PartialEq)]
pub struct Push {
    /// About which channel; empty when it is about the connection, or named by `id`.
    pub channel: String,
    /// The channel's number, see [`SubscribeResult::id`](super::SubscribeResult); 0 is none.
    pub id: i64,
    /// What happened.
    pub event: PushEvent,
}

impl Push {
    /// About a channel.
    #[must_use]
    pub fn in_channel(channel: impl Into<String>, event: PushEvent) -> Self {
        Self { channel: channel.into(), id: 0, event }
    }
}

impl From<PushEvent> for Push {
    /// About the connection.
    fn from(event: PushEvent) -> Self {
        Self { channel: String::new(), id: 0, event }
    }
}

/// The kinds of [`Push`].
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum PushEvent {
    /// Something was published.
    Publication(Entry),
    /// Somebody came.
    Join(Arc<ClientInfo>),
    /// Somebody went.
    Leave(Arc<ClientInfo>),
    /// The subscription ended.
    Unsubscribe(Unsubscribe),
    /// A message outside of any channel.
    Message(Bytes),
    /// The server subscribed the connection.
    Subscribe(SubscribePush),
    /// The connection is there; for clients that cannot send a connect command.
    Connect(Box<ConnectResult>),
    /// The connection ends; for transports without close codes.
    Disconnect(Disconnect),
    /// In how many seconds the connection expires; `None` is never.
    Refresh(Option<u32>),
}

/// See [`PushEvent::Subscribe`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SubscribePush {
    /// What is missed can be recovered.
    pub recoverable: bool,
    /// Gaps are noticed.
    pub positioned: bool,
    /// Where the client is.
    pub position: Position,
    /// What the application says.
    pub data: Bytes,
}
