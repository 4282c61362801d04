use std::{fmt, sync::Arc};

use bytes::Bytes;
use futures_util::future::BoxFuture;

use super::{BrokerError, BrokerEvents};
use crate::live::Position;

/// Names a node: one process, as long as it runs.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct NodeId(Arc<str>);

impl NodeId {
    /// One that no other node has.
    #[must_use]
    pub fn random() -> Self {
        Self(format!("{:032x}", rand::random::<u128>()).into())
    }

    /// As it stands on the wire.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for NodeId {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Who is to have a [`ControlMessage`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// Every node, the sender too.
    All,
    /// One node. That it is not known is an [error of its own](BrokerError::is_unknown_node), when it can be told.
    Node(NodeId),
}

/// Which connections are meant: those that are all that is told here. With nothing told, none are.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Whom {
    /// Of this user; an empty name is everybody anonymous.
    pub user: Option<String>,
    /// The connection with this id.
    pub client: Option<String>,
    /// Of this session.
    pub session: Option<String>,
}

impl Whom {
    /// All connections of a user.
    #[must_use]
    pub fn user(user: impl Into<String>) -> Self {
        Self { user: Some(user.into()), ..Self::default() }
    }

    /// One connection.
    #[must_use]
    pub fn client(client: impl Into<String>) -> Self {
        Self { client: Some(client.into()), ..Self::default() }
    }

    /// All connections of one of the application's sessions: what a logout ends.
    #[must_use]
    pub fn session(session: impl Into<String>) -> Self {
        Self { session: Some(session.into()), ..Self::default() }
    }

    /// Whether a connection is meant.
    ///
    /// ```
    /// use actix_charter::live::broker::Whom;
    /// let phone = Whom { client: Some("c1".to_owned()), ..Whom::user("ada") };
    /// assert!(phone.means("ada", "c1", None));
    /// assert!(!phone.means("ada", "c2", None));
    /// assert!(!Whom::default().means("ada", "c1", None));
    /// ```
    #[must_use]
    pub fn means(&self, user: &str, client: &str, session: Option<&str>) -> bool {
        (self.user.is_some() || self.client.is_some() || self.session.is_some())
            && self.user.as_deref().is_none_or(|it| it == user)
            && self.client.as_deref().is_none_or(|it| it == client)
            && self.session.as_deref().is_none_or(|it| Some(it) == session)
    }
}

/// An order to the nodes about connections they may hold.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ControlMessage {
    /// End connections.
    Disconnect {
        /// Which.
        whom: Whom,
        /// Connections that stay all the same, by their ids.
        except: Vec<String>,
        /// The close code.
        code: u16,
        /// The close reason.
        reason: String,
    },
    /// End their subscription of a channel.
    Unsubscribe {
        /// Whose.
        whom: Whom,
        /// Which channel.
        channel: String,
        /// The unsubscribe code.
        code: u32,
        /// The reason.
        reason: String,
    },
    /// Subscribe them to a channel; nobody is asked whether they may.
    Subscribe {
        /// Whom.
        whom: Whom,
        /// To which channel.
        channel: String,
        /// And how.
        order: SubscribeOrder,
    },
    /// Give connections a message outside of any channel.
    Message {
        /// Which.
        whom: Whom,
        /// JSON.
        data: Bytes,
    },
    /// Give connections another expiry or other words about them.
    Refresh {
        /// Which.
        whom: Whom,
        /// Treat them as expired now.
        expired: bool,
        /// When they expire, in seconds since 1970; 0 is never, and `None` is when they did before.
        expire_at: Option<i64>,
        /// JSON about the connection, as others see it; `None` is what it was.
        info: Option<Bytes>,
    },
    /// Commands of a client that came to another node than the one that has its connection.
    Commands {
        /// The name that the client was given for it.
        session: String,
        /// A frame of the client's, as it came.
        data: Bytes,
    },
}

/// How connections are subscribed by the server, see [`ControlMessage::Subscribe`].
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SubscribeOrder {
    /// JSON about the connection in this channel, as others see it.
    pub info: Option<Bytes>,
    /// JSON that the client gets.
    pub data: Option<Bytes>,
    /// What was published after this is sent, if it is still there.
    pub since: Option<Position>,
    /// When it ends, in seconds since 1970; the connection ends with it (3006).
    pub expire_at: Option<i64>,
    /// Instead of what the channel says.
    pub presence: Option<bool>,
    /// Instead of what the channel says.
    pub join_leave: Option<bool>,
}

/// Carries orders between nodes. Arrival is likely, not certain.
pub trait Control: fmt::Debug + Send + Sync + 'static {
    /// Where orders go from now on, to [`BrokerEvents::control`]; called once.
    ///
    /// # Errors
    /// When it listens already, or cannot begin.
    fn listen(&self, node: NodeId, events: Arc<dyn BrokerEvents>) -> BoxFuture<'_, Result<(), BrokerError>>;

    /// Sends an order.
    ///
    /// # Errors
    /// When the other nodes are out of reach, or [not known](BrokerError::unknown_node).
    fn send(&self, to: Target, message: ControlMessage) -> BoxFuture<'_, Result<(), BrokerError>>;
}
