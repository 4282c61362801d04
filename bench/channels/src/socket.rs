//! The floor: this crate's WebSocket alone, without sessions, protocol or history. `S` subscribes and is answered, `P` and a text
//! publishes the text.

use std::{cell::RefCell, net::SocketAddr, sync::Arc};

use actix_charter::live::socket::{
    Closed, Frame, Handshake, HandshakeError, Message, Outbox, SocketHandler, SocketSettings,
};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};

thread_local! {
    static ROOM: RefCell<Vec<Outbox>> = const { RefCell::new(Vec::new()) };
}

struct Member(Outbox);

impl SocketHandler for Member {
    fn on_message(&mut self, message: Message, outbox: &Outbox) {
        match message.as_bytes() {
            b"S" => {
                ROOM.with_borrow_mut(|room| room.push(outbox.clone()));
                let _ = outbox.push(Frame::text(b"S"));
            }
            [b'P', text @ ..] => {
                let frame = Frame::text(text);
                ROOM.with_borrow(|room| {
                    for member in room {
                        let _ = member.push(frame.clone());
                    }
                });
            }
            _ => {}
        }
    }

    fn on_close(&mut self, _closed: &Closed) {
        ROOM.with_borrow_mut(|room| room.retain(|member| !member.is(&self.0)));
    }
}

async fn open(
    request: HttpRequest,
    payload: web::Payload,
    settings: web::Data<SocketSettings>,
) -> Result<HttpResponse, HandshakeError> {
    let handshake = Handshake::check(&request, &settings.into_inner())?;
    Ok(handshake.open(payload.into_inner(), |outbox| Member(outbox.clone())))
}

/// Serves until the process ends; tells the address once it listens.
///
/// # Errors
/// When it cannot listen.
pub fn run(ready: impl FnOnce(SocketAddr)) -> std::io::Result<()> {
    actix_rt::System::new().block_on(async {
        let settings = web::Data::from(Arc::new(SocketSettings::new()));
        let server =
            HttpServer::new(move || App::new().app_data(settings.clone()).default_service(web::to(open)));
        let server = server.workers(1).backlog(4096).tcp_nodelay(true).bind(("127.0.0.1", 0))?;
        ready(server.addrs()[0]);
        server.run().await
    })
}
