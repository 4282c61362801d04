use std::sync::Arc;

use bytes::Bytes;

use super::ClientInfo;

/// Words about a publication by which subscribers may choose, sorted by their keys.
pub type Tags = Arc<[(Box<str>, Box<str>)]>;

/// What was published into a channel.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Publication {
    /// Its place in the stream; 0 in a channel without history.
    pub offset: u64,
    /// JSON; for clients that speak Protobuf, any bytes.
    pub data: Bytes,
    /// Who published it, when a client did.
    pub info: Option<Arc<ClientInfo>>,
    /// See [`Tags`].
    pub tags: Option<Tags>,
    /// When it was published, in milliseconds since 1970; 0 is not told.
    pub time: i64,
    /// For a channel whose publications are whole states: which state this is; 0 is none.
    pub version: u64,
    /// Whose latest this is, for [`SlowPolicy::Conflate`](super::SlowPolicy::Conflate); without one, the channel's. It does not
    /// travel to clients.
    pub key: Option<Arc<str>>,
}
