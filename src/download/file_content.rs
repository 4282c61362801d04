use std::{
    cell::RefCell,
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

use super::{LocalFile, content::Content, local_file::Cached, sized_body::Extent};

/// What one read on the worker's own thread takes, and what is handed to the connection at once. The connection keeps
/// that much for a client that reads slowly.
///
/// Each costs a read, a write, and the waking of the client: the larger, the cheaper. With the head before it, it just fits into
/// the 128 KiB that Actix keeps for writing; a larger one would make it allocate anew for every chunk.
pub(crate) const CHUNK: usize = 120 * 1024;
/// What is sooner allocated anew, and zeroed, than kept.
const SMALL: usize = 8 * 1024;
/// A read in the blocking pool takes more each time, so that the hops there and back weigh less, up to this.
const LARGEST_POOL_READ: usize = 2 * CHUNK;

/// A file, read a chunk at a time: at once when the chunk lies in memory already, in the blocking pool when it must come
/// from the disk.
pub(crate) struct FileContent {
    file: Arc<File>,
    /// Read from the disk and not handed on yet.
    ready: Bytes,
    reading: Option<JoinHandle<io::Result<Bytes>>>,
    pool_read: usize,
    /// Whether the system can tell what lies in memory.
    ask: bool,
}

impl FileContent {
    pub(crate) const fn new(file: Arc<File>) -> Self {
        Self { file, ready: Bytes::new(), reading: None, pool_read: CHUNK, ask: true }
    }

    /// Reads one small piece if that takes no waiting.
    pub(crate) fn read_at_once(file: &LocalFile, extent: &Extent) -> Option<Bytes> {
        let Extent::Span(span) = extent else { return None };
        #[cfg(target_os = "linux")]
        if let Some(content) = file.content() {
            return Some(super::content::slice(content, span));
        }
        let length =
            usize::try_from(span.end.saturating_sub(span.start)).ok().filter(|length| *length <= CHUNK)?;
        if length == 0 {
            return Some(Bytes::new());
        }
        if length <= SMALL {
            let mut buffer = vec![0; length];
            if LocalFile::read_cached(file.as_file(), &mut buffer, span.start) != Cached::Read(length) {
                return None;
            }
            let content = Bytes::from(buffer);
            #[cfg(target_os = "linux")]
            file.remember(&content);
            return Some(content);
        }
        let mut lease = Lease::take();
        let read = LocalFile::read_cached(file.as_file(), lease.buffer.get_mut(..length)?, span.start);
        lease.length = length;
        (read == Cached::Read(length)).then(|| Bytes::from_owner(lease))
    }

    fn read_cached(&mut self, left: usize, at: u64) -> Option<Bytes> {
        let mut lease = Lease::take();
        let buffer = lease.buffer.get_mut(..left.min(CHUNK))?;
        match LocalFile::read_cached(&self.file, buffer, at) {
            Cached::Read(0) => Some(Bytes::new()),
            Cached::Read(length) => {
                lease.length = length;
                Some(Bytes::from_owner(lease))
            }
            Cached::OnDisk => None,
            Cached::Unknown => {
                self.ask = false;
                None
            }
        }
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
            if self.ask
                && let Some(read) = self.read_cached(left, span.start)
            {
                return Poll::Ready(Ok(read));
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

#[cfg(test)]
mod tests {
    use std::{future::poll_fn, io::Write};

    use super::*;

    fn file(content: &[u8]) -> Arc<File> {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(content).unwrap();
        Arc::new(file)
    }

    async fn read(content: &mut FileContent, mut span: Range<u64>) -> Vec<u8> {
        let mut all = Vec::new();
        while span.start < span.end {
            let chunk = poll_fn(|context| content.poll_read(context, span.clone())).await.unwrap();
            assert!(chunk.len() <= CHUNK);
            if chunk.is_empty() {
                break;
            }
            span.start += chunk.len() as u64;
            all.extend_from_slice(&chunk);
        }
        all
    }

    #[actix_web::test]
    async fn memory_and_disk_give_the_same() {
        let whole: Vec<u8> = (0..300_000u32).flat_map(u32::to_le_bytes).collect();
        for ask in [true, false] {
            let mut content = FileContent::new(file(&whole));
            content.ask = ask;
            assert!(read(&mut content, 0..1_200_000).await == whole);
            assert!(read(&mut content, 600_000..600_001).await == whole[600_000..600_001]);
            assert!(read(&mut content, 5..900_000).await == whole[5..900_000]);
            // What ends early is seen.
            assert_eq!(read(&mut content, 1_199_999..1_300_000).await, whole[1_199_999..]);
        }
    }

    #[actix_web::test]
    async fn reads_in_the_pool_grow_and_are_bounded() {
        let mut content = FileContent::new(file(&vec![1; 1_000_000]));
        content.ask = false;
        let mut sizes = Vec::new();
        let mut at = 0;
        while at < 1_000_000 {
            let chunk = poll_fn(|context| content.poll_read(context, at..1_000_000)).await.unwrap();
            sizes.push(chunk.len() + content.ready.len());
            at += chunk.len() as u64;
            while !content.ready.is_empty() {
                at +=
                    poll_fn(|context| content.poll_read(context, at..1_000_000)).await.unwrap().len() as u64;
            }
        }
        assert_eq!(sizes[..4], [CHUNK, 2 * CHUNK, 2 * CHUNK, 2 * CHUNK]);
    }
}
