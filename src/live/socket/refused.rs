/// Why [`Outbox::push`](super::Outbox::push) did not take a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, derive_more::Display, derive_more::Error)]
#[non_exhaustive]
pub enum Refused {
    /// The queue holds as many bytes or frames as it may. What now is a policy: disconnect the peer with
    /// [`close_now`](super::Outbox::close_now), or make room with [`drop_oldest`](super::Outbox::drop_oldest).
    #[display("the connection's queue is full")]
    Full,
    /// The connection is closing or closed.
    #[display("the connection is closed")]
    Closed,
}
