//! What is answered: every reply that comes with the crate, those that are derived, and how the answer is negotiated.
#![cfg(all(feature = "testing", feature = "validator", feature = "explain", feature = "msgpack"))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::needless_pass_by_value
)]

mod added;
mod derived;
#[path = "../log/mod.rs"]
mod log;
mod negotiation;
mod order;
mod ready_made;
#[path = "../roas/mod.rs"]
mod roas;
