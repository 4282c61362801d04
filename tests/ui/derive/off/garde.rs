use actix_charter::Model;
use schemars::JsonSchema;

#[derive(JsonSchema, Model)]
struct Rules {
    #[garde(length(min = 3))]
    name: String,
}

fn main() {}
