use std::{
    io,
    ops::Range,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use futures_util::{FutureExt, Stream, future::BoxFuture};

use super::{ByteStream, Storage, Stored};
use crate::download::{Unavailable, content::Content};

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
    Idle,
    Asking(BoxFuture<'static, Result<ByteStream, Unavailable>>),
    Reading(ByteStream),
}

impl StorageContent {
    pub(crate) fn new(storage: Arc<dyn Storage>, key: Arc<str>, file: Stored) -> Self {
        Self { storage, key, file: Arc::new(file), state: State::Idle, left: Bytes::new(), at: 0, end: 0 }
    }
}

impl Content for StorageContent {
    fn poll_read(&mut self, context: &mut Context<'_>, span: Range<u64>) -> Poll<io::Result<Bytes>> {
        if matches!(self.state, State::Idle) || self.at != span.start || self.end < span.end {
            let (storage, key, file) =
                (Arc::clone(&self.storage), Arc::clone(&self.key), Arc::clone(&self.file));
            let asked = span.clone();
            let asking = async move { storage.read(&key, &file, asked).await };
            self.state = State::Asking(asking.boxed());
            (self.left, self.at, self.end) = (Bytes::new(), span.start, span.end);
        }
        loop {
            if !self.left.is_empty() {
                let most = usize::try_from(span.end.saturating_sub(span.start)).unwrap_or(usize::MAX);
                if self.left.len() > most && self.end == span.end {
                    return Poll::Ready(Err(io::Error::other("the storage gave more than it was asked for")));
                }
                let chunk = self.left.split_to(self.left.len().min(most));
                self.at = self.at.saturating_add(chunk.len() as u64);
                return Poll::Ready(Ok(chunk));
            }
            match &mut self.state {
                State::Idle => return Poll::Ready(Ok(Bytes::new())),
                State::Asking(asking) => {
                    self.state =
                        State::Reading(ready!(asking.poll_unpin(context)).map_err(io::Error::other)?);
                }
                State::Reading(stream) => match ready!(Pin::new(stream).poll_next(context)) {
                    Some(chunk) => self.left = chunk.map_err(io::Error::other)?,
                    None => {
                        self.state = State::Idle;
                        return Poll::Ready(Ok(Bytes::new()));
                    }
                },
            }
        }
    }
}
