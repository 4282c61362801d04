use actix_charter::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, JsonSchema, Model)]
struct User {
    id: u32,
}

trait Store: Send + Sync + 'static {
    type Item: Model + Serialize;
}

struct Generic<S>(S);

#[controller(path = "/{id}")]
impl<S: Store> Generic<S> {
    // What does not depend on the store is checked at once.
    #[get("/a")]
    fn body(&self, _user: Body<User>) -> Option<S::Item> {
        None
    }

    #[get("/b")]
    fn names(&self, _names: Path<(u32, u32)>) {}

    #[get("/c")]
    fn no_bound(&self) -> S {
        todo!()
    }

    #[get("/d")]
    fn no_model(&self, _item: Body<S::Item>) {}
}

fn main() {}
