use actix_charter::prelude::*;

struct Rooms;

#[channel("room:{id}")]
impl Rooms {
    #[subscribe("room:{id}")]
    async fn enter(&self) {}

    #[publish = "yes"]
    async fn say(&self) -> u32 {
        1
    }

    #[rpc = "name"]
    async fn a(&self) {}

    #[rpc("a/b")]
    async fn b(&self) {}

    #[rpc("c", presence)]
    async fn c(&self) {}

    #[rpc("d", error(full = 1001), data_limit = true, hidden(now))]
    async fn d(&self) {}

    #[rpc("e", declares(9), deprecatd)]
    async fn e(&self) {}

    #[rpc]
    async fn f() {}

    #[rpc]
    async fn g(&mut self, text: &str) -> &str {
        text
    }

    #[rpc]
    async fn h<T>(&self, t: T) -> impl Sized {
        t
    }
}

fn main() {}
