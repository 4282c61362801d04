//! The feed beside a board: its history is read when the page opens, and what was missed comes after a break.

use actix_charter::prelude::*;
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::Serialize;
use sqlx::SqlitePool;

use crate::{boards::need_board, errors::Missing};

/// Somebody did something to a card.
#[derive(Debug, Serialize, JsonSchema, Model)]
pub(crate) struct Activity {
    /// `user:1` or `service:ci`.
    pub(crate) by: String,
    pub(crate) did: Did,
    pub(crate) card: u32,
    /// The card's title then.
    pub(crate) title: String,
    pub(crate) at: DateTime<Utc>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema, Model)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Did {
    Added,
    Moved,
    Changed,
    Removed,
    Commented,
}

/// The feeds.
pub(crate) struct LiveActivity {
    db: SqlitePool,
}

impl LiveActivity {
    pub(crate) fn new(db: &SqlitePool) -> Self {
        Self { db: db.clone() }
    }
}

/// What was done on a board.
#[channel("activity:{board}", tag = "boards", history(size = 50, ttl = "24h"), recover, sends(Activity))]
impl LiveActivity {
    /// Read along.
    #[subscribe]
    async fn read(&self, Path(board): Path<u32>) -> Result<(), Missing> {
        need_board(&self.db, board).await
    }
}
