use actix_charter::{
    Model,
    model::{CheckContext, Violations},
};
use schemars::JsonSchema;

#[derive(JsonSchema, Model)]
#[model(check = says_yes)]
struct Answer {
    a: u8,
}

fn says_yes(_: &Answer, _: &CheckContext<'_>) -> bool {
    Violations::new().is_empty()
}

fn main() {}
