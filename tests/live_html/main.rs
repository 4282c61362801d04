//! HTML of live channels for pages, over real sockets.
#![cfg(feature = "live")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::unused_async,
    reason = "a test may"
)]

mod events;
mod fixture;
mod panics;
mod socket;
