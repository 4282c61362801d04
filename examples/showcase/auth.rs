//! Who is calling: people with a token, service accounts with a key; both are the same to an endpoint.

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
}

impl Caller {
    fn new(subject: impl Into<String>, scopes: &[&str]) -> Self {
        Self { subject: subject.into(), scope: scopes.join(" ") }
    }

    pub(crate) fn user(id: u32, role: Role) -> Self {
        let scopes: &[_] = match role {
            Role::Admin => &SCOPES,
            Role::Member => &["boards:write"],
        };
        Self::new(format!("user:{id}"), scopes)
    }

    fn may(&self, scope: &str) -> bool {
        self.scope.split(' ').any(|granted| granted == scope)
    }
}

/// Tokens in `Authorization: Bearer`.
pub(crate) fn bearer(secret: &[u8]) -> Result<Bearer<Caller>, KeyError> {
    Ok(Bearer::hs256(secret)?.audience(AUDIENCE).known_scopes(SCOPES))
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
