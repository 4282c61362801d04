use actix_charter::Model;
use schemars::JsonSchema;

#[derive(JsonSchema, Model)]
struct Rules {
    #[validate(length(min = 3))]
    name: String,
}

fn main() {}
