use actix_charter::prelude::*;
use actix_charter::{publish, rpc, subscribe};

#[channel("a")]
struct NotABlock;

struct Rooms;

trait Named {}

#[channel("b")]
impl Named for Rooms {}

#[channel("c")]
impl Rooms {
    async fn nobody_listens(&self) {}
}

struct Twice;

#[channel("d")]
impl Twice {
    #[subscribe]
    async fn enter(&self) {}

    #[subscribe]
    async fn listen(&self) {}

    #[publish]
    #[rpc]
    async fn say(&self) -> u32 {
        1
    }

    #[rpc("x")]
    async fn one(&self) {}

    #[rpc]
    async fn x(&self) {}
}

#[subscribe]
fn stray_subscribe() {}

#[publish]
fn stray_publish() {}

#[rpc]
fn stray_rpc() {}

fn main() {
    Live::new().channel(Rooms).channel(Twice).check().unwrap();
}
