use std::{
    collections::BTreeMap,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use bytes::Bytes;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::Overrides;

/// What is read beside the registered claims, which `Rules` checks. A claim that is there twice is an error (RFC 7519 §4).
#[derive(Debug, Deserialize)]
pub(super) struct ConnectionClaims {
    #[serde(default)]
    pub(super) sub: Option<String>,
    #[serde(default)]
    pub(super) jti: Option<String>,
    #[serde(default)]
    pub(super) exp: Option<f64>,
    #[serde(default)]
    pub(super) expire_at: Option<f64>,
    #[serde(default, deserialize_with = "raw")]
    pub(super) info: Option<Bytes>,
    #[serde(default, deserialize_with = "raw")]
    pub(super) meta: Option<Bytes>,
    #[serde(default)]
    pub(super) channels: Vec<String>,
    #[serde(default)]
    pub(super) subs: BTreeMap<String, SubClaims>,
    /// Only a subscription's token has it.
    #[serde(default)]
    pub(super) channel: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct SubscriptionClaims {
    #[serde(default)]
    pub(super) sub: Option<String>,
    pub(super) channel: String,
    #[serde(default)]
    pub(super) exp: Option<f64>,
    #[serde(default)]
    pub(super) expire_at: Option<f64>,
    #[serde(flatten)]
    pub(super) granted: SubClaims,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct SubClaims {
    #[serde(default, deserialize_with = "raw")]
    pub(super) info: Option<Bytes>,
    #[serde(default, deserialize_with = "raw")]
    pub(super) data: Option<Bytes>,
    #[serde(default, rename = "override")]
    pub(super) overrides: Overrides,
}

/// JSON as it stands; null is nothing.
fn raw<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Bytes>, D::Error> {
    // Out of a flattened map there is no raw JSON left.
    let value = serde_json::Value::deserialize(deserializer)?;
    if value.is_null() {
        return Ok(None);
    }
    let raw = RawValue::from_string(value.to_string()).map_err(serde::de::Error::custom)?;
    Ok(Some(Bytes::from(Box::<str>::from(raw).into_string())))
}

/// When it ends: `expire_at`, where 0 is never, or else `exp`.
pub(super) fn end(exp: Option<f64>, expire_at: Option<f64>) -> Option<SystemTime> {
    let seconds = match expire_at {
        Some(at) if at <= 0.0 => return None,
        Some(at) => Some(at),
        None => exp,
    };
    let after = Duration::try_from_secs_f64(seconds?).ok()?;
    UNIX_EPOCH.checked_add(after)
}
