//! Downloads out of storages: the same answers whichever it is, and what becomes of a store that fails.
#![cfg(all(feature = "object-store", feature = "opendal"))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may"
)]

mod azurite;
mod cases;
mod conditions;
mod faults;
mod fixture;
#[path = "../foreign/mod.rs"]
mod foreign;
mod keys;
mod links;
mod own;
mod router;
mod rows;
mod signature;
mod stub;
#[path = "../download/wire.rs"]
mod wire;
