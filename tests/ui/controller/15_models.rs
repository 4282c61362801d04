use actix_charter::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, JsonSchema)]
struct NoModel {
    id: u32,
}

#[derive(Serialize, JsonSchema, Model)]
struct NoDeserialize {
    id: u32,
}

#[derive(Deserialize, JsonSchema, Model)]
struct NoSerialize {
    id: u32,
}

struct Models;

#[controller]
impl Models {
    #[post("/a")]
    fn no_model(&self, _body: Body<NoModel>) {}

    #[post("/b")]
    async fn no_deserialize(&self, _body: Option<Body<NoDeserialize>>, _query: Query<Vec<NoModel>>) {}

    #[get("/c")]
    fn no_serialize(&self) -> NoSerialize {
        NoSerialize { id: 1 }
    }

    #[get("/d")]
    fn no_serialize_inside(&self) -> Created<NoSerialize> {
        Created::at("/", NoSerialize { id: 1 })
    }
}

fn main() {}
