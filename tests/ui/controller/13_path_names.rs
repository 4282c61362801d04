use actix_charter::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, JsonSchema, Model)]
struct User {
    id: u32,
}

struct Names;

#[controller(path = "/{board}")]
impl Names {
    #[get("/a/{card}")]
    fn scalar(&self, _path: Path<u32>) {}

    #[get("/b")]
    fn tuple(&self, _path: Path<(u32, u32)>) {}

    #[get("/c/{id}")]
    fn named(&self, _user: Path<User>) {}

    #[get("/d")]
    fn named_and_missing(&self, Path(_user): Path<User>) {}
}

struct NoNames;

#[controller]
impl NoNames {
    #[get("/e")]
    fn scalar(&self, _path: Path<u32>) {}
}

fn main() {}
