use actix_charter::Model;
use schemars::JsonSchema;
use serde::Deserialize;

#[derive(Deserialize, JsonSchema, Model)]
#[serde(rename_all = "camelCase")]
struct Doubled {
    first_name: String,
    #[serde(rename = "firstName")]
    other: String,
}

fn main() {}
