//! The answers, as they are written.

use std::{borrow::Cow, collections::BTreeMap};

use schemars::JsonSchema;
use serde::Serialize;

use super::raw_json::RawJson;
use crate::{
    Model,
    live::{
        BroadcastError, Publication,
        protocol::{ErrorCode, ReplyError},
    },
};

/// What came of a command: either a result or an error.
#[derive(Debug, Serialize, JsonSchema, Model)]
pub(crate) struct Answer<T> {
    /// It went well.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) result: Option<T>,
    /// It did not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) error: Option<Fault>,
}

impl<T> From<Result<T, Fault>> for Answer<T> {
    fn from(done: Result<T, Fault>) -> Self {
        match done {
            Ok(result) => Self { result: Some(result), error: None },
            Err(error) => Self { result: None, error: Some(error) },
        }
    }
}

/// Why a command was not done.
#[derive(Debug, Clone, Serialize, JsonSchema, Model)]
#[schemars(rename = "LiveFault")]
pub(crate) struct Fault {
    /// One of the protocol's error codes.
    pub(super) code: u32,
    /// The same in words.
    pub(super) message: Cow<'static, str>,
}

impl Fault {
    /// 107, with what is wrong.
    pub(super) fn bad(message: impl Into<Cow<'static, str>>) -> Self {
        Self { code: ErrorCode::BAD_REQUEST.get(), message: message.into() }
    }

    /// 108, with what is not offered.
    pub(super) fn unavailable(message: impl Into<Cow<'static, str>>) -> Self {
        Self { code: ErrorCode::NOT_AVAILABLE.get(), message: message.into() }
    }
}

impl From<ErrorCode> for Fault {
    fn from(code: ErrorCode) -> Self {
        let ReplyError { code, message, .. } = code.into();
        Self { code: code.get(), message }
    }
}

impl From<BroadcastError> for Fault {
    fn from(error: BroadcastError) -> Self {
        match error {
            BroadcastError::UnknownChannel | BroadcastError::NoPersonalChannel => {
                ErrorCode::UNKNOWN_CHANNEL.into()
            }
            BroadcastError::Data(_) => ErrorCode::BAD_REQUEST.into(),
            BroadcastError::Broker(error) => {
                tracing::warn!(target: "actix_charter::live", %error, "the broker failed");
                let code =
                    if error.is_unsupported() { ErrorCode::NOT_AVAILABLE } else { ErrorCode::INTERNAL };
                code.into()
            }
        }
    }
}

/// Nothing more is to be told.
#[derive(Debug, Serialize, JsonSchema, Model)]
#[schemars(rename = "LiveDone")]
pub(crate) struct Done {}

/// The place of a publication.
#[derive(Debug, Serialize, JsonSchema, Model)]
#[schemars(rename = "LivePublished")]
pub(crate) struct Published {
    /// How many were published with it; 0 in a channel without history.
    pub(super) offset: u64,
    /// Which life of the channel.
    pub(super) epoch: String,
}

/// What came of it in each channel, in their order.
#[derive(Debug, Serialize, JsonSchema, Model)]
#[schemars(rename = "LiveBroadcasted")]
pub(crate) struct Broadcasted {
    /// One for each channel.
    pub(super) responses: Vec<Answer<Published>>,
}

/// Who is in a channel.
#[derive(Debug, Serialize, JsonSchema, Model)]
#[schemars(rename = "LivePresent")]
pub(crate) struct Present {
    /// By the connection's id.
    pub(super) presence: BTreeMap<String, Info>,
}

/// Who stands behind a connection.
#[derive(Debug, Serialize, JsonSchema, Model)]
#[schemars(rename = "LiveInfo")]
pub(crate) struct Info {
    /// The user's id; empty for somebody anonymous.
    pub(super) user: String,
    /// The connection's id.
    pub(super) client: String,
    /// About the connection.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) conn_info: Option<RawJson>,
    /// About the connection in this channel.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) chan_info: Option<RawJson>,
}

impl From<&crate::live::ClientInfo> for Info {
    fn from(info: &crate::live::ClientInfo) -> Self {
        Self {
            user: info.user.clone(),
            client: info.client.clone(),
            conn_info: info.connection.as_deref().map(RawJson::of),
            chan_info: info.channel.as_deref().map(RawJson::of),
        }
    }
}

/// How many are in a channel.
#[derive(Debug, Serialize, JsonSchema, Model)]
#[schemars(rename = "LiveCounts")]
pub(crate) struct Counts {
    /// Connections.
    pub(super) num_clients: usize,
    /// Different users.
    pub(super) num_users: usize,
}

/// What was published into a channel.
#[derive(Debug, Serialize, JsonSchema, Model)]
#[schemars(rename = "LivePage")]
pub(crate) struct Page {
    /// A page of it.
    pub(super) publications: Vec<Entry>,
    /// The place of the newest there is.
    pub(super) offset: u64,
    /// Which life of the channel.
    pub(super) epoch: String,
}

/// What was published.
#[derive(Debug, Serialize, JsonSchema, Model)]
#[schemars(rename = "LiveEntry")]
pub(crate) struct Entry {
    /// Its place.
    pub(super) offset: u64,
    /// What.
    pub(super) data: RawJson,
    /// By whom, when it was a client.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) info: Option<Info>,
    /// Words by which subscribers may choose.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) tags: BTreeMap<String, String>,
}

impl From<&Publication> for Entry {
    fn from(publication: &Publication) -> Self {
        let tags = publication.tags.as_deref().unwrap_or_default();
        Self {
            offset: publication.offset,
            data: RawJson::of(&publication.data),
            info: publication.info.as_deref().map(Info::from),
            tags: tags.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect(),
        }
    }
}

/// Channels with subscribers in this process.
#[derive(Debug, Serialize, JsonSchema, Model)]
#[schemars(rename = "LiveChannels")]
pub(crate) struct Channels {
    /// By their names.
    pub(super) channels: BTreeMap<String, ChannelCount>,
}

/// How many are in a channel.
#[derive(Debug, Serialize, JsonSchema, Model)]
#[schemars(rename = "LiveChannelCount")]
pub(crate) struct ChannelCount {
    /// Connections.
    pub(super) num_clients: usize,
}

/// The nodes there are.
#[derive(Debug, Serialize, JsonSchema, Model)]
#[schemars(rename = "LiveNodes")]
pub(crate) struct Nodes {
    /// This process.
    pub(super) nodes: Vec<NodeCounts>,
}

/// What there is in a process.
#[derive(Debug, Serialize, JsonSchema, Model)]
#[schemars(rename = "LiveNodeCounts")]
pub(crate) struct NodeCounts {
    /// Its id, as long as it runs.
    pub(super) uid: String,
    /// A name for it.
    pub(super) name: String,
    /// What it runs.
    pub(super) version: String,
    /// Connections.
    pub(super) num_clients: usize,
    /// Different users.
    pub(super) num_users: usize,
    /// Subscriptions.
    pub(super) num_subs: usize,
    /// Channels with subscribers.
    pub(super) num_channels: usize,
    /// For how many seconds it runs.
    pub(super) uptime: u64,
}
