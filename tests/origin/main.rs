//! Files behind other HTTP servers: what those see, what clients see, and what becomes of answers that are none.
#![cfg(feature = "http-source")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may"
)]

mod addresses;
mod cases;
mod cut;
mod invalid;
mod leaks;
mod links;
mod redirects;
mod remote;
#[cfg(feature = "testing")]
mod router;
mod site;
mod told;
#[path = "../download/wire.rs"]
mod wire;
