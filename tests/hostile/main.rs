//! Requests that mean no good, or were made by broken programs: a clear 4xx in the API's format, no panic, no value told
//! back, and no more memory than the limits allow.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::str_to_string,
    clippy::needless_pass_by_value,
    clippy::use_self,
    unreachable_pub,
    reason = "tests fail this way"
)]

mod api;
mod bodies;
mod coding;
mod json;
mod multipart;
mod parameters;
mod slow;
mod socket;
mod unread;
