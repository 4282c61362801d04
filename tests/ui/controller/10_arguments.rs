use actix_charter::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, JsonSchema, Model)]
struct User {
    id: u32,
}

struct Wrong;

struct Arguments;

#[controller]
impl Arguments {
    #[post("/a")]
    async fn model(&self, _user: User) -> NoContent {
        NoContent
    }

    #[post("/b")]
    fn number(&self, _ok: Body<User>, _number: u32, _wrong: Option<Wrong>) -> NoContent {
        NoContent
    }

    #[post("/c")]
    async fn optional_path(&self, _path: Option<Path<u32>>) -> NoContent {
        NoContent
    }

    #[post("/d")]
    async fn not_found(&self, _user: Missing) -> AlsoMissing {
        NoContent
    }
}

fn main() {
    Router::new("").controller(Arguments).assert_sound();
}
