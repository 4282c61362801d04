//! The document of an API that is written with the macros, and how it is served.
#![cfg(all(
    feature = "testing",
    feature = "validator",
    feature = "explain",
    feature = "msgpack",
    feature = "multipart",
    feature = "compress",
    feature = "yaml",
    feature = "swagger-ui",
    feature = "scalar"
))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::needless_pass_by_value
)]

mod rich;
#[path = "../roas/mod.rs"]
mod roas;
mod served;
