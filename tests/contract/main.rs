//! The contract at run time, and the testing kit's: what is answered is what was declared.
#![cfg(all(feature = "testing", feature = "validator", feature = "explain", feature = "msgpack"))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::needless_pass_by_value
)]

mod by_test_client;
#[path = "../log/mod.rs"]
mod log;
mod middleware;
#[path = "../roas/mod.rs"]
mod roas;
mod rules;
mod typed;
