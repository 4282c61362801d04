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

/// What of the content a body is made of.
#[derive(Debug)]
pub(crate) enum Extent {
    /// One piece, as nearly always.
    Span(Range<u64>),
    /// Parts, and what stands between them.
    Parts(VecDeque<Segment>),
}

impl Extent {
    pub(crate) fn length(&self) -> u64 {
        match self {
            Self::Span(span) => span.end.saturating_sub(span.start),
            Self::Parts(segments) => segments.iter().map(Segment::length).sum(),
        }
    }
}

impl From<Extent> for VecDeque<Segment> {
    fn from(extent: Extent) -> Self {
        match extent {
            Extent::Span(span) => Self::from([Segment::Span(span)]),
            Extent::Parts(segments) => segments,
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

#[cfg(test)]
mod tests {
    use futures_util::{FutureExt, StreamExt, stream};
    use proptest::prelude::*;

    use super::*;

    /// Gives as much as its plan says, and waits where it says 0.
    struct Fitful {
        content: Bytes,
        plan: Vec<usize>,
        turn: usize,
        /// The content is as long as this now.
        end: usize,
    }

    impl Content for Fitful {
        fn poll_read(&mut self, context: &mut Context<'_>, span: Range<u64>) -> Poll<io::Result<Bytes>> {
            let give = self.plan[self.turn % self.plan.len()];
            self.turn += 1;
            if give == 0 {
                context.waker().wake_by_ref();
                return Poll::Pending;
            }
            let (start, end) = (span.start as usize, (span.end as usize).min(self.end));
            Poll::Ready(Ok(self.content.slice(start.min(end)..end.min(start + give).max(start.min(end)))))
        }
    }

    fn collect(body: SizedBody<Fitful>) -> (Vec<u8>, bool) {
        let mut body = Box::pin(body);
        let mut failed = false;
        let mut all = Vec::new();
        let mut chunks = stream::poll_fn(|context| body.as_mut().poll_next(context));
        for _ in 0..100_000 {
            match chunks.next().now_or_never() {
                None => {}
                Some(None) => return (all, !failed),
                Some(Some(Ok(chunk))) => {
                    assert!(!failed && !chunk.is_empty());
                    all.extend_from_slice(&chunk);
                }
                Some(Some(Err(_))) => failed = true,
            }
        }
        panic!("the body does not end");
    }

    proptest! {
        #[test]
        fn segments_are_sent_in_order_and_whole_or_not_at_all(
            segments in prop::collection::vec((any::<bool>(), 0..100usize, 1..60usize), 0..6),
            mut plan in prop::collection::vec(0..40usize, 1..8),
            end in 0..=160usize,
        ) {
            plan.push(7);
            let content = Bytes::from((0..160).collect::<Vec<u8>>());
            let mut wanted = Vec::new();
            let mut there = true;
            let segments: Vec<Segment> = segments.into_iter().map(|(text, start, length)| {
                if text {
                    wanted.extend_from_slice(&content[..length]);
                    return Segment::Text(content.slice(..length));
                }
                there &= start + length <= end;
                wanted.extend_from_slice(&content[start..start + length]);
                Segment::Span(start as u64..(start + length) as u64)
            }).collect();
            let body = SizedBody::new(Fitful { content: content.clone(), plan, turn: 0, end }, segments);
            prop_assert_eq!(body.size(), BodySize::Sized(wanted.len() as u64));
            let (sent, whole) = collect(body);
            prop_assert_eq!(whole, there);
            prop_assert!(wanted.starts_with(&sent));
            prop_assert_eq!(whole, sent.len() == wanted.len());
        }
    }
}
