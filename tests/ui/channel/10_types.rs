use actix_charter::prelude::*;
use serde::Deserialize;

#[derive(Clone)]
struct Caller;

#[derive(Deserialize, schemars::JsonSchema, Model)]
struct Place {
    #[allow(dead_code)]
    city: u32,
}

struct NotAComponent;

struct NotAReply;

struct Rooms;

#[channel("room:{id}")]
impl Rooms {
    #[subscribe]
    async fn enter(&self, Path(_): Path<(u32, u32)>, _: Identity<Caller>, _: Identity<Caller>) {}

    #[publish]
    async fn say(&self, _: Body<u32>, _: Body<u32>) {}

    #[rpc]
    async fn place(&self, _: Path<Place>) -> actix_web::HttpResponse {
        actix_web::HttpResponse::Ok().finish()
    }
}

struct Wrong;

#[channel("wrong")]
impl Wrong {
    #[subscribe]
    async fn enter(&self, _: NotAComponent) -> NotAReply {
        NotAReply
    }

    #[publish]
    async fn say(&self) -> Result<NoContent, NotFound> {
        Ok(NoContent)
    }
}

struct NoChannel;

fn main() {
    let _ = Live::new().channel(NoChannel);
}
