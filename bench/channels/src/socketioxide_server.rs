//! crates.io `socketioxide` on axum, by WebSocket alone: the event `sub` subscribes and is acknowledged, `pub` publishes its text as
//! the event `m`.

use std::net::SocketAddr;

use axum::serve::ListenerExt as _;
use socketioxide::{
    SocketIo, TransportType,
    extract::{AckSender, Data, SocketRef},
};
use tokio::net::TcpSocket;

/// Serves until the process ends; tells the address once it listens.
///
/// # Errors
/// When it cannot listen.
pub fn run(ready: impl FnOnce(SocketAddr)) -> std::io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let (layer, io) = SocketIo::builder().transports([TransportType::Websocket]).build_layer();
        io.ns("/", async |socket: SocketRef| {
            socket.on("sub", async |socket: SocketRef, acknowledge: AckSender| {
                socket.join("room");
                let _ = acknowledge.send(&());
            });
            socket.on("pub", async |io: SocketIo, Data(text): Data<String>| {
                // An error is that somebody's buffer is full.
                let _ = io.to("room").emit("m", &text).await;
            });
        });
        let socket = TcpSocket::new_v4()?;
        socket.bind(SocketAddr::from(([127, 0, 0, 1], 0)))?;
        let listener = socket.listen(4096)?;
        ready(listener.local_addr()?);
        let listener = listener.tap_io(|stream| {
            let _ = stream.set_nodelay(true);
        });
        axum::serve(listener, axum::Router::new().layer(layer)).await
    })
}
