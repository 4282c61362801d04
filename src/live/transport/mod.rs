//! The ways to a session: WebSocket, and what stands in for it where it is blocked.

mod emulation;
mod html;
mod query;
mod stream;
mod transports;
mod websocket;

pub use transports::Transports;
