//! This crate, as an application has it: sessions, a channel with history and positions, in Centrifugo's protocol.

use std::{net::SocketAddr, rc::Rc, sync::Arc, time::Duration};

use actix_charter::live::{
    ChannelOptions, LiveNode, LiveSettings, RecoveryMode,
    broker::Engine,
    protocol::{ErrorCode, ReplyError},
    seam::{Arrival, AsArrived, Ask, ChannelLogic, Channels, Draft, Grant, Peer, Transports},
    socket::SocketSettings,
};
use actix_web::{App, Error, HttpRequest, HttpResponse, HttpServer, web};
use bytes::Bytes;
use futures_util::future::{LocalBoxFuture, ready};

struct Rooms(Arc<Room>);

struct Room(ChannelOptions);

impl ChannelLogic for Room {
    fn options(&self) -> &ChannelOptions {
        &self.0
    }

    fn subscribe(self: Arc<Self>, _ask: Ask) -> LocalBoxFuture<'static, Result<Grant, ReplyError>> {
        Box::pin(ready(Ok(Grant::default())))
    }

    fn publish(self: Arc<Self>, ask: Ask) -> LocalBoxFuture<'static, Result<Draft, ReplyError>> {
        Box::pin(ready(Ok(Draft { data: ask.data, ..Draft::default() })))
    }
}

impl Channels for Rooms {
    fn channel(&self, name: &str) -> Option<Arc<dyn ChannelLogic>> {
        name.starts_with("room:").then(|| Arc::clone(&self.0) as _)
    }

    fn rpc(
        &self,
        _method: &str,
        _data: Bytes,
        _peer: Rc<Peer>,
    ) -> LocalBoxFuture<'static, Result<Bytes, ReplyError>> {
        Box::pin(ready(Err(ErrorCode::METHOD_NOT_FOUND.into())))
    }
}

async fn websocket(
    request: HttpRequest,
    payload: web::Payload,
    transports: web::Data<Transports>,
) -> Result<HttpResponse, Error> {
    let arrival = Arrival::anonymous(request.clone());
    Ok(transports.websocket(&request, payload.into_inner(), arrival)?)
}

async fn metrics(live: web::Data<LiveNode>) -> String {
    format!("{:?}", live.metrics())
}

/// Serves until the process ends; tells the address once it listens.
///
/// # Errors
/// When it cannot listen.
pub fn run(ready: impl FnOnce(SocketAddr)) -> std::io::Result<()> {
    actix_rt::System::new().block_on(async {
        let mut options = ChannelOptions::default();
        options.history_size = 100;
        options.history_ttl = Duration::from_secs(300);
        options.recovery = RecoveryMode::Stream;
        // The one publisher of a load sends more commands than a client may.
        let settings = LiveSettings::new().commands(1_000_000, 1_000_000);
        let rooms = Rooms(Arc::new(Room(options)));
        let live = LiveNode::start(Arc::new(rooms), Arc::new(AsArrived), Engine::default(), settings)?;
        let transports = web::Data::new(Transports::new(live.clone(), SocketSettings::new()));
        let live = web::Data::new(live);
        let server = HttpServer::new(move || {
            App::new()
                .app_data(transports.clone())
                .app_data(live.clone())
                .route("/connection/websocket", web::get().to(websocket))
                .route("/metrics", web::get().to(metrics))
        });
        let server = server.workers(1).backlog(4096).tcp_nodelay(true).bind(("127.0.0.1", 0))?;
        for address in server.addrs().into_iter().take(1) {
            ready(address);
            return server.run().await;
        }
        Ok(())
    })
}
