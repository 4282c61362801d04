//! The server of the soak: everything that a channel can have, and short times, so that what is forgotten late is forgotten within it.

use std::{error::Error, net::SocketAddr, time::Duration};

use actix_charter::{
    live::{
        ChannelLayer, LiveNode, LiveSettings, RecoveryMode,
        socket::{SocketSettings, write_timeout},
    },
    prelude::*,
};
use actix_web::{App, HttpServer, web};

struct Rooms;

#[channel("soak:{room}")]
impl Rooms {
    #[subscribe]
    async fn enter(&self) {}

    #[publish]
    async fn say(&self, Body(text): Body<String>) -> String {
        text
    }
}

async fn metrics(live: web::Data<LiveNode>) -> String {
    let metrics = live.metrics();
    let channels = live.broadcaster().channels().len();
    format!(
        "connections {}\nsubscriptions {}\nchannels {channels}\npublications {}\ndeliveries {}\nslow {}\nlost {}\ninsufficient {}\n\
         restarts {}\n",
        metrics.connections,
        metrics.subscriptions,
        metrics.publications,
        metrics.deliveries,
        metrics.slow,
        metrics.lost,
        metrics.insufficient,
        metrics.restarts,
    )
}

/// Serves until the process ends; tells the address once it listens.
///
/// # Errors
/// When it cannot listen.
pub fn run(ready: impl FnOnce(SocketAddr)) -> Result<(), Box<dyn Error>> {
    let seconds = Duration::from_secs;
    actix_rt::System::new().block_on(async {
        let layer = ChannelLayer::new()
            .history(20, seconds(5))
            .recovery(RecoveryMode::Stream)
            .meta_ttl(seconds(10))
            .presence(true)
            .join_leave(true)
            .leave_delay(seconds(1));
        let settings = LiveSettings::new().ping(seconds(5), seconds(3)).stale_after(seconds(5));
        let live = Live::new().options(layer).channel(Rooms).settings(settings).start()?;
        let sockets = SocketSettings::new().queue_bytes(64 * 1024).message_timeout(seconds(5));
        let server = HttpServer::new(move || {
            App::new()
                .app_data(web::Data::new(live.clone()))
                .route("/metrics", web::get().to(metrics))
                .service(Router::new("/api").live("/live", live.endpoints().sockets(sockets.clone())))
        });
        let server = server.workers(2).on_connect(write_timeout(seconds(10))).tcp_nodelay(true);
        let server = server.bind(("127.0.0.1", 0))?;
        ready(server.addrs()[0]);
        Ok(server.run().await?)
    })
}
