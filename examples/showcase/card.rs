//! A card as it is read, written and stored, and what can go wrong with it.

use actix_charter::prelude::*;
use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};
use thiserror::Error;
use validator::{Validate, ValidationError};

use crate::errors::Missing;

#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema, Model, sqlx::Type,
)]
#[serde(rename_all = "lowercase")]
#[sqlx(rename_all = "lowercase")]
pub(crate) enum Status {
    #[default]
    Todo,
    Doing,
    Done,
}

#[derive(Debug, Clone, Serialize, JsonSchema, Model, sqlx::FromRow)]
pub(crate) struct Card {
    pub(crate) id: u32,
    pub(crate) board: u32,
    pub(crate) title: String,
    pub(crate) status: Status,
    #[sqlx(json)]
    pub(crate) labels: Vec<String>,
    /// A user's id.
    pub(crate) assignee: Option<u32>,
    pub(crate) starts: Option<NaiveDate>,
    pub(crate) due: Option<NaiveDate>,
    pub(crate) version: u32,
}

impl Card {
    pub(crate) fn etag(&self) -> String {
        format!("\"v{}\"", self.version)
    }
}

#[derive(Deserialize, JsonSchema, Validate, Model)]
#[validate(schema(function = "in_order"))]
pub(crate) struct NewCard {
    #[validate(length(min = 1, max = 120))]
    pub(crate) title: String,
    #[serde(default)]
    pub(crate) status: Status,
    #[serde(default)]
    #[validate(length(max = 10))]
    pub(crate) labels: Vec<String>,
    /// A user's id.
    pub(crate) assignee: Option<u32>,
    pub(crate) starts: Option<NaiveDate>,
    pub(crate) due: Option<NaiveDate>,
}

/// A rule over two fields.
fn in_order(card: &NewCard) -> Result<(), ValidationError> {
    if card.due.is_some() && card.due < card.starts {
        return Err(ValidationError::new("order").with_message("must not be due before it starts".into()));
    }
    Ok(())
}

/// What is left out stays as it is; `null` takes away what can be taken away.
#[derive(Deserialize, JsonSchema, Validate, Model)]
pub(crate) struct CardChanges {
    #[validate(length(min = 1, max = 120))]
    pub(crate) title: Option<String>,
    pub(crate) status: Option<Status>,
    #[validate(length(max = 10))]
    pub(crate) labels: Option<Vec<String>>,
    #[serde(default, deserialize_with = "given")]
    pub(crate) assignee: Option<Option<u32>>,
    #[serde(default, deserialize_with = "given")]
    pub(crate) due: Option<Option<NaiveDate>>,
}

/// Tells `null` (`Some(None)`) from what was left out (`None`).
fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(value: D) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(value).map(Some)
}

/// Which cards.
#[derive(Deserialize, JsonSchema, Validate, Model)]
pub(crate) struct CardFilter {
    /// Any of these: `status=todo&status=doing`.
    #[serde(default)]
    pub(crate) status: Vec<Status>,
    /// All of these, separated by commas: `labels=bug,urgent`.
    #[serde(default)]
    #[model(commas)]
    pub(crate) labels: Vec<String>,
    /// A user's id.
    pub(crate) assignee: Option<u32>,
    /// Due on this day or earlier.
    pub(crate) due_by: Option<NaiveDate>,
}

/// What the client knows already, RFC 9110 §13.1.
#[derive(Deserialize, JsonSchema, Model)]
pub(crate) struct IfNoneMatch {
    #[serde(rename = "If-None-Match")]
    pub(crate) if_none_match: Option<String>,
}

/// The version that the client wants to change.
#[derive(Deserialize, JsonSchema, Model)]
pub(crate) struct IfMatch {
    #[serde(rename = "If-Match")]
    pub(crate) if_match: Option<String>,
}

/// A card with its version.
#[derive(Replies)]
pub(crate) enum Versioned {
    /// The card.
    #[reply(status = 200)]
    Card {
        #[reply(header = "ETag")]
        etag: String,
        body: Card,
    },
    /// The client has this version already.
    #[reply(status = 304)]
    Unchanged {
        #[reply(header = "ETag")]
        etag: String,
    },
}

#[derive(Debug, Error, ApiError)]
pub(crate) enum SaveError {
    /// The assignee is nobody, or the card would be due before it starts.
    #[error("{0}")]
    #[api(status = 409, code = "impossible")]
    Impossible(&'static str),
    #[error(transparent)]
    #[api(transparent)]
    Missing(#[from] Missing),
}

#[derive(Debug, Error, ApiError)]
pub(crate) enum ChangeError {
    /// Someone else changed the card since.
    #[error("the card was changed since that version")]
    #[api(status = 412, code = "stale")]
    Stale {
        #[api(header = "ETag")]
        etag: String,
    },
    #[error(transparent)]
    #[api(transparent)]
    Save(#[from] SaveError),
}

impl From<sqlx::Error> for SaveError {
    fn from(error: sqlx::Error) -> Self {
        match error.as_database_error() {
            Some(database) if database.is_foreign_key_violation() => {
                Self::Impossible("the assignee is no user")
            }
            _ => Self::Missing(error.into()),
        }
    }
}
