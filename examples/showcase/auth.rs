//! Who is calling: people with a token or a cookie, service accounts with a key; both are the same to an endpoint.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use actix_charter::{
    prelude::*,
    security::{ApiKey, Bearer, KeyError},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::users::Role;

pub(crate) const AUDIENCE: &str = "team-board";
const SCOPES: [&str; 2] = ["boards:write", "users:write"];

/// Who is calling. Tokens carry it as claims; a service account's key stands for one.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
pub(crate) struct Caller {
    /// `user:1` or `service:ci`.
    #[serde(rename = "sub")]
    pub(crate) subject: String,
    /// What the caller may do, separated by blanks.
    pub(crate) scope: String,
    /// Which signing in the token is of, so that signing out ends what is open.
    #[serde(rename = "jti", default, skip_serializing)]
    pub(crate) session: Option<String>,
    #[serde(rename = "exp", default, skip_serializing)]
    expires: Option<u64>,
}

impl Caller {
    fn new(subject: impl Into<String>, scopes: &[&str]) -> Self {
        Self { subject: subject.into(), scope: scopes.join(" "), session: None, expires: None }
    }

    pub(crate) fn user(id: u32, role: Role) -> Self {
        let scopes: &[_] = match role {
            Role::Admin => &SCOPES,
            Role::Member => &["boards:write"],
        };
        Self::new(format!("user:{id}"), scopes)
    }

    /// The user's id, when it is a person.
    pub(crate) fn user_id(&self) -> Option<u32> {
        self.subject.strip_prefix("user:")?.parse().ok()
    }

    /// When the token is over.
    pub(crate) fn expires_at(&self) -> Option<SystemTime> {
        Some(UNIX_EPOCH + Duration::from_secs(self.expires?))
    }

    fn may(&self, scope: &str) -> bool {
        self.scope.split(' ').any(|granted| granted == scope)
    }
}

/// Tokens in `Authorization: Bearer`, or in the cookie that browsers get when they sign in.
pub(crate) fn bearer(secret: &[u8]) -> Result<Bearer<Caller>, KeyError> {
    Ok(Bearer::hs256(secret)?.audience(AUDIENCE).known_scopes(SCOPES).cookie("session"))
}

/// Keys in `X-API-Key`. Real ones come from the configuration.
pub(crate) fn service_keys() -> ApiKey<Caller> {
    ApiKey::fixed([
        ("demo-key-ci", Caller::new("service:ci", &SCOPES)),
        ("demo-key-reports", Caller::new("service:reports", &[])),
    ])
    .grants(Caller::may)
    .known_scopes(SCOPES)
}
