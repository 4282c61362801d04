//! My pages are rendered on the server: how do they become live?
//!
//! `npm ci --prefix examples/fragments`, which brings htmx, then `cargo run --example fragments`, and open <http://127.0.0.1:8080/>
//! in two windows. Cards come by server-sent events, and a page that was away gets what it missed; their number comes by WebSocket.

mod pages;
#[cfg(test)]
mod tests;

use std::sync::{Arc, Mutex, PoisonError};

use actix_charter::{
    live::{BroadcastError, Broadcaster, Fragment, LiveNode, StartError},
    prelude::*,
};
use actix_web::{App, HttpServer, web};
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

struct Board {
    cards: Arc<Mutex<Vec<Card>>>,
    pages: Pages,
    broadcaster: Broadcaster,
}

impl Board {
    fn cards(&self) -> Vec<Card> {
        self.cards.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[controller]
impl Board {
    /// The page.
    #[get("/")]
    async fn page(&self) -> Result<Html, Failed> {
        // Before the cards are read: what comes after this moment comes to the page, too.
        let since = self.broadcaster.event_id(["board"]).await?;
        Ok(Html(self.pages.page(&self.cards(), &since)?))
    }

    /// Add a card.
    #[post("/cards", parsers(Form))]
    async fn add(&self, Body(new): Body<NewCard>) -> Result<NoContent, Failed> {
        let (card, count) = {
            let mut cards = self.cards.lock().unwrap_or_else(PoisonError::into_inner);
            let card = Card { id: cards.len() + 1, title: new.title };
            cards.push(card.clone());
            (card, cards.len())
        };
        let card = Fragment::new(self.pages.card(&card)?).event("card");
        self.broadcaster.publish_html("board", card).await?;
        // Of two that come at once the greater number stays.
        let number = self.pages.count(count)?;
        self.broadcaster.publish_html("count", number).version(count as u64).await?;
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

fn router(live: &LiveNode) -> Router {
    let board = Board { cards: Arc::default(), pages: Pages::new(), broadcaster: live.broadcaster() };
    Router::new("").controller(board).live("/live", live.endpoints())
}

#[actix_web::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    env_logger::init();
    let live = live()?;
    let router = router(&live);
    HttpServer::new(move || {
        App::new().route("/assets/{name}", web::get().to(pages::asset)).service(router.clone())
    })
    .bind(("127.0.0.1", 8080))?
    .run()
    .await?;
    Ok(())
}
