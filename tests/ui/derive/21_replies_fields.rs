use actix_charter::{Model, Replies};
use schemars::JsonSchema;
use serde::Serialize;

#[derive(Serialize, JsonSchema, Model)]
struct User;

#[derive(Replies)]
enum Fields {
    #[reply(status = 200)]
    Nowhere { user: User },
    #[reply(status = 202)]
    Both {
        #[reply(header = "X-A", cookie = "a")]
        a: String,
    },
    #[reply(status = 203)]
    Attribute {
        #[reply(header = "X-A", secure)]
        a: String,
        #[reply(secure)]
        b: String,
        #[reply(heder = "X-B")]
        c: String,
        #[reply(body = "x")]
        d: User,
    },
    #[reply(status = 200, cookie = "a")]
    AtTheVariant,
}

#[derive(Replies)]
enum Transparent {
    #[reply(transparent, status = 200)]
    AndMore(Fields),
    #[reply(transparent)]
    Two(Fields, Fields),
    #[reply(transparent)]
    Field(#[reply(body)] Fields),
}

fn main() {}
