use actix_charter::Model;
use schemars::JsonSchema;
use serde::Serialize;
use validator::Validate;

#[derive(Serialize, JsonSchema, Validate)]
struct Line {
    #[validate(range(min = 1))]
    quantity: u8,
}

#[derive(Serialize, JsonSchema, Validate, Model)]
struct Order {
    #[validate(nested)]
    lines: Vec<Line>,
}

fn main() {}
