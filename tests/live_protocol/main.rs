//! The client protocol, held against clients that nobody here wrote.
//!
//! `vectors/` has what npm's `centrifuge` sends, written down by `node/record.js`. The module `node` runs that client.
#![cfg(feature = "live")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may"
)]

mod client;
mod codes;
mod commands;
mod deltas;
mod filters;
#[path = "../foreign/mod.rs"]
mod foreign;
mod hostile;
mod node;
mod publications;
mod replies;
