//! WebSockets (RFC 6455) on Actix's handshake, each one a response body: no task per connection, one bounded queue, close codes
//! that say what happened.
//!
//! [`Handshake`] checks a request and opens the socket; a [`SocketHandler`] is what is done with its messages; an [`Outbox`] sends.
//!
//! What a peer does wrong is known as early as it can be: a frame's header is judged before anything of its payload is kept, text
//! is checked as it comes. What it reads too slowly waits in its own queue, bounded by bytes, frames and age, and nowhere else.
//!
//! One thing is outside this module's reach: Actix asks a body for nothing while its write buffer (some 48 KiB) waits for a peer that does
//! not read, and has no timeout of its own for that. Such a connection's handler and queue are dropped after
//! [`queue_age`](SocketSettings::queue_age); its socket and that buffer stay until TCP gives up. [`write_timeout`] makes it give up.

mod body;
mod close;
mod closed;
mod connection;
mod decoder;
#[cfg(feature = "live-deflate")]
mod deflate;
mod frame;
mod handler;
mod handshake;
mod handshake_error;
mod mask;
mod message;
mod origin;
mod outbox;
mod prepared;
mod queue;
mod refused;
mod settings;
mod stream_body;
mod timers;
mod utf8;
mod violation;
mod write_timeout;

pub use body::SocketBody;
pub use close::Close;
pub use closed::Closed;
#[cfg(feature = "live-deflate")]
pub use deflate::Deflate;
pub use frame::Frame;
pub use handler::SocketHandler;
pub use handshake::Handshake;
pub use handshake_error::HandshakeError;
pub use message::Message;
pub use origin::OriginPolicy;
pub use outbox::Outbox;
pub use prepared::Prepared;
pub use refused::Refused;
pub use settings::{KeepAlive, SocketSettings};
pub(in crate::live) use stream_body::StreamBody;
pub use violation::Violation;
pub use write_timeout::write_timeout;
