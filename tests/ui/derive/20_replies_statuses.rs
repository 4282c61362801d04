use actix_charter::{Model, Replies};
use schemars::JsonSchema;
use serde::Serialize;

#[derive(Serialize, JsonSchema, Model)]
struct User;

#[derive(Serialize, JsonSchema, Model)]
struct Team;

#[derive(Replies)]
#[reply(status = 200)]
enum Statuses {
    NoStatus,
    #[reply(description = "nothing")]
    OnlyText,
    #[reply(status = 99)]
    TooLow,
    #[reply(status = 1000)]
    TooHigh,
    #[reply(status = "ok")]
    Text,
    #[reply(status = 200, code = "x")]
    Unknown,
    #[reply(status = 200, body)]
    Body,
    #[reply(status = 200, description = 7)]
    Number,
}

#[derive(Replies)]
enum Bodies {
    #[reply(status = 204)]
    NoContent(User),
    #[reply(status = 205)]
    Reset { body: User },
    #[reply(status = 304)]
    NotModified(User),
    #[reply(status = 101)]
    Switching(User),
    #[reply(status = 200)]
    One(User),
    #[reply(status = 200)]
    Other(Team),
    #[reply(status = 200)]
    Nothing,
    #[reply(status = 201)]
    Two(User, Team),
}

#[derive(Replies)]
enum Never {}

#[derive(Clone, Copy, Replies)]
union Bits {
    a: u8,
    b: i8,
}

fn main() {}
