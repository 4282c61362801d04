//! The cards of a board, live: who may watch, and what they see. The endpoints in `cards.rs` publish it, through `News`.

use actix_charter::prelude::*;
use schemars::JsonSchema;
use serde::Serialize;
use sqlx::SqlitePool;

use crate::{auth::Caller, boards::need_board, card::Card, errors::Missing};

/// What happened to a card.
#[derive(Debug, Serialize, JsonSchema, Model)]
#[serde(tag = "event", rename_all = "lowercase")]
pub(crate) enum CardEvent {
    /// It is new, or it was changed: this is the whole of it. Of two, the one with the higher version counts.
    Saved { card: Card },
    /// It is gone.
    Removed { card: u32 },
}

/// The boards.
pub(crate) struct LiveBoard {
    db: SqlitePool,
}

impl LiveBoard {
    pub(crate) fn new(db: &SqlitePool) -> Self {
        Self { db: db.clone() }
    }
}

/// The cards of a board, and who looks at it.
#[channel(
    "board:{board}",
    tag = "boards",
    history(size = 200, ttl = "10m"),
    recover,
    presence,
    join_leave,
    leave_delay = "2s",
    sends(CardEvent)
)]
impl LiveBoard {
    /// Watch a board. Whoever is signed in may.
    #[subscribe]
    async fn watch(&self, Path(board): Path<u32>, _caller: Identity<Caller>) -> Result<(), Missing> {
        need_board(&self.db, board).await
    }
}
