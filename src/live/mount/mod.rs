//! From declared channels to endpoints of a router: who stands behind a connection, and the ways in.

#[cfg(feature = "jwt")]
mod by_token;
mod controller;
mod declared;
mod door;
mod endpoints;
mod live_user;
mod opening;
mod start;
mod words;

pub(crate) use declared::Declared;
pub(crate) use endpoints::Mount;
pub use endpoints::{LiveEndpoints, Transport};
pub use live_user::LiveUser;
pub(crate) use start::Setup;
pub use start::StartError;
