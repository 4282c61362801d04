use actix_charter::Model;
use schemars::JsonSchema;

struct Plan<'a>(&'a str);

#[derive(JsonSchema, Model)]
#[validate(context = "Plan<'v_a>")]
struct Borrowed {
    #[validate(length(min = 1))]
    name: String,
}

#[derive(JsonSchema, Model)]
#[validate(context = String, mutable = true)]
struct Mutable {
    #[validate(length(min = 1))]
    name: String,
}

fn main() {}
