use bytes::Bytes;

/// Who stands behind a connection, as others in a channel may see it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ClientInfo {
    /// The user's id; empty for somebody anonymous.
    pub user: String,
    /// The connection's id.
    pub client: String,
    /// JSON about the connection.
    pub connection: Option<Bytes>,
    /// JSON about the connection in this channel.
    pub channel: Option<Bytes>,
}
