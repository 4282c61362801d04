//! A team board: users, boards, cards, comments and attachments, as one would really write it with actix-charter.
//!
//! `cargo run --example showcase`, then open <http://127.0.0.1:8080/docs>. The README has a tour with curl.
//!
//! Start reading at `app.rs`: it puts everything together. `boards.rs` is the plainest controller; `cards.rs` has most of
//! what the crate can do.

mod app;
mod arguments;
mod attachments;
mod auth;
mod boards;
mod card;
mod cards;
mod comments;
mod errors;
mod paging;
mod password;
mod preferences;
mod session;
mod store;
mod users;

use std::{error::Error, io::Write, process::ExitCode};

use actix_web::{App, HttpServer, middleware::Logger};

use arguments::Arguments;

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
    // Whoever restarts this has to sign in again; an application with more than one process shares its secret.
    let secret = format!("{}{}", uuid::Uuid::new_v4(), uuid::Uuid::new_v4());

    if arguments.export {
        let db = store::open(":memory:").await?;
        let document = app::api(&db, secret.as_bytes())?.document(&app::info())?;
        std::io::stdout().write_all(document.to_json().as_bytes())?;
        return Ok(());
    }

    env_logger::init_from_env(env_logger::Env::default().default_filter_or("info"));
    let db = store::open(&arguments.database).await?;
    // Everything that is wrong with the routes is told here, before the first worker starts.
    let api = app::api(&db, secret.as_bytes())?.try_mount()?;
    let server = HttpServer::new(move || App::new().wrap(Logger::new("%r %s %Dms")).service(api.clone()))
        .bind(("127.0.0.1", arguments.port))?;
    log::info!("http://127.0.0.1:{}/docs, the data in {}", arguments.port, arguments.database);
    server.run().await?;
    Ok(())
}
