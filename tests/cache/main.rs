//! The local cache of downloads: made once, followed while it is made, kept within bounds, and never half.
#![cfg(all(feature = "download-cache", unix))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may"
)]

mod bounds;
mod coding;
mod directory;
mod faults;
mod filling;
mod fixture;
mod full_disk;
mod handed_over;
mod kept;
#[path = "../log/mod.rs"]
mod log;
mod stored;
#[path = "../download/wire.rs"]
#[allow(dead_code, reason = "this binary uses a part of it")]
mod wire;
mod workers;
