//! This crate, as an application has it: a declared channel with history and positions, mounted in a router, in Centrifugo's protocol.

use std::{error::Error, net::SocketAddr};

use actix_charter::{live::LiveSettings, prelude::*};
use actix_web::{App, HttpServer};

struct Rooms;

#[channel("room:{id}", history(size = 100, ttl = "5m"), recover = stream)]
impl Rooms {
    #[subscribe]
    async fn enter(&self) {}

    #[publish]
    async fn say(&self, Body(text): Body<String>) -> String {
        text
    }
}

/// Serves until the process ends; tells the address once it listens.
///
/// # Errors
/// When it cannot listen.
pub fn run(ready: impl FnOnce(SocketAddr)) -> Result<(), Box<dyn Error>> {
    actix_rt::System::new().block_on(async {
        // The one publisher of a load sends more commands than a client may.
        let settings = LiveSettings::new().commands(1_000_000, 1_000_000);
        let live = Live::new().channel(Rooms).settings(settings).start()?;
        let server =
            HttpServer::new(move || App::new().service(Router::new("/api").live("/live", live.endpoints())));
        let server = server.workers(1).backlog(4096).tcp_nodelay(true).bind(("127.0.0.1", 0))?;
        ready(server.addrs()[0]);
        Ok(server.run().await?)
    })
}
