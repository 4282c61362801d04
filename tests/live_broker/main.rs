//! What a broker promises: one order, nothing lost unnoticed, and no memory kept for what is over.
#![cfg(feature = "live")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may"
)]

mod control;
mod damping;
mod delivery;
mod expiry;
mod fixture;
mod history;
mod idempotency;
mod limits;
mod model;
mod presence;
mod races;
mod recovery;
mod versions;
