//! What the endpoints tell the live channels once something is in the database.

use actix_charter::live::{Broadcaster, Publish};
use chrono::Utc;
use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    auth::Caller,
    card::Card,
    live_activity::{Activity, Did},
    live_board::CardEvent,
};

/// What a user is told on all their devices, wherever they are in the application.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Notice<'a> {
    text: &'a str,
    by: &'a str,
    board: u32,
    card: u32,
    title: &'a str,
}

/// Tells who is there. A clone is the same.
#[derive(Clone)]
pub(crate) struct News(Broadcaster);

impl News {
    pub(crate) fn new(broadcaster: Broadcaster) -> Self {
        Self(broadcaster)
    }

    /// The card is new, or other than it was.
    pub(crate) async fn saved(&self, caller: &Caller, did: Did, card: &Card) {
        let board = format!("board:{}", card.board);
        tell(self.0.publish(board, &CardEvent::Saved { card: card.clone() })).await;
        self.did(caller, did, card).await;
    }

    /// The card is gone.
    pub(crate) async fn removed(&self, caller: &Caller, card: &Card) {
        let board = format!("board:{}", card.board);
        tell(self.0.publish(board, &CardEvent::Removed { card: card.id })).await;
        self.did(caller, Did::Removed, card).await;
    }

    /// Something was said of the card.
    pub(crate) async fn commented(&self, caller: &Caller, card: &Card) {
        self.did(caller, Did::Commented, card).await;
        self.notify(caller, card, "said something about your card").await;
    }

    /// The card is somebody else's now.
    pub(crate) async fn assigned(&self, caller: &Caller, card: &Card) {
        self.notify(caller, card, "gave you a card").await;
    }

    /// Tells whoever has the card, unless it is they who did it.
    async fn notify(&self, caller: &Caller, card: &Card, text: &str) {
        let Some(user) = card.assignee.filter(|user| caller.user_id() != Some(*user)) else { return };
        let notice =
            Notice { text, by: &caller.subject, board: card.board, card: card.id, title: &card.title };
        tell(self.0.to_user(&user.to_string(), &notice)).await;
    }

    async fn did(&self, caller: &Caller, did: Did, card: &Card) {
        let activity = Activity {
            by: caller.subject.clone(),
            did,
            card: card.id,
            title: card.title.clone(),
            at: Utc::now(),
        };
        tell(self.0.publish(format!("activity:{}", card.board), &activity)).await;
    }
}

/// What was done is done, even when nobody could be told.
async fn tell(publication: Publish) {
    if let Err(error) = publication.await {
        log::warn!("nobody was told: {error}");
    }
}
