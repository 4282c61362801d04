use std::{
    convert::Infallible,
    fmt,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll},
};

use actix_web::{
    body::{BodySize, MessageBody},
    dev::Payload,
};
use bytes::Bytes;
use futures_util::Stream as _;
use tokio::time::Instant;

use super::{Outbox, SocketHandler, connection::Connection, outbox::State};

/// How many chunks of the peer are taken before other connections have their turn.
const TURN: usize = 16;
/// More than this handed on without a rest may still wait in Actix's write buffer.
const CALM: usize = 16 * 1024;

/// A connection as a response body: Actix polls it, so there is no task per connection. It reads the request's payload, runs the
/// [`SocketHandler`] and gives out the [`Outbox`]'s frames, gathered into chunks.
pub struct SocketBody<H: SocketHandler> {
    connection: Rc<Connection<H>>,
    payload: Payload,
    end: End,
    /// Bytes handed on since the body last waited.
    handed: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    NotYet,
    /// Actix writes out what it was given when the body waits; the next poll ends it.
    Flushing,
    Reached,
}

impl<H: SocketHandler> SocketBody<H> {
    pub(super) fn new(connection: Rc<Connection<H>>, payload: Payload) -> Self {
        Self { connection, payload, end: End::NotYet, handed: 0 }
    }

    /// Takes what the peer sent; not while much waits for it.
    fn read(&mut self, cx: &mut Context<'_>, now: Instant) {
        for _ in 0..TURN {
            let outbox = &self.connection.outbox;
            if outbox.state() == State::Closed || outbox.len_bytes() >= self.connection.settings.read_pause {
                return;
            }
            match Pin::new(&mut self.payload).poll_next(cx) {
                Poll::Ready(Some(Ok(bytes))) => self.connection.feed(&bytes, now),
                Poll::Ready(Some(Err(_)) | None) => return self.connection.lost(),
                Poll::Pending => return,
            }
        }
        cx.waker().wake_by_ref();
    }

    fn end(&mut self, cx: &Context<'_>) -> Poll<Option<Result<Bytes, Infallible>>> {
        let outbox = &self.connection.outbox;
        if outbox.state() == State::Closed || self.end == End::Flushing {
            self.end = End::Reached;
            return Poll::Ready(None);
        }
        if self.connection.is_at_end() && self.handed <= CALM {
            self.end = End::Flushing;
            cx.waker().wake_by_ref();
        }
        self.handed = 0;
        outbox.rest();
        self.connection.arm();
        Poll::Pending
    }
}

impl<H: SocketHandler> MessageBody for SocketBody<H> {
    type Error = Infallible;

    /// A length that is never reached. No header tells it (the status is 101), but ending before it makes Actix drop the TCP
    /// connection at once; the end of a stream would let it wait `client_disconnect_timeout` for the peer, which waits for us.
    fn size(&self) -> BodySize {
        BodySize::Sized(u64::MAX)
    }

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Infallible>>> {
        let this = self.get_mut();
        if this.end == End::Reached {
            return Poll::Ready(None);
        }
        let now = Instant::now();
        this.connection.outbox.begin_poll(cx.waker());
        this.read(cx, now);
        this.connection.poll(cx);
        match this.connection.outbox.take_chunk(now) {
            Some(chunk) => {
                this.handed += chunk.len();
                this.connection.arm();
                Poll::Ready(Some(Ok(chunk)))
            }
            None => this.end(cx),
        }
    }
}

impl<H: SocketHandler> Drop for SocketBody<H> {
    fn drop(&mut self) {
        self.connection.lost();
        self.connection.outbox.forget();
    }
}

impl<H: SocketHandler> fmt::Debug for SocketBody<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let outbox: &Outbox = &self.connection.outbox;
        f.debug_struct("SocketBody").field("outbox", outbox).field("end", &self.end).finish_non_exhaustive()
    }
}
