//! Mounting: controllers, routers, the route table, and the report of what is wrong.

mod assemble;
#[cfg(feature = "live")]
mod asyncapi;
mod build;
mod controller;
mod head;
mod pages;
mod pattern;
mod plan;
pub mod private;
mod report;
#[allow(clippy::module_inception, reason = "the room is called after what it builds")]
mod router;
mod service;
mod table;
mod unread;

#[cfg(feature = "live")]
pub(crate) use assemble::{snake, words};
#[cfg(feature = "live")]
pub(crate) use controller::BoundController;
pub use controller::{Charter, Controller};
#[cfg(feature = "download")]
pub(crate) use head::Bodiless;
#[cfg(feature = "testing")]
pub(crate) use plan::Plan;
pub use report::MountErrors;
pub use router::{Router, TrailingSlash};
pub use service::SoundRouter;

/// The service that a middleware given to `Router::wrap` stands around.
pub type Inner = crate::endpoint::Boxed;
