//! permessage-deflate (RFC 7692).
//!
//! The server never keeps a context from one message to the next, and says so in its answer: what is broadcast is then compressed
//! once per window size, not once per connection, and an idle socket holds no compressor. Whether the client may keep one is
//! [`Deflate::client_context`].

mod inflate;
mod offer;
mod parameters;
mod settings;

pub(super) use inflate::Inflate;
pub(super) use offer::negotiate;
pub(super) use parameters::{Parameters, WINDOWS, compress};
pub use settings::Deflate;
