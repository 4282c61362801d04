use std::{
    error::Error as StdError,
    io,
    ops::Range,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use futures_util::{FutureExt, Stream, future::BoxFuture};

use super::{ByteStream, Storage, Stored};
use crate::download::{Unavailable, content::Content, file_content::CHUNK};

/// The bytes of a stored file: each span is one read of the storage.
pub(crate) struct StorageContent {
    storage: Arc<dyn Storage>,
    key: Arc<str>,
    file: Arc<Stored>,
    state: State,
    /// Given by the storage and not handed on yet.
    left: Bytes,
    /// Where the next byte of the open stream stands.
    at: u64,
    end: u64,
}

enum State {
    /// Nothing is open: not yet, or no more. What ended or failed is not asked again.
    Closed,
    Asking(BoxFuture<'static, Result<ByteStream, Unavailable>>),
    Reading(ByteStream),
}

impl StorageContent {
    pub(crate) fn new(storage: Arc<dyn Storage>, key: Arc<str>, file: Stored) -> Self {
        Self { storage, key, file: Arc::new(file), state: State::Closed, left: Bytes::new(), at: 0, end: 0 }
    }

    fn open(&mut self, span: Range<u64>) {
        let (storage, key, file) = (Arc::clone(&self.storage), Arc::clone(&self.key), Arc::clone(&self.file));
        (self.left, self.at, self.end) = (Bytes::new(), span.start, span.end);
        self.state = State::Asking(async move { storage.read(&key, &file, span).await }.boxed());
    }

    /// The next chunk that is not empty; `None` at the end.
    fn poll_chunk(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, io::Error>>> {
        loop {
            match &mut self.state {
                State::Closed => return Poll::Ready(None),
                State::Asking(asking) => match ready!(asking.poll_unpin(context)) {
                    Ok(stream) => self.state = State::Reading(stream),
                    Err(unavailable) => return Poll::Ready(Some(Err(io::Error::other(unavailable)))),
                },
                State::Reading(stream) => match ready!(Pin::new(stream).poll_next(context)) {
                    Some(Ok(chunk)) if chunk.is_empty() => {}
                    Some(Ok(chunk)) => return Poll::Ready(Some(Ok(chunk))),
                    Some(Err(error)) => {
                        return Poll::Ready(Some(Err(io::Error::other(unavailable(&*error)))));
                    }
                    None => return Poll::Ready(None),
                },
            }
        }
    }
}

/// What the storage itself does not call by a name is its fault.
fn unavailable(error: &(dyn StdError + Send + Sync + 'static)) -> Unavailable {
    error.downcast_ref().copied().unwrap_or_else(|| broken(&error.to_string()))
}

fn broken(how: &str) -> Unavailable {
    tracing::error!(target: "actix_charter::download", error = how, "a storage breaks off");
    Unavailable::Upstream
}

impl Content for StorageContent {
    /// The last chunk is kept back until the stream has ended: a store that ignores what part it was asked for begins with
    /// other bytes, and is known by giving more of them.
    fn poll_read(&mut self, context: &mut Context<'_>, span: Range<u64>) -> Poll<io::Result<Bytes>> {
        if self.at != span.start || self.end != span.end {
            self.open(span);
        }
        loop {
            let received = self.at.saturating_add(self.left.len() as u64);
            if !self.left.is_empty() && (received < self.end || matches!(self.state, State::Closed)) {
                // The connection copies what it is given; what a store gives at once may be many megabytes.
                let chunk = self.left.split_to(self.left.len().min(CHUNK));
                self.at = self.at.saturating_add(chunk.len() as u64);
                return Poll::Ready(Ok(chunk));
            }
            let polled = catch_unwind(AssertUnwindSafe(|| self.poll_chunk(context)));
            let polled =
                polled.unwrap_or_else(|_| Poll::Ready(Some(Err(io::Error::other("the storage panicked")))));
            let failed = match ready!(polled) {
                Some(Ok(chunk)) if received.saturating_add(chunk.len() as u64) <= self.end => {
                    self.left = chunk;
                    continue;
                }
                None if received >= self.end && !self.left.is_empty() => {
                    self.state = State::Closed;
                    continue;
                }
                Some(Ok(_)) => io::Error::other(broken("it gave more than it was asked for")),
                Some(Err(error)) => error,
                None => io::Error::other(broken("it gave less than it was asked for")),
            };
            (self.state, self.left) = (State::Closed, Bytes::new());
            return Poll::Ready(Err(failed));
        }
    }
}
