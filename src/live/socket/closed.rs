use super::{Close, Violation};

/// How a connection ended, as its [`SocketHandler`](super::SocketHandler) is told.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Closed {
    /// The peer closed it, with this code and reason if it gave any.
    ByPeer(Option<Close>),
    /// This side closed it: [`Outbox::close`](super::Outbox::close) or [`close_now`](super::Outbox::close_now).
    ByUs(Close),
    /// The peer broke the protocol or went beyond a limit.
    Violation(Violation),
    /// The handler panicked; the peer is told 1011.
    Panicked,
    /// The connection broke, or the peer left without a word.
    Lost,
    /// Nothing went out for as long as [`queue_age`](super::SocketSettings::queue_age) allows: the peer does not read.
    Stalled,
}
