use std::sync::Arc;

use bytes::Bytes;

use super::{Entry, ErrorCode, ReplyError};
use crate::live::{ClientInfo, Position, Publication};

/// The answer to a [`Command`](super::Command).
#[derive(Debug, Clone, PartialEq)]
pub struct Reply {
    /// The command's.
    pub id: u32,
    /// What came of it.
    pub result: Result<ReplyResult, ReplyError>,
}

impl Reply {
    /// It went well.
    #[must_use]
    pub fn ok(id: u32, result: ReplyResult) -> Self {
        Self { id, result: Ok(result) }
    }

    /// It was refused, with the code's own words.
    #[must_use]
    pub fn error(id: u32, code: ErrorCode) -> Self {
        Self { id, result: Err(code.into()) }
    }
}

/// What a command that went well gets back.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum ReplyResult {
    /// Of connect.
    Connect(Box<ConnectResult>),
    /// Of subscribe.
    Subscribe(Box<SubscribeResult>),
    /// Of unsubscribe.
    Unsubscribe,
    /// Of publish.
    Publish,
    /// Who is in the channel.
    Presence(Vec<Arc<ClientInfo>>),
    /// How many are in the channel.
    PresenceStats {
        /// Connections.
        clients: u32,
        /// Different users.
        users: u32,
    },
    /// Of history.
    History(HistoryResult),
    /// Of ping.
    Ping,
    /// What the method gave.
    Rpc(Bytes),
    /// Of refresh.
    Refresh(RefreshResult),
    /// In how many seconds the subscription expires; `None` is never.
    SubRefresh(Option<u32>),
}

/// What a client gets for its connect command; as a push, for one that cannot send any.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ConnectResult {
    /// The connection's id.
    pub client: String,
    /// The server's version.
    pub version: String,
    /// In how many seconds the connection expires; `None` is never.
    pub ttl: Option<u32>,
    /// What the application says.
    pub data: Bytes,
    /// The server's subscriptions, by channel.
    pub subs: Vec<(String, SubscribeResult)>,
    /// Every how many seconds the server pings; 0 is never.
    pub ping: u32,
    /// The client shall answer pings.
    pub pong: bool,
    /// Names the session, for a client whose commands come by another way.
    pub session: String,
    /// Names the node that holds the session.
    pub node: String,
    /// The server's time in milliseconds since 1970; 0 is not told.
    pub time: i64,
}

/// What a client gets for its subscribe command.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SubscribeResult {
    /// In how many seconds the subscription expires; `None` is never.
    pub ttl: Option<u32>,
    /// What is missed can be recovered.
    pub recoverable: bool,
    /// Gaps are noticed.
    pub positioned: bool,
    /// Where the client is now, before `publications`.
    pub position: Position,
    /// What it missed.
    pub publications: Vec<Entry>,
    /// All it missed is in `publications`.
    pub recovered: bool,
    /// It asked for recovery.
    pub was_recovering: bool,
    /// What the application says.
    pub data: Bytes,
    /// Deltas are on, see [`Form`](super::Form).
    pub delta: bool,
    /// Pushes name the channel by this number; 0 is by its name.
    pub id: i64,
}

/// What was published.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct HistoryResult {
    /// A page of it.
    pub publications: Vec<Publication>,
    /// The top of the stream.
    pub position: Position,
}

/// See [`ReplyResult::Refresh`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RefreshResult {
    /// The connection's id.
    pub client: String,
    /// The server's version.
    pub version: String,
    /// In how many seconds the connection expires; `None` is never.
    pub ttl: Option<u32>,
}
