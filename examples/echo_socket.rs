//! A WebSocket that says everything back: what `scripts/autobahn.sh` holds against the protocol's test suite, and what idle memory
//! is measured with.
//!
//! `ECHO_ADDRESS=127.0.0.1:9001 cargo run --release --example echo_socket --features live,live-deflate`

use std::{env, io, sync::Arc};

use actix_charter::live::socket::{
    Deflate, Handshake, HandshakeError, Message, Outbox, Prepared, SocketHandler, SocketSettings,
};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};

struct Echo;

impl SocketHandler for Echo {
    fn on_message(&mut self, message: Message, outbox: &Outbox) {
        let message = match message {
            Message::Text(text) => Prepared::text(&text),
            Message::Binary(bytes) => Prepared::binary(&bytes),
        };
        // A peer that asks for more echoes than it reads is not read from; the queue cannot be full.
        let _ = outbox.push_prepared(&message);
    }
}

async fn echo(
    request: HttpRequest,
    payload: web::Payload,
    settings: web::Data<SocketSettings>,
) -> Result<HttpResponse, HandshakeError> {
    Ok(Handshake::check(&request, &settings.into_inner())?.open(payload.into_inner(), |_| Echo))
}

#[actix_web::main]
async fn main() -> io::Result<()> {
    let address = env::var("ECHO_ADDRESS").unwrap_or_else(|_| "127.0.0.1:9001".to_owned());
    let deflate = Deflate::new().smallest(0).client_context(env::var_os("ECHO_CONTEXT").is_some());
    let settings = SocketSettings::new()
        .max_message(16 * 1024 * 1024)
        .queue_bytes(64 * 1024 * 1024)
        .queue_frames(1024 * 1024)
        .deflate(deflate);
    let settings = web::Data::from(Arc::new(settings));
    HttpServer::new(move || App::new().app_data(settings.clone()).default_service(web::to(echo)))
        .workers(1)
        .bind(&address)?
        .run()
        .await
}
