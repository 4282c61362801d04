use std::{
    collections::VecDeque,
    io,
    ops::Range,
    panic::{AssertUnwindSafe, catch_unwind},
    task::{Context, Poll, ready},
};

use bytes::Bytes;

use crate::download::{
    Unavailable,
    content::Content,
    source::Supply,
    stream_body::{BoxError, BoxStream},
};

/// What is gathered for one write, more or less.
const BATCH: usize = 256 * 1024;
/// What is skipped before others get their turn.
const SKIPPED_AT_ONCE: u64 = 1024 * 1024;

/// The bytes of a source, once, in their order.
pub(super) struct Feed {
    source: From,
    /// Pulled, and not taken yet.
    pending: VecDeque<Bytes>,
    /// Where the first pending byte stands.
    at: u64,
    /// Where the next byte of the source stands.
    next: u64,
    ended: bool,
    touched: bool,
}

enum From {
    Content(Box<dyn Content>, u64),
    Stream(BoxStream, Option<u64>),
}

/// What was gathered.
pub(super) struct Batch {
    pub(super) chunks: VecDeque<Bytes>,
    /// Nothing follows.
    pub(super) last: bool,
}

impl Feed {
    /// # Errors
    /// The supply, when it is none that is read from start to end.
    pub(super) fn new(supply: Supply) -> Result<Self, Supply> {
        let source = match supply {
            Supply::Bytes(bytes) => {
                let size = bytes.len() as u64;
                From::Content(Box::new(bytes), size)
            }
            Supply::Content(content, size) => From::Content(content, size),
            Supply::Stream(stream, length) => From::Stream(stream, length),
            Supply::Remote { stream, length, .. } => From::Stream(stream, length),
            other => return Err(other),
        };
        Ok(Self { source, pending: VecDeque::new(), at: 0, next: 0, ended: false, touched: false })
    }

    /// Whether any part can be read at once.
    pub(super) const fn can_jump(&self) -> bool {
        matches!(self.source, From::Content(..)) && !self.touched
    }

    /// Gathers what the source gives without waiting; waits when that is nothing. When the wait is given up, nothing is lost.
    ///
    /// The last byte of a promised length is held back until the source has ended: who has all bytes takes them for the
    /// whole, and there may be one too many.
    pub(super) fn poll_gather(&mut self, context: &mut Context<'_>) -> Poll<io::Result<Batch>> {
        let gathered = |feed: &Self| usize::try_from(feed.next - feed.at).unwrap_or(usize::MAX);
        while !self.ended && gathered(self) < BATCH {
            match self.poll_pull(context) {
                Poll::Ready(pulled) => pulled?,
                Poll::Pending if self.next - self.at <= self.held_back() => return Poll::Pending,
                Poll::Pending => break,
            }
        }
        let mut chunks = std::mem::take(&mut self.pending);
        self.at = self.next - self.held_back();
        if self.held_back() > 0
            && let Some(mut chunk) = chunks.pop_back()
        {
            let last = chunk.split_off(chunk.len().saturating_sub(1));
            chunks.extend(Some(chunk).filter(|chunk| !chunk.is_empty()));
            self.pending.push_back(last);
        }
        Poll::Ready(Ok(Batch { chunks, last: self.ended }))
    }

    /// How many of the bytes that were pulled are not to be told yet.
    fn held_back(&self) -> u64 {
        u64::from(!self.ended && self.next > 0 && self.promised() == Some(self.next))
    }

    const fn promised(&self) -> Option<u64> {
        match &self.source {
            From::Content(_, size) => Some(*size),
            From::Stream(_, length) => *length,
        }
    }

    /// Takes back what was gathered last.
    pub(super) fn take_back(&mut self, mut chunks: VecDeque<Bytes>) {
        self.at = self.at.saturating_sub(chunks.iter().map(|chunk| chunk.len() as u64).sum());
        chunks.append(&mut self.pending);
        self.pending = chunks;
    }

    /// Reads as [`Content::poll_read`] does. A source that cannot jump is read up to there, and cannot go back.
    pub(super) fn poll_read(
        &mut self,
        context: &mut Context<'_>,
        span: &Range<u64>,
    ) -> Poll<io::Result<Bytes>> {
        if let From::Content(content, size) = &mut self.source
            && !self.touched
        {
            return content.poll_read(context, span.start..span.end.min(*size));
        }
        if span.start < self.at {
            return Poll::Ready(Err(io::Error::other("the source cannot be read again")));
        }
        let mut skipped = 0;
        loop {
            let Some(chunk) = self.pending.front_mut() else {
                if self.ended {
                    return Poll::Ready(Ok(Bytes::new()));
                }
                ready!(self.poll_pull(context))?;
                continue;
            };
            let skip = usize::try_from(span.start - self.at).unwrap_or(usize::MAX);
            if skip >= chunk.len() {
                let length = chunk.len() as u64;
                self.at += length;
                self.pending.pop_front();
                skipped += length;
                if skipped >= SKIPPED_AT_ONCE {
                    context.waker().wake_by_ref();
                    return Poll::Pending;
                }
                continue;
            }
            let most = usize::try_from(span.end - span.start).unwrap_or(usize::MAX);
            let taken = skip + most.min(chunk.len() - skip);
            let read = chunk.split_to(taken).split_off(skip);
            self.at += taken as u64;
            if chunk.is_empty() {
                self.pending.pop_front();
            }
            return Poll::Ready(Ok(read));
        }
    }

    /// Pulls one chunk, or the end. Holds the source to its length.
    fn poll_pull(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.touched = true;
        let next = self.next;
        let polled = catch_unwind(AssertUnwindSafe(|| match &mut self.source {
            From::Content(_, size) if next >= *size => Poll::Ready(Ok(None)),
            From::Content(content, size) => {
                content.poll_read(context, next..*size).map_ok(|chunk| (!chunk.is_empty()).then_some(chunk))
            }
            From::Stream(stream, _) => {
                stream.as_mut().poll_next(context).map(|next| next.transpose().map_err(in_words))
            }
        }));
        let pulled = ready!(
            polled.unwrap_or_else(|_| Poll::Ready(Err(io::Error::other("the source of a file panicked"))))
        )?;
        let promised = self.promised();
        let Some(chunk) = pulled else {
            if promised.is_some_and(|promised| self.next < promised) {
                let kind = io::ErrorKind::UnexpectedEof;
                return Poll::Ready(Err(io::Error::new(kind, "the source ended early")));
            }
            self.ended = true;
            return Poll::Ready(Ok(()));
        };
        self.next += chunk.len() as u64;
        if promised.is_some_and(|promised| self.next > promised) {
            return Poll::Ready(Err(io::Error::other("the source is longer than was said")));
        }
        if matches!(self.source, From::Content(_, size) if self.next == size) {
            self.ended = true;
        }
        if !chunk.is_empty() {
            self.pending.push_back(chunk);
        }
        Poll::Ready(Ok(()))
    }
}

/// Streams' errors may be bound to their thread.
fn in_words(error: BoxError) -> io::Error {
    match error.downcast::<io::Error>() {
        Ok(error) => *error,
        Err(error) => match error.downcast::<Unavailable>() {
            // Out of its box: who asks for the type would find a box.
            Ok(unavailable) => io::Error::other(*unavailable),
            Err(error) => io::Error::other(error.to_string()),
        },
    }
}
