use std::fmt;

use serde_json::Value;

use super::LiveMember;

/// Something that the server said by itself.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum LiveEvent {
    /// Something was published.
    #[non_exhaustive]
    Publication {
        /// Where.
        channel: String,
        /// What.
        data: Value,
        /// The words that stand beside it, by their names; null without.
        tags: Value,
        /// Its place in the channel's stream; 0 in one without history.
        offset: u64,
        /// Who, when it was a client.
        by: Option<LiveMember>,
    },
    /// Somebody came.
    Join {
        /// Where.
        channel: String,
        /// Who.
        who: LiveMember,
    },
    /// Somebody went.
    Leave {
        /// Where.
        channel: String,
        /// Who.
        who: LiveMember,
    },
    /// The server ended a subscription.
    Unsubscribed {
        /// Which.
        channel: String,
        /// Why; from 2500 on, clients subscribe again by themselves.
        code: u32,
        /// Why, in words.
        reason: String,
    },
    /// A message for this connection alone.
    Message(Value),
    /// Anything else, as it came.
    Other(Value),
}

/// How a connection ended.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LiveClosed {
    /// One of the protocol's, see [`DisconnectCode`](crate::live::protocol::DisconnectCode), or of the application's. 1006 when it
    /// ended without a word.
    pub code: u16,
    /// The words.
    pub reason: String,
}

impl LiveEvent {
    /// What a push tells; `None` for a disconnect.
    pub(super) fn of(push: &Value) -> Option<Self> {
        let channel = push["channel"].as_str().unwrap_or_default().to_owned();
        let member = |event: &Value| LiveMember::of(&event["info"]);
        Some(if let Some(publication) = push.get("pub") {
            Self::published(channel, publication)
        } else if let Some(join) = push.get("join") {
            Self::Join { channel, who: member(join) }
        } else if let Some(leave) = push.get("leave") {
            Self::Leave { channel, who: member(leave) }
        } else if let Some(ended) = push.get("unsubscribe") {
            let code = ended["code"].as_u64().and_then(|code| u32::try_from(code).ok()).unwrap_or_default();
            Self::Unsubscribed {
                channel,
                code,
                reason: ended["reason"].as_str().unwrap_or_default().to_owned(),
            }
        } else if let Some(message) = push.get("message") {
            Self::Message(message["data"].clone())
        } else if push.get("disconnect").is_some() {
            return None;
        } else {
            Self::Other(push.clone())
        })
    }

    pub(super) fn published(channel: String, publication: &Value) -> Self {
        Self::Publication {
            channel,
            data: publication["data"].clone(),
            tags: publication["tags"].clone(),
            offset: publication["offset"].as_u64().unwrap_or_default(),
            by: publication.get("info").map(LiveMember::of),
        }
    }

    /// The channel it is about; `None` when it is about the connection.
    #[must_use]
    pub fn channel(&self) -> Option<&str> {
        match self {
            Self::Publication { channel, .. }
            | Self::Join { channel, .. }
            | Self::Leave { channel, .. }
            | Self::Unsubscribed { channel, .. } => Some(channel),
            Self::Message(_) | Self::Other(_) => None,
        }
    }

    pub(super) fn is_presence(&self) -> bool {
        matches!(self, Self::Join { .. } | Self::Leave { .. })
    }
}

/// In a few words.
impl fmt::Display for LiveEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Publication { channel, data, .. } => write!(f, "{data} in `{channel}`"),
            Self::Join { channel, who } => write!(f, "{who} came into `{channel}`"),
            Self::Leave { channel, who } => write!(f, "{who} left `{channel}`"),
            Self::Unsubscribed { channel, code, reason } => {
                write!(f, "the end of the subscription of `{channel}` ({code}, {reason})")
            }
            Self::Message(data) => write!(f, "the message {data}"),
            Self::Other(push) => write!(f, "{push}"),
        }
    }
}

/// `3008, slow`.
impl fmt::Display for LiveClosed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}", self.code, self.reason)
    }
}
