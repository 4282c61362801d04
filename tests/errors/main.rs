//! Every error that leaves a router, in the error model that is in force.
#![cfg(all(feature = "testing", feature = "validator", feature = "explain", feature = "msgpack"))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::needless_pass_by_value
)]

mod cascade;
mod foreign;
#[path = "../log/mod.rs"]
mod log;
mod misses;
mod models;
#[path = "../roas/mod.rs"]
mod roas;
