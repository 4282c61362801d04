use std::time::SystemTime;

use bytes::Bytes;
use serde::{Deserialize, Deserializer};

use crate::live::{ChannelOptions, RecoveryMode};

/// Who connects, as a token says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct ConnectionToken {
    /// The user's id; empty for somebody anonymous.
    pub user: String,
    /// The token's own id, `jti`.
    pub id: Option<String>,
    /// When the connection ends unless it is renewed.
    pub expires: Option<SystemTime>,
    /// JSON that others see of the connection.
    pub info: Option<Bytes>,
    /// JSON for the application alone.
    pub meta: Option<Bytes>,
    /// The channels that it is subscribed to without asking.
    pub channels: Vec<(String, SubscriptionToken)>,
}

/// What a token grants in a channel.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct SubscriptionToken {
    /// When the permission ends unless it is renewed.
    pub expires: Option<SystemTime>,
    /// JSON that others in the channel see of the connection.
    pub info: Option<Bytes>,
    /// JSON for the reply.
    pub data: Option<Bytes>,
    /// Instead of the channel's own options.
    pub overrides: Overrides,
}

/// What a token says instead of the channel's options: the claim `override`. Members of other names are left alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Overrides {
    /// Whether it is known that this one is there.
    #[serde(deserialize_with = "value")]
    pub presence: Option<bool>,
    /// Whether others hear of its coming and going, and it of theirs.
    #[serde(deserialize_with = "value")]
    pub join_leave: Option<bool>,
    /// Whether it recovers what it missed.
    #[serde(deserialize_with = "value")]
    pub force_recovery: Option<bool>,
}

/// `{"value": true}`.
fn value<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<bool>, D::Error> {
    #[derive(Deserialize)]
    struct Wrapped {
        value: bool,
    }
    Ok(Option::<Wrapped>::deserialize(deserializer)?.map(|wrapped| wrapped.value))
}

impl Overrides {
    /// The channel's options as they are for the token's bearer; `None` when it says nothing.
    #[must_use]
    pub fn over(&self, options: &ChannelOptions) -> Option<ChannelOptions> {
        if *self == Self::default() {
            return None;
        }
        let mut options = options.clone();
        if let Some(on) = self.presence {
            options.presence = on;
            options.presence_for_clients &= on;
        }
        options.join_leave = self.join_leave.unwrap_or(options.join_leave);
        match self.force_recovery {
            Some(false) => options.recovery = RecoveryMode::None,
            // Without a history there is nothing to recover.
            Some(true) if options.history_size > 0 && options.recovery == RecoveryMode::None => {
                options.recovery = RecoveryMode::Stream;
            }
            _ => {}
        }
        Some(options)
    }
}

/// What comes of a request to go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Renewal {
    /// It goes on until then.
    Until(SystemTime),
    /// It goes on, and does not end by itself.
    ForGood,
    /// It is over: the connection ends with 3005, the subscription with 2501.
    Over,
}

impl From<Option<SystemTime>> for Renewal {
    fn from(expires: Option<SystemTime>) -> Self {
        expires.map_or(Self::ForGood, Self::Until)
    }
}
