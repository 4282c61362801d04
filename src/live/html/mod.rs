//! HTML over the wire: rendered fragments for pages that no client's library is loaded in.
//!
//! ```
//! use actix_charter::{live::Fragment, prelude::*};
//!
//! struct Board;
//!
//! #[channel("board:{id}", history(size = 100, ttl = "1h"), recover)]
//! impl Board {
//!     #[subscribe]
//!     async fn watch(&self, id: Path<u32>) -> Option<()> {
//!         (id.0 < 100).then_some(())
//!     }
//! }
//!
//! # actix_web::rt::System::new().block_on(async {
//! let live = Live::new().channel(Board).start()?;
//! let broadcaster = live.broadcaster();
//!
//! // What a template engine gave. It is the one that escapes: nothing here does.
//! let row = "<li id=\"card-7\">\n  Write the docs\n</li>".to_owned();
//! broadcaster.publish_html("board:7", Fragment::new(row).event("card")).await?;
//! # Ok::<(), Box<dyn std::error::Error>>(()) }).unwrap();
//! ```
//!
//! A publication's data is the HTML as a JSON string, and the event's name is its tag `event`: who listens with a client's library
//! gets the same publication, with both. A page gets it by one of two endpoints of [`LiveEndpoints`](super::LiveEndpoints).
//!
//! # Server-sent events
//!
//! `GET /html_sse?channel=board:7`: the channels that are named, as far as their `#[subscribe]` method lets this one in, and those
//! that the server subscribes the user to. If one of them does not let them in, that is the response: 401, 403, 404.
//!
//! ```text
//! event: card
//! data: <li id="card-7">
//! data:   Write the docs
//! data: </li>
//! id: 2f4c:1
//! ```
//!
//! | event | |
//! |---|---|
//! | the name of the [`Fragment`]; `message` without one | HTML; data that is no string comes as the JSON that it is |
//! | `stale` | what was missed in the channel that is the data cannot be had any more: load it anew |
//! | `close` | the server does not want the page back; the data is the code |
//!
//! Browsers come back by themselves, with the last `id` in `Last-Event-ID`, and get what they missed. To leave no gap between the
//! page and its first event, ask [`Broadcaster::event_id`](super::Broadcaster::event_id) before reading what the page shows, and
//! write it into the address: `?channel=board:7&since=2f4c:1`. What is published between the two is on the page and comes again,
//! unless one lock holds them together: fragments that replace an element by its id do no harm then.
//!
//! With htmx 2 and its extension `sse`:
//!
//! ```html
//! <ul hx-ext="sse" sse-connect="/api/live/html_sse?channel=board:7" sse-swap="card" sse-close="close" hx-swap="beforeend"></ul>
//! ```
//!
//! # WebSocket
//!
//! `GET /html_websocket?channel=board:7`: each message is the HTML of one fragment; event names are not sent. htmx's extension `ws`
//! puts each element in the place of that with its id (or as `hx-swap-oob` says). WebSockets have nothing like `Last-Event-ID`: what
//! comes while the page is away is lost to it, unless the channel says `recover = cache` and each fragment is the whole. The
//! connection is closed with 1012 or 1013 when the page shall come back, as htmx understands it, else with 1008. The page only
//! listens; what it sends ends the connection.

mod event_id;
mod events;
mod fragment;
mod publish;

pub(crate) use event_id::{and_others, event_id, positions};
pub(crate) use events::{comment, event, html_of, publication, retry, with_id};
pub use fragment::Fragment;
