//! Declared channels, asked as sessions ask them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::unused_async,
    reason = "a test may"
)]

mod arguments;
mod asyncapi;
mod errors;
mod faults;
mod fixture;
#[path = "../foreign/mod.rs"]
mod foreign;
mod options;
mod patterns;
mod replies;
mod tokens;
