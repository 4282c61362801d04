//! One server: `channels-server ours|soak|socket|socketioxide`. Writes its address once it listens.

use std::net::SocketAddr;

use bench_channels::{ours, soak, socket, socketioxide_server};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let ready = |address: SocketAddr| println!("{address}");
    match std::env::args().nth(1).as_deref() {
        Some("ours") => ours::run(ready)?,
        Some("soak") => soak::run(ready)?,
        Some("socket") => socket::run(ready)?,
        Some("socketioxide") => socketioxide_server::run(ready)?,
        _ => return Err("usage: channels-server ours|soak|socket|socketioxide".into()),
    }
    Ok(())
}
