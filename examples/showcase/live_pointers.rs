//! Where people point, and what they type in: published by the pages themselves, many times a second.

use actix_charter::{
    live::{Broadcast, Connection},
    prelude::*,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use validator::Validate;

/// All there is to know of one connection's pointer, so that only the latest counts.
#[derive(Debug, Serialize, Deserialize, JsonSchema, Validate, Model)]
struct Pointer {
    /// Nowhere, when it left the board.
    #[validate(nested)]
    at: Option<Place>,
    /// The card whose title is being typed; 0 is a new one.
    typing: Option<u32>,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema, Validate, Model)]
struct Place {
    /// From the left edge of the board (0) to the right one (1).
    #[validate(range(min = 0.0, max = 1.0))]
    x: f32,
    /// From the top (0) to the bottom (1).
    #[validate(range(min = 0.0, max = 1.0))]
    y: f32,
}

/// The pointers.
pub(crate) struct LivePointers;

/// Pointers over a board. Who reads too slowly gets the latest of each connection, and nobody is cut off for it.
#[channel("pointers:{board}", tag = "boards", slow = conflate)]
impl LivePointers {
    /// See where others point.
    #[subscribe]
    async fn watch(&self) {}

    /// Point somewhere, or type.
    #[publish(data_limit = "200 B")]
    async fn point(&self, Body(pointer): Body<Pointer>, from: Connection) -> Broadcast<Pointer> {
        Broadcast::new(pointer).key(from.client)
    }
}
