//! A team board: users, boards, cards, comments and attachments, as one would really write it with actix-charter.
//!
//! `cargo run --example showcase`, then open <http://127.0.0.1:8080/> in two browsers, and <http://127.0.0.1:8080/docs>. The
//! README has a tour with curl.
//!
//! Start reading at `app.rs`: it puts everything together. `boards.rs` is the plainest controller; `cards.rs` has most of
//! what the crate can do. What is live begins at `live.rs`; `news.rs` tells it what the endpoints did.

mod app;
mod arguments;
mod attachments;
mod auth;
mod avatars;
mod behind;
mod boards;
mod card;
mod cards;
mod comments;
mod errors;
mod exports;
mod files;
mod handbook;
mod live;
mod live_activity;
mod live_board;
mod live_pointers;
mod news;
mod page;
mod paging;
mod password;
mod preferences;
mod session;
mod store;
mod users;

use std::{error::Error, io::Write, path::PathBuf, process::ExitCode, time::Duration};

use actix_charter::{
    download::{Delivery, cache::DownloadCache, origin::Origin},
    live::socket::write_timeout,
};
use actix_web::{App, HttpServer, middleware::Logger, web};

use arguments::Arguments;
use files::Files;
use handbook::Handbook;

#[actix_web::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::read()?;
    let db = store::open(&arguments.database).await?;
    let secret = store::secret(&db).await?;

    // Files of a database in memory go when it goes.
    let fleeting = tempfile::tempdir()?;
    let folder = match arguments.database.as_str() {
        ":memory:" => fleeting.path().to_owned(),
        path => PathBuf::from(format!("{path}.files")),
    };
    let files = Files::open(folder.join("uploads"))?;
    files.seed()?;
    let cache = DownloadCache::new(folder.join("cache"))?;
    let mut delivery = Delivery::new().cache(cache.clone());
    let mut start = None;
    if let Some(proxy) = arguments.behind {
        proxy.open_up(&folder)?;
        let offload = proxy.offload(files.path(), cache.path())?;
        start =
            Some(proxy.configure(&offload, &folder.join("proxy"), arguments.port, arguments.proxy_port)?);
        delivery = delivery.offload(offload);
    }

    // Another team's server, for lack of another team.
    let elsewhere = HttpServer::new(|| App::new().route("/{page}", web::get().to(handbook::elsewhere)))
        .workers(1)
        .disable_signals()
        .bind(("127.0.0.1", 0))?;
    let base = format!("http://127.0.0.1:{}", elsewhere.addrs().first().map_or(0, |address| address.port()));
    // It is on this machine, where by itself nothing may be fetched from.
    let origin = Origin::new().allow(base.as_str())?.allow_private("127.0.0.1/32")?;
    let handbook = Handbook::new(&origin, &format!("{base}/"));
    let live = live::start(&db)?;
    let parts = app::Parts { db, files, handbook, delivery, live: live.clone() };

    if arguments.export {
        let document = app::api(&parts, secret.as_bytes())?.document(&app::info())?;
        std::io::stdout().write_all(document.to_json().as_bytes())?;
        return Ok(());
    }

    env_logger::init_from_env(env_logger::Env::default().default_filter_or("info"));
    // Everything that is wrong with the routes is told here, before the first worker starts.
    let api = app::api(&parts, secret.as_bytes())?.try_mount()?;
    let elsewhere = elsewhere.run();
    let handle = elsewhere.handle();
    actix_web::rt::spawn(elsewhere);
    let server = HttpServer::new(move || App::new().wrap(Logger::new("%r %s %Dms")).service(api.clone()))
        .tcp_nodelay(true)
        // Whoever takes nothing for so long is gone.
        .on_connect(write_timeout(Duration::from_secs(30)))
        // First the live connections are told to come again, then the server stops. Behind a balancer, take longer.
        .shutdown_signal(live.drain_on_shutdown(Duration::from_secs(2)))
        .shutdown_timeout(5)
        .bind(("127.0.0.1", arguments.port))?;
    log::info!("http://127.0.0.1:{}/docs, the data in {}", arguments.port, arguments.database);
    log::info!("the board: http://127.0.0.1:{}/", arguments.port);
    if let Some(start) = start {
        log::info!("in front of it: {start}");
        log::info!("then http://127.0.0.1:{}/docs", arguments.proxy_port);
    }
    server.run().await?;
    handle.stop(true).await;
    Ok(())
}
