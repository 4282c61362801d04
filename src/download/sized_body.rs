use std::{
    collections::VecDeque,
    io,
    ops::Range,
    pin::Pin,
    task::{Context, Poll, ready},
};

use actix_web::body::{BodySize, MessageBody};
use bytes::Bytes;

use super::content::Content;

/// A piece of a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Segment {
    /// These very bytes, what stands between parts.
    Text(Bytes),
    /// Bytes of the content.
    Span(Range<u64>),
}

impl Segment {
    pub(crate) fn length(&self) -> u64 {
        match self {
            Self::Text(text) => text.len() as u64,
            Self::Span(span) => span.end.saturating_sub(span.start),
        }
    }
}

/// A body whose length was promised. Content that ends early is an error, which aborts the connection: what is cut short
/// must not look whole.
pub(crate) struct SizedBody<C> {
    content: C,
    segments: VecDeque<Segment>,
    size: u64,
}

impl<C: Content> SizedBody<C> {
    pub(crate) fn new(content: C, segments: impl Into<VecDeque<Segment>>) -> Self {
        let segments = segments.into();
        let size = segments.iter().map(Segment::length).sum();
        Self { content, segments, size }
    }
}

impl<C: Content + Unpin> MessageBody for SizedBody<C> {
    type Error = io::Error;

    fn size(&self) -> BodySize {
        BodySize::Sized(self.size)
    }

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        let this = &mut *self;
        let read = loop {
            match this.segments.front_mut() {
                None => return Poll::Ready(None),
                Some(Segment::Text(text)) => {
                    let text = std::mem::take(text);
                    this.segments.pop_front();
                    return Poll::Ready(Some(Ok(text)));
                }
                Some(Segment::Span(span)) if span.start >= span.end => {
                    this.segments.pop_front();
                }
                Some(Segment::Span(span)) => {
                    let read = ready!(this.content.poll_read(context, span.clone()));
                    break read.and_then(|chunk| {
                        let length = chunk.len() as u64;
                        if length == 0 {
                            return Err(io::Error::new(
                                io::ErrorKind::UnexpectedEof,
                                "the content ended early",
                            ));
                        }
                        if length > span.end - span.start {
                            return Err(io::Error::other("the content gave more than it was asked for"));
                        }
                        span.start += length;
                        Ok(chunk)
                    });
                }
            }
        };
        if read.is_err() {
            this.segments.clear();
        }
        Poll::Ready(Some(read))
    }
}
