//! The commands, as they are written.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::raw_json::{RawJson, present};
use crate::Model;

/// Publishes into a channel.
#[derive(Debug, Clone, Deserialize, JsonSchema, Model)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "LivePublish")]
pub(crate) struct Publish {
    /// Into which channel.
    pub(super) channel: String,
    /// What; any JSON.
    #[serde(default, deserialize_with = "present")]
    pub(super) data: Option<RawJson>,
    /// The same in base64, instead. It has to be JSON, too.
    #[serde(default)]
    pub(super) b64data: Option<String>,
    /// Whether it is not kept: those who are not there miss it.
    #[serde(default)]
    pub(super) skip_history: bool,
    /// Words by which subscribers may choose.
    #[serde(default)]
    pub(super) tags: BTreeMap<String, String>,
    /// For five minutes, nothing else is published into the channel with this key.
    #[serde(default)]
    pub(super) idempotency_key: String,
    /// Whether it is sent as a difference to the one before; the channel has to be one that does so.
    #[serde(default)]
    pub(super) delta: bool,
    /// For whole states: which one this is. One that is no newer than the channel's is not published.
    #[serde(default)]
    pub(super) version: u64,
    /// What the version counts in.
    #[serde(default)]
    pub(super) version_epoch: String,
}

/// Publishes the same into many channels.
#[derive(Debug, Clone, Deserialize, JsonSchema, Model)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "LiveBroadcast")]
pub(crate) struct Broadcast {
    /// Into which channels.
    pub(super) channels: Vec<String>,
    /// What; any JSON.
    #[serde(default, deserialize_with = "present")]
    pub(super) data: Option<RawJson>,
    /// The same in base64, instead. It has to be JSON, too.
    #[serde(default)]
    pub(super) b64data: Option<String>,
    /// Whether it is not kept: those who are not there miss it.
    #[serde(default)]
    pub(super) skip_history: bool,
    /// Words by which subscribers may choose.
    #[serde(default)]
    pub(super) tags: BTreeMap<String, String>,
    /// For five minutes, nothing else is published into the channel with this key.
    #[serde(default)]
    pub(super) idempotency_key: String,
    /// Whether it is sent as a difference to the one before; the channel has to be one that does so.
    #[serde(default)]
    pub(super) delta: bool,
    /// For whole states: which one this is. One that is no newer than the channel's is not published.
    #[serde(default)]
    pub(super) version: u64,
    /// What the version counts in.
    #[serde(default)]
    pub(super) version_epoch: String,
}

/// Subscribes connections of a user to a channel. Nobody is asked whether they may.
#[derive(Debug, Clone, Deserialize, JsonSchema, Model)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "LiveSubscribe")]
pub(crate) struct Subscribe {
    /// Whose connections.
    pub(super) user: String,
    /// Only the one with this id.
    #[serde(default)]
    pub(super) client: String,
    /// Only those of this session.
    #[serde(default)]
    pub(super) session: String,
    /// To which channel.
    pub(super) channel: String,
    /// About the connection in this channel, as others see it; any JSON.
    #[serde(default, deserialize_with = "present")]
    pub(super) info: Option<RawJson>,
    /// The same in base64, instead.
    #[serde(default)]
    pub(super) b64info: Option<String>,
    /// What the client gets with it; any JSON.
    #[serde(default, deserialize_with = "present")]
    pub(super) data: Option<RawJson>,
    /// The same in base64, instead.
    #[serde(default)]
    pub(super) b64data: Option<String>,
    /// What was published after this is sent.
    #[serde(default)]
    pub(super) recover_since: Option<StreamPosition>,
    /// When it ends, in seconds since 1970.
    #[serde(default)]
    pub(super) expire_at: i64,
    /// Instead of what the channel says.
    #[serde(default, rename = "override")]
    pub(super) overrides: Option<Overrides>,
}

/// A place in a channel.
#[derive(Debug, Clone, Deserialize, JsonSchema, Model)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "LiveStreamPosition")]
pub(crate) struct StreamPosition {
    /// How many were published before.
    #[serde(default)]
    pub(super) offset: u64,
    /// Which life of the channel.
    #[serde(default)]
    pub(super) epoch: String,
}

/// What holds for a subscription instead of what its channel says.
#[derive(Debug, Clone, Deserialize, JsonSchema, Model)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "LiveOverrides")]
pub(crate) struct Overrides {
    /// Whether others see that it is there.
    #[serde(default)]
    pub(super) presence: Option<BoolValue>,
    /// Whether it and others are told of each other's coming and going.
    #[serde(default)]
    pub(super) join_leave: Option<BoolValue>,
    /// Not offered.
    #[serde(default)]
    pub(super) force_push_join_leave: Option<BoolValue>,
    /// Not offered.
    #[serde(default)]
    pub(super) force_positioning: Option<BoolValue>,
    /// Not offered.
    #[serde(default)]
    pub(super) force_recovery: Option<BoolValue>,
}

/// Yes or no.
#[derive(Debug, Clone, Deserialize, JsonSchema, Model)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "LiveBoolValue")]
pub(crate) struct BoolValue {
    /// Which.
    #[serde(default)]
    pub(super) value: bool,
}

