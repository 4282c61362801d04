use std::{
    io,
    ops::Range,
    task::{Context, Poll},
};

use bytes::Bytes;

/// The bytes of a representation whose length is known, readable from any place in it.
pub(crate) trait Content: 'static {
    /// Reads bytes from the start of `span`: at least one, unless there are no more, and none beyond its end.
    ///
    /// The next call goes on where this one ended, or begins another span.
    fn poll_read(&mut self, context: &mut Context<'_>, span: Range<u64>) -> Poll<io::Result<Bytes>>;
}

impl Content for Box<dyn Content> {
    fn poll_read(&mut self, context: &mut Context<'_>, span: Range<u64>) -> Poll<io::Result<Bytes>> {
        (**self).poll_read(context, span)
    }
}

impl Content for Bytes {
    fn poll_read(&mut self, _: &mut Context<'_>, span: Range<u64>) -> Poll<io::Result<Bytes>> {
        Poll::Ready(Ok(slice(self, &span)))
    }
}

/// What there is of `span`.
pub(crate) fn slice(bytes: &Bytes, span: &Range<u64>) -> Bytes {
    let index = |at: u64| usize::try_from(at).unwrap_or(usize::MAX).min(bytes.len());
    let (start, end) = (index(span.start), index(span.end));
    if start < end { bytes.slice(start..end) } else { Bytes::new() }
}
