use std::{
    cell::RefCell,
    collections::VecDeque,
    fs::File,
    future::Future,
    io,
    ops::Range,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use actix_web::rt::task::{JoinHandle, spawn_blocking};
use bytes::Bytes;

use super::{LocalFile, content::Content, sized_body::Segment};

/// What one read on the worker's own thread takes, and what is handed to the connection at once. The connection keeps
/// that much for a client that reads slowly.
pub(crate) const CHUNK: usize = 64 * 1024;
/// A read in the blocking pool takes more each time, so that the hops there and back weigh less, up to this.
const LARGEST_POOL_READ: usize = 256 * 1024;

/// A file, read a chunk at a time: at once when the chunk lies in memory already, in the blocking pool when it must come
/// from the disk.
pub(crate) struct FileContent {
    file: Arc<File>,
    /// Read from the disk and not handed on yet.
    ready: Bytes,
    reading: Option<JoinHandle<io::Result<Bytes>>>,
    pool_read: usize,
}

impl FileContent {
    pub(crate) const fn new(file: Arc<File>) -> Self {
        Self { file, ready: Bytes::new(), reading: None, pool_read: CHUNK }
    }

    /// Reads one small piece if that takes no waiting.
    pub(crate) fn read_at_once(file: &File, segments: &VecDeque<Segment>) -> Option<Bytes> {
        let mut segments = segments.iter();
        let (Some(Segment::Span(span)), None) = (segments.next(), segments.next()) else { return None };
        let length =
            usize::try_from(span.end.saturating_sub(span.start)).ok().filter(|length| *length <= CHUNK)?;
        if length == 0 {
            return Some(Bytes::new());
        }
        let mut buffer = vec![0; length];
        (LocalFile::read_cached(file, &mut buffer, span.start)? == length).then(|| buffer.into())
    }

    fn hand_on(&mut self) -> Bytes {
        self.ready.split_to(self.ready.len().min(CHUNK))
    }
}

impl Content for FileContent {
    fn poll_read(&mut self, context: &mut Context<'_>, span: Range<u64>) -> Poll<io::Result<Bytes>> {
        if !self.ready.is_empty() {
            return Poll::Ready(Ok(self.hand_on()));
        }
        let left = usize::try_from(span.end.saturating_sub(span.start)).unwrap_or(usize::MAX);
        if self.reading.is_none() {
            let mut lease = Lease::take();
            let read = lease
                .buffer
                .get_mut(..left.min(CHUNK))
                .and_then(|buffer| LocalFile::read_cached(&self.file, buffer, span.start));
            if let Some(length) = read {
                lease.length = length;
                return Poll::Ready(Ok(if length == 0 { Bytes::new() } else { Bytes::from_owner(lease) }));
            }
            let file = Arc::clone(&self.file);
            let length = left.min(self.pool_read);
            self.pool_read = (self.pool_read * 2).min(LARGEST_POOL_READ);
            self.reading = Some(spawn_blocking(move || {
                let mut buffer = vec![0; length];
                let length = LocalFile::read(&file, &mut buffer, span.start)?;
                buffer.truncate(length);
                Ok(buffer.into())
            }));
        }
        let Some(reading) = &mut self.reading else { return Poll::Ready(Ok(Bytes::new())) };
        let read = ready!(Pin::new(reading).poll(context));
        self.reading = None;
        self.ready = read.map_err(io::Error::other).flatten()?;
        Poll::Ready(Ok(self.hand_on()))
    }
}

/// Buffers that are kept for the next read on this thread: neither zeroed nor mapped anew each time.
const KEPT: usize = 16;

thread_local! {
    static FREE: RefCell<Vec<Box<[u8]>>> = const { RefCell::new(Vec::new()) };
}

struct Lease {
    buffer: Box<[u8]>,
    length: usize,
}

impl Lease {
    fn take() -> Self {
        let kept = FREE.with(|free| free.try_borrow_mut().ok().and_then(|mut free| free.pop()));
        Self { buffer: kept.unwrap_or_else(|| vec![0; CHUNK].into()), length: 0 }
    }
}

impl AsRef<[u8]> for Lease {
    fn as_ref(&self) -> &[u8] {
        self.buffer.get(..self.length).unwrap_or_default()
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let buffer = std::mem::take(&mut self.buffer);
        // The thread may be ending; then the buffer does, too.
        let _ = FREE.try_with(|free| {
            if let Ok(mut free) = free.try_borrow_mut()
                && free.len() < KEPT
            {
                free.push(buffer);
            }
        });
    }
}
