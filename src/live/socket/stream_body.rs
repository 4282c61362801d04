use std::{
    convert::Infallible,
    pin::Pin,
    rc::Rc,
    sync::Arc,
    task::{Context, Poll},
};

use actix_web::body::{BodySize, MessageBody};
use bytes::Bytes;
use tokio::time::Instant;

use super::{Outbox, SocketHandler, SocketSettings, connection::Connection, decoder::Decoder, outbox::State};

/// A connection on which only the server speaks, as a response body: queue, deadlines and limits are a
/// [`SocketBody`](super::SocketBody)'s, what is pushed goes out as it is.
pub(in crate::live) struct StreamBody<H: SocketHandler> {
    connection: Rc<Connection<H>>,
}

impl<H: SocketHandler> StreamBody<H> {
    pub(in crate::live) fn open(settings: Arc<SocketSettings>, handler: impl FnOnce(&Outbox) -> H) -> Self {
        let outbox = Outbox::raw(&settings);
        let decoder = Decoder::new(settings.max_message, settings.max_empty_fragments);
        let handler = handler(&outbox);
        Self { connection: Connection::open(outbox, settings, decoder, handler) }
    }
}

impl<H: SocketHandler> MessageBody for StreamBody<H> {
    type Error = Infallible;

    fn size(&self) -> BodySize {
        BodySize::Stream
    }

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Infallible>>> {
        let connection = &self.connection;
        let outbox = &connection.outbox;
        outbox.begin_poll(cx.waker());
        connection.poll(cx);
        match outbox.take_chunk(Instant::now()) {
            Some(chunk) => {
                connection.arm();
                Poll::Ready(Some(Ok(chunk)))
            }
            None if outbox.state() != State::Open => Poll::Ready(None),
            None => {
                outbox.rest();
                connection.arm();
                Poll::Pending
            }
        }
    }
}

impl<H: SocketHandler> Drop for StreamBody<H> {
    fn drop(&mut self) {
        self.connection.lost();
        self.connection.outbox.forget();
    }
}
