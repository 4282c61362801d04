use std::collections::BTreeMap;

use bytes::Bytes;

use super::{BadFilter, TagFilter};
use crate::live::Position;

/// What a client asks for.
#[derive(Debug, Clone, PartialEq)]
pub struct Command {
    /// The reply has it, too. 0 for [`Request::Send`] and [`Request::Pong`], which get no reply.
    pub id: u32,
    /// What it asks.
    pub request: Request,
}

/// The kinds of [`Command`].
///
/// `data` is JSON, or any bytes in Protobuf; empty when there was none.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Request {
    /// The empty command: the answer to a ping of the server's.
    Pong,
    /// Who the client is; the first command of a connection.
    Connect(Box<ConnectRequest>),
    /// Into a channel.
    Subscribe(Box<SubscribeRequest>),
    /// Out of this channel.
    Unsubscribe(String),
    /// Into a channel's stream.
    Publish(PublishRequest),
    /// Who is in this channel.
    Presence(String),
    /// How many are in this channel.
    PresenceStats(String),
    /// What was published.
    History(HistoryRequest),
    /// Is the server there.
    Ping,
    /// A message without a reply.
    Send(Bytes),
    /// A call of a method.
    Rpc(RpcRequest),
    /// This new token for the connection.
    Refresh(String),
    /// A new token for a subscription.
    SubRefresh(SubRefreshRequest),
}

/// See [`Request::Connect`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ConnectRequest {
    /// A connection token; empty without.
    pub token: String,
    /// What the application's client says about itself.
    pub data: Bytes,
    /// Positions in the server's subscriptions, by channel.
    pub subs: BTreeMap<String, RecoverRequest>,
    /// The name of the client's environment.
    pub name: String,
    /// The version of the application's client.
    pub version: String,
    /// What stands in for HTTP headers, where a browser cannot send any.
    pub headers: BTreeMap<String, String>,
    /// Bits about what the client can do.
    pub flag: i64,
}

/// Where a client was in a subscription of the server's.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RecoverRequest {
    /// Whether it wants what it missed.
    pub recover: bool,
    /// Since when.
    pub position: Position,
}

/// See [`Request::Subscribe`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SubscribeRequest {
    /// Which channel.
    pub channel: String,
    /// A subscription token; empty without.
    pub token: String,
    /// What the client missed shall be sent.
    pub recover: bool,
    /// Since when.
    pub position: Position,
    /// What the application's client says about it.
    pub data: Bytes,
    /// The client asks for gap detection.
    pub positioned: bool,
    /// The client asks for recovery.
    pub recoverable: bool,
    /// The client asks for join and leave.
    pub join_leave: bool,
    /// The kind of delta it understands: `fossil`, or empty.
    pub delta: String,
    /// Which publications it wants. A filter nobody can follow is for [`ErrorCode::BAD_REQUEST`](super::ErrorCode).
    pub filter: Option<Result<TagFilter, BadFilter>>,
    /// See [`NUMERIC_IDS`](Self::NUMERIC_IDS) and [`REJECT_UNRECOVERED`](Self::REJECT_UNRECOVERED).
    pub flag: i64,
    /// 0 is a stream, what this crate offers; others are maps and polls.
    pub kind: i32,
}

impl SubscribeRequest {
    /// The flag of a client that understands [`SubscribeResult::id`](super::SubscribeResult).
    pub const NUMERIC_IDS: i64 = 1;
    /// The flag of a client that wants error 112 instead of a subscription that did not recover.
    pub const REJECT_UNRECOVERED: i64 = 2;

    /// Whether pushes may name the channel by a number.
    #[must_use]
    pub fn accepts_numeric_ids(&self) -> bool {
        self.flag & Self::NUMERIC_IDS != 0
    }

    /// Whether a failed recovery is an error.
    #[must_use]
    pub fn rejects_unrecovered(&self) -> bool {
        self.flag & Self::REJECT_UNRECOVERED != 0
    }
}

/// See [`Request::Publish`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PublishRequest {
    /// Into which channel.
    pub channel: String,
    /// What.
    pub data: Bytes,
    /// 0 is a stream, as in [`SubscribeRequest::kind`].
    pub kind: i32,
}

/// See [`Request::History`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct HistoryRequest {
    /// Of which channel.
    pub channel: String,
    /// How many at most; 0 only asks for the position, a negative number for all there are.
    pub limit: i32,
    /// Only what came after it, or before it when reversed.
    pub since: Option<Position>,
    /// The newest first.
    pub reverse: bool,
}

/// See [`Request::Rpc`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RpcRequest {
    /// Which method.
    pub method: String,
    /// What it is given.
    pub data: Bytes,
}

/// See [`Request::SubRefresh`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SubRefreshRequest {
    /// Which subscription.
    pub channel: String,
    /// Its new token.
    pub token: String,
    /// 0 is a stream, as in [`SubscribeRequest::kind`].
    pub kind: i32,
}
