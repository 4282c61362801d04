//! Security schemes through a router: who gets in, what the others are told, and what the document says about it.
#![cfg(all(feature = "testing", feature = "validator", feature = "explain", feature = "jwt"))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::needless_pass_by_value
)]

mod chains;
mod mounting;
#[path = "../roas/mod.rs"]
mod roas;
mod schemes;
#[cfg(feature = "signed-links")]
mod signed_links;
