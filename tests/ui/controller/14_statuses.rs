use actix_charter::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, JsonSchema, Model)]
struct User {
    id: u32,
}

#[derive(Serialize, JsonSchema, Model)]
struct Board;

#[derive(Debug, thiserror::Error, ApiError)]
#[error("gone")]
#[api(status = 404)]
struct Lost;

struct Statuses;

#[controller]
impl Statuses {
    #[get("/a")]
    fn no_content(&self) -> Status<204, User> {
        Status(User { id: 1 })
    }

    #[get("/b", status = 204)]
    fn bare(&self) -> Result<User, Lost> {
        Err(Lost)
    }

    #[get("/c")]
    fn early(&self) -> Option<Status<103, User>> {
        None
    }

    #[get("/d")]
    fn twice(&self) -> OneOf<(User, Board)> {
        todo!()
    }

    #[post("/e")]
    fn created(&self) -> OneOf<(Created<User>, Board)> {
        todo!()
    }

    #[get("/f")]
    fn out_of_range(&self) -> Status<600, User> {
        Status(User { id: 1 })
    }

    // Both at once, both told.
    #[get("/g")]
    fn both(&self, _user: Body<User>) -> Status<205, User> {
        Status(User { id: 1 })
    }
}

fn main() {}
