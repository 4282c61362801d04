//! Sessions, hub and broadcaster, on paused time and in process; and npm's `centrifuge` over real sockets.
#![cfg(feature = "live")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::needless_pass_by_value,
    clippy::significant_drop_tightening,
    missing_debug_implementations,
    reason = "a test may"
)]

#[cfg(feature = "testing")]
mod api;
mod by_server;
mod cent;
mod connecting;
mod double;
mod expiry;
mod farewell;
mod fixture;
#[path = "../foreign/mod.rs"]
mod foreign;
mod limits;
mod logout;
mod nodes;
mod npm;
mod order;
mod presence;
mod publishing;
mod recovery;
#[cfg(feature = "testing")]
#[path = "../roas/mod.rs"]
mod roas;
mod silent;
mod sockets;
mod stuck;
mod workers;
