use actix_charter::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, Model)]
struct NoSchema {
    id: u32,
}

struct Schemas;

#[controller]
impl Schemas {
    #[post("/a")]
    fn no_schema(&self, body: Body<NoSchema>) -> NoSchema {
        body.0
    }
}

fn main() {}
