//! Routers: where requests go, who sees them on their way, and what is said about those that go nowhere.
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

mod answer;
mod host;
mod levels;
mod methods;
mod middleware;
mod mounting;
mod options;
mod panics;
mod paths;
mod report;
mod rules;
mod slashes;
mod sockets;
