//! My pages are rendered on the server: how do they become live?
//!
//! `npm ci --omit=dev --prefix examples/fragments`, which brings htmx, then `cargo run --example fragments`, and open <http://127.0.0.1:8080/>
//! in two windows. Cards come by server-sent events, and a page that was away gets what it missed; their number comes by WebSocket.

mod pages;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use actix_charter::{
    live::{BroadcastError, Broadcaster, Fragment, LiveNode, StartError},
    prelude::*,
};
use actix_web::{App, HttpServer, web};
use futures_util::lock::Mutex;
use schemars::JsonSchema;
use serde::Deserialize;
use thiserror::Error;
use validator::Validate;

use pages::Pages;

#[derive(Debug, Clone)]
struct Card {
    id: usize,
    title: String,
}

#[derive(Debug, Deserialize, JsonSchema, Validate, Model)]
struct NewCard {
    #[validate(length(min = 1, max = 80))]
    title: String,
}

/// The cards that come.
struct BoardChannel;

#[channel("board", history(size = 100, ttl = "10m"), recover)]
impl BoardChannel {
    /// Everybody may watch.
    #[subscribe]
    async fn watch(&self) {}
}

/// How many there are: who comes gets the latest number.
struct CountChannel;

#[channel("count", history(size = 1, ttl = "1d"), recover = cache)]
impl CountChannel {
    /// Everybody may watch.
    #[subscribe]
    async fn watch(&self) {}
}

#[derive(Clone)]
struct Board {
    cards: Arc<Mutex<Vec<Card>>>,
    pages: Arc<Pages>,
    broadcaster: Broadcaster,
}

impl Board {
    fn new(live: &LiveNode) -> Self {
        Self { cards: Arc::default(), pages: Arc::new(Pages::new()), broadcaster: live.broadcaster() }
    }
}

#[controller]
impl Board {
    /// The page.
    #[get("/")]
    async fn page(&self) -> Result<Html, Failed> {
        // Under one lock with the cards, so that a card is either on the page or comes to it.
        let cards = self.cards.lock().await;
        let since = self.broadcaster.event_id(["board"]).await?;
        Ok(Html(self.pages.page(&cards, &since)?))
    }

    /// Add a card.
    #[post("/cards", parsers(Form))]
    async fn add(&self, Body(new): Body<NewCard>) -> Result<NoContent, Failed> {
        let mut cards = self.cards.lock().await;
        let card = Card { id: cards.len() + 1, title: new.title };
        let fragment = Fragment::new(self.pages.card(&card)?).event("card");
        cards.push(card);
        self.broadcaster.publish_html("board", fragment).await?;
        self.broadcaster.publish_html("count", self.pages.count(cards.len())?).await?;
        Ok(NoContent)
    }
}

#[derive(Debug, Error, ApiError)]
enum Failed {
    /// A page cannot be rendered.
    #[error("a page cannot be rendered")]
    #[api(status = 500)]
    Page(#[from] minijinja::Error),
    /// Nothing can be published.
    #[error("nothing can be published")]
    #[api(status = 503)]
    Live(#[from] BroadcastError),
}

fn live() -> Result<LiveNode, StartError> {
    Live::new().channel(BoardChannel).channel(CountChannel).start()
}

fn router(live: &LiveNode, board: Board) -> Router {
    Router::new("").controller(board).live("/live", live.endpoints())
}

#[actix_web::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    env_logger::init();
    let live = live()?;
    let router = router(&live, Board::new(&live));
    HttpServer::new(move || {
        App::new().route("/assets/{name}", web::get().to(pages::asset)).service(router.clone())
    })
    .bind(("127.0.0.1", 8080))?
    .run()
    .await?;
    Ok(())
}
