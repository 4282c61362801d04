use std::task::Context;

use tokio::time::Instant;

use super::{Closed, Message, Outbox};

/// What is done with a connection's messages: a state machine without I/O of its own. It is called on the connection's thread, never
/// twice at once; what it wants sent it puts into the [`Outbox`].
///
/// If a method panics, this connection is closed with 1011 and [`on_close`](Self::on_close) is called; no other is touched.
pub trait SocketHandler: 'static {
    /// A whole message came.
    fn on_message(&mut self, message: Message, outbox: &Outbox);

    /// The peer sent a pong, asked for or not.
    fn on_pong(&mut self, _payload: &[u8], _outbox: &Outbox) {}

    /// Gets on with asynchronous work of the handler's own, until all of it waits. Called after messages, after
    /// [`Outbox::wake`], and whenever a waker of `cx` is woken; it may be called for no reason.
    ///
    /// It is *not* called while the peer reads so slowly that Actix's write buffer is full; deadlines come even then.
    fn poll(&mut self, _cx: &mut Context<'_>, _outbox: &Outbox) {}

    /// When [`on_deadline`](Self::on_deadline) is to be called; asked after every other call. A deadline may be moved or
    /// dropped at any time.
    fn deadline(&self) -> Option<Instant> {
        None
    }

    /// The [`deadline`](Self::deadline) has come.
    fn on_deadline(&mut self, _now: Instant, _outbox: &Outbox) {}

    /// The connection is at its end, and nothing more will be called. Called once, as soon as that is clear: the close handshake may
    /// still be under way, and [`Outbox::push`] refuses.
    fn on_close(&mut self, _closed: &Closed) {}
}
