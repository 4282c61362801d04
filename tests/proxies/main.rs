//! Hands files to real servers: nginx, Apache, lighttpd and Caddy, each started from the fragment that `Offload` wrote for it.
//!
//! `scripts/install-proxies.sh` installs them; a test whose server is missing fails and says so. Everything listens on loopback
//! ports that the system chose, and ends with the test that started it.

#![cfg(all(feature = "download", target_os = "linux"))]
// Outside `#[test]` functions, Clippy does not see that these are tests.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::result_large_err
)]

#[cfg(feature = "download-cache")]
mod cached;
#[cfg(feature = "http-source")]
mod check;
mod client;
mod everywhere;
mod front;
#[cfg(all(
    feature = "download-cache",
    feature = "http-source",
    feature = "object-store",
    feature = "opendal"
))]
mod grid;
mod names;
mod nginx;
mod passing;
#[cfg(feature = "http-source")]
mod remote;
#[cfg(feature = "http-source")]
#[path = "../origin/remote.rs"]
mod remote_server;
mod rewriting;
#[cfg(all(feature = "http-source", feature = "object-store", feature = "opendal"))]
#[path = "../storage/signature.rs"]
mod signature;
mod site;
#[cfg(all(feature = "http-source", feature = "object-store", feature = "opendal"))]
#[path = "../storage/stub.rs"]
#[allow(dead_code, reason = "the storages' own tests use more of it")]
mod stub;
mod told;

use client::Answer;
use front::{Front, Kind};
use site::{Case, Site};
