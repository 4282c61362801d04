//! What is read from a request: every component, alone and beside others.
#![cfg(all(
    feature = "testing",
    feature = "validator",
    feature = "explain",
    feature = "msgpack",
    feature = "multipart"
))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::needless_pass_by_value
)]

mod bodies;
mod extractors;
mod faults;
mod formats;
mod multipart;
mod parameters;
mod raw;
#[path = "../roas/mod.rs"]
mod roas;
mod rules;
