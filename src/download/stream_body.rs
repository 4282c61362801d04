use std::{
    error::Error as StdError,
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    task::{Context, Poll, ready},
};

use actix_web::body::{BodySize, MessageBody};
use bytes::Bytes;
use futures_util::Stream;

pub(crate) type BoxError = Box<dyn StdError>;
pub(crate) type BoxStream = Pin<Box<dyn Stream<Item = Result<Bytes, BoxError>>>>;

/// A body that can be read once, from its start. Failing, panicking, and giving less or more than was promised abort the
/// connection.
pub(crate) struct StreamBody {
    /// `None` after the end.
    stream: Option<BoxStream>,
    length: Option<u64>,
    sent: u64,
}

impl StreamBody {
    pub(crate) const fn new(stream: BoxStream, length: Option<u64>) -> Self {
        Self { stream: Some(stream), length, sent: 0 }
    }

    fn next(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, BoxError>>> {
        let Some(stream) = &mut self.stream else { return Poll::Ready(None) };
        loop {
            let polled = catch_unwind(AssertUnwindSafe(|| stream.as_mut().poll_next(context)));
            let next =
                ready!(polled.unwrap_or_else(|_| Poll::Ready(Some(Err("the stream panicked".into())))));
            return Poll::Ready(match next {
                // In chunked coding an empty chunk is the end; the rest would be lost, and nobody would know.
                Some(Ok(chunk)) if chunk.is_empty() => continue,
                Some(Ok(chunk)) => {
                    self.sent = self.sent.saturating_add(chunk.len() as u64);
                    match self.length {
                        Some(length) if self.sent > length => {
                            Some(Err(io::Error::other("the stream is longer than was said").into()))
                        }
                        _ => Some(Ok(chunk)),
                    }
                }
                None if self.length.is_some_and(|length| self.sent < length) => {
                    Some(Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the stream ended early").into()))
                }
                other => other,
            });
        }
    }
}

impl MessageBody for StreamBody {
    type Error = BoxError;

    fn size(&self) -> BodySize {
        self.length.map_or(BodySize::Stream, BodySize::Sized)
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, BoxError>>> {
        let next = ready!(self.next(context));
        if !matches!(next, Some(Ok(_))) {
            self.stream = None;
        }
        Poll::Ready(next)
    }
}
