//! Declared channels: who may listen, who may publish what, and what can be called.
//!
//! A command becomes a [`Call`](crate::request::Call) as a request does: [`Path`](crate::request::Path) reads the values of
//! the channel's name, [`Body`](crate::request::Body) the command's data, [`Identity`](crate::security::Identity) is a clone
//! of what the connection's scheme found, and any Actix extractor sees the request that opened the connection, with the
//! application's data. What a handler answers becomes the command's reply, a problem becomes an error of the protocol:
//!
//! | problem | error |
//! |---|---|
//! | its code has a number of the application's (`error(..)`) | that number |
//! | 400 | 107 bad request; with faults, these in its words |
//! | 401 | 101 unauthorized |
//! | 403 | 103 permission denied |
//! | 404 | 102 unknown channel; of an rpc, 404 |
//! | 413 | 106 limit exceeded |
//! | 429 | 111 too many requests, the client tries again |
//! | from 500 on, and a panic | 100 internal, the client tries again |
//! | any other | its status, which is in the range that is free for applications |

mod broadcast;
mod build;
#[allow(clippy::module_inception, reason = "the room is called after what is declared in it")]
mod channel;
mod command;
mod connection;
mod declared;
mod error;
mod layer;
mod live;
mod message;
mod operation;
mod pattern;
mod personal;
pub mod private;
#[cfg(feature = "testing")]
pub mod probe;
mod subscription;
mod table;

pub use broadcast::Broadcast;
pub(crate) use channel::{About, BoundChannel, BoundLive};
pub use channel::{Channel, ChannelCharter};
pub use connection::Connection;
pub(crate) use declared::DeclaredChannels;
pub(crate) use error::error_of_status;
pub use layer::ChannelLayer;
pub use live::Live;
pub(crate) use operation::Asked;
pub use operation::{LiveDraft, LiveOperation};
pub(crate) use pattern::ChannelPattern;
pub use personal::Personal;
pub use subscription::Subscription;
