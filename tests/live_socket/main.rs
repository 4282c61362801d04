//! The WebSocket transport of live channels, byte by byte: what a peer may do, what it is told if it does something else, what it
//! costs if it does nothing.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may"
)]

mod deadlines;
mod deflate;
mod fixture;
mod handshake;
mod protocol;
mod queue;
mod sockets;
mod split;