/// Ends the subscription of connections of a user.
#[derive(Debug, Clone, Deserialize, JsonSchema, Model)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "LiveUnsubscribe")]
pub(crate) struct Unsubscribe {
    /// Whose connections.
    pub(super) user: String,
    /// Only the one with this id.
    #[serde(default)]
    pub(super) client: String,
    /// Only those of this session.
    #[serde(default)]
    pub(super) session: String,
    /// Of which channel.
    pub(super) channel: String,
}

/// Ends connections of a user.
#[derive(Debug, Clone, Deserialize, JsonSchema, Model)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "LiveDisconnect")]
pub(crate) struct Disconnect {
    /// Whose connections.
    pub(super) user: String,
    /// Only the one with this id.
    #[serde(default)]
    pub(super) client: String,
    /// Only those of this session.
    #[serde(default)]
    pub(super) session: String,
    /// Connections that stay all the same, by their ids.
    #[serde(default)]
    pub(super) whitelist: Vec<String>,
    /// What they are told; by default 3503, after which they stay away.
    #[serde(default)]
    pub(super) disconnect: Option<DisconnectWords>,
}

/// How a connection ends.
#[derive(Debug, Clone, Deserialize, JsonSchema, Model)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "LiveDisconnectWords")]
pub(crate) struct DisconnectWords {
    /// One of the protocol's codes, or 4000 to 4999.
    #[serde(default)]
    pub(super) code: u32,
    /// Why, in words.
    #[serde(default)]
    pub(super) reason: String,
}

/// Says when connections of a user end.
#[derive(Debug, Clone, Deserialize, JsonSchema, Model)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "LiveRefresh")]
pub(crate) struct Refresh {
    /// Whose connections.
    pub(super) user: String,
    /// Only the one with this id.
    #[serde(default)]
    pub(super) client: String,
    /// Only those of this session.
    #[serde(default)]
    pub(super) session: String,
    /// They end now.
    #[serde(default)]
    pub(super) expired: bool,
    /// They end then, in seconds since 1970; without it, never.
    #[serde(default)]
    pub(super) expire_at: i64,
    /// About the connection, as others see it; any JSON.
    #[serde(default, deserialize_with = "present")]
    pub(super) info: Option<RawJson>,
}

/// Names a channel.
#[derive(Debug, Clone, Deserialize, JsonSchema, Model)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "LiveOfChannel")]
pub(crate) struct OfChannel {
    /// Which.
    pub(super) channel: String,
}

/// Reads what was published into a channel.
#[derive(Debug, Clone, Deserialize, JsonSchema, Model)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "LiveHistory")]
pub(crate) struct History {
    /// Which channel.
    pub(super) channel: String,
    /// How many at most; without it none, only the position is told; a negative number is all.
    #[serde(default)]
    pub(super) limit: i64,
    /// Only those after this place, or before it in reverse.
    #[serde(default)]
    pub(super) since: Option<StreamPosition>,
    /// The newest first.
    #[serde(default)]
    pub(super) reverse: bool,
}

/// Lists channels with subscribers.
#[derive(Debug, Clone, Deserialize, JsonSchema, Model)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "LiveListChannels")]
pub(crate) struct ListChannels {
    /// Only those whose names fit: `*` is any run of characters, `?` is one.
    #[serde(default)]
    pub(super) pattern: String,
}

/// Nothing needs to be told.
#[derive(Debug, Clone, Deserialize, JsonSchema, Model)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "LiveNoWords")]
pub(crate) struct NoWords {}

/// Many commands.
#[derive(Debug, Clone, Deserialize, JsonSchema, Model)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "LiveBatch")]
pub(crate) struct Batch {
    /// Each has one member, called as the command: `{"publish": {..}}`.
    pub(super) commands: Vec<Command>,
    /// All at once; otherwise one after the other.
    #[serde(default)]
    pub(super) parallel: bool,
}

/// One command of a batch: exactly one of these.
#[derive(Debug, Clone, Deserialize, JsonSchema, Model)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "LiveCommand")]
pub(crate) struct Command {
    /// As the command of that name.
    #[serde(default)]
    pub(super) publish: Option<Publish>,
    /// As the command of that name.
    #[serde(default)]
    pub(super) broadcast: Option<Broadcast>,
    /// As the command of that name.
    #[serde(default)]
    pub(super) subscribe: Option<Subscribe>,
    /// As the command of that name.
    #[serde(default)]
    pub(super) unsubscribe: Option<Unsubscribe>,
    /// As the command of that name.
    #[serde(default)]
    pub(super) disconnect: Option<Disconnect>,
    /// As the command of that name.
    #[serde(default)]
    pub(super) refresh: Option<Refresh>,
    /// As the command of that name.
    #[serde(default)]
    pub(super) presence: Option<OfChannel>,
    /// As the command of that name.
    #[serde(default)]
    pub(super) presence_stats: Option<OfChannel>,
    /// As the command of that name.
    #[serde(default)]
    pub(super) history: Option<History>,
    /// As the command of that name.
    #[serde(default)]
    pub(super) history_remove: Option<OfChannel>,
    /// As the command of that name.
    #[serde(default)]
    pub(super) channels: Option<ListChannels>,
    /// As the command of that name.
    #[serde(default)]
    pub(super) info: Option<NoWords>,
}
