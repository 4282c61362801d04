//! Clients that nobody here wrote, against declared channels with tokens: npm's `centrifuge`, PyPI's `centrifuge-python`,
//! `tokio-centrifuge`. Those of npm over all transports are in `tests/live_session`.
#![cfg(all(feature = "live", feature = "jwt"))]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::unused_async,
    clippy::needless_pass_by_value,
    reason = "a test may"
)]

#[path = "../foreign/mod.rs"]
mod foreign;
mod npm;
mod python;
mod rust;
mod server;
