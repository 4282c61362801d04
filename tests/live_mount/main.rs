//! Live channels mounted in a router: who connects, what is documented, what does not fit.
#![cfg(feature = "live")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::unused_async,
    clippy::needless_pass_by_value,
    clippy::trivially_copy_pass_by_ref,
    clippy::string_slice,
    reason = "a test may"
)]

mod connecting;
mod documents;
mod faults;
mod fixture;
mod requests;
#[cfg(unix)]
mod stopping;
#[cfg(feature = "jwt")]
mod tokens;
