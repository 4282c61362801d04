//! Downloads on the wire: what a client sees of them, byte by byte.
#![cfg(feature = "download")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may"
)]

mod alike;
mod conditions;
mod cut;
mod fixture;
mod gathered;
#[cfg(target_os = "linux")]
mod kept;
#[path = "../log/mod.rs"]
mod log;
#[cfg(feature = "actix-files")]
mod named_file;
mod offload;
mod peers;
mod probe;
mod ranges;
#[cfg(target_os = "linux")]
mod recent;
mod relay;
#[cfg(unix)]
mod roots;
mod router;
mod sending;
mod told;
mod variants;
mod wire;
