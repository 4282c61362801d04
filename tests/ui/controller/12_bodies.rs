use actix_charter::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, JsonSchema, Model)]
struct User {
    id: u32,
}

struct Bodies;

#[controller]
impl Bodies {
    #[get("/a")]
    fn get(&self, _id: Query<User>, _user: Body<User>) {}

    #[head("/b")]
    fn head(&self, _user: Option<Body<User>>) {}

    #[delete("/c")]
    async fn delete(&self, _user: actix_charter::request::RawBody) {}

    #[method("TRACE", "/d")]
    fn trace(&self, _user: Multipart<User>) {}

    #[post("/e")]
    fn two(&self, _user: Body<User>, _again: actix_charter::request::TextBody) {}

    #[post("/f")]
    fn callers(&self, _one: Identity<String>, _two: Option<Identity<u32>>) {}
}

fn main() {}
