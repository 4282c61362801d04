use std::{
    future::Future,
    io::{self, Read, Seek, SeekFrom},
    ops::Range,
    pin::Pin,
    task::{Context, Poll, ready},
};

use actix_web::rt::task::{JoinHandle, spawn_blocking};
use bytes::Bytes;

use super::{content::Content, file_content::CHUNK};

/// What can be read from any place, and may block.
pub(crate) trait Reader: Read + Seek + Send {}

impl<R: Read + Seek + Send> Reader for R {}

type Lent = (Box<dyn Reader>, io::Result<Bytes>);

/// A blocking reader. It is lent to the blocking pool for each chunk.
pub(crate) struct ReaderContent {
    reader: Option<Box<dyn Reader>>,
    /// Where the reader stands.
    at: Option<u64>,
    reading: Option<JoinHandle<Lent>>,
}

impl ReaderContent {
    /// Finds out the length; in the blocking pool, for seeking may block, too.
    ///
    /// # Errors
    /// When the reader cannot seek, or panics.
    pub(crate) async fn new(reader: impl Read + Seek + Send + 'static) -> io::Result<(Self, u64)> {
        let measured = spawn_blocking(move || {
            let mut reader: Box<dyn Reader> = Box::new(reader);
            let length = reader.seek(SeekFrom::End(0))?;
            Ok::<_, io::Error>((Self { reader: Some(reader), at: Some(length), reading: None }, length))
        });
        measured.await.map_err(io::Error::other)?
    }
}

impl Content for ReaderContent {
    fn poll_read(&mut self, context: &mut Context<'_>, span: Range<u64>) -> Poll<io::Result<Bytes>> {
        if self.reading.is_none() {
            let Some(mut reader) = self.reader.take() else {
                return Poll::Ready(Err(io::Error::other("the reader was lost in a panic")));
            };
            let seek = self.at != Some(span.start);
            let length =
                usize::try_from(span.end.saturating_sub(span.start)).unwrap_or(usize::MAX).min(CHUNK);
            self.at = Some(span.start);
            self.reading = Some(spawn_blocking(move || {
                let read = read(&mut *reader, seek.then_some(span.start), length);
                (reader, read)
            }));
        }
        let Some(reading) = &mut self.reading else { return Poll::Ready(Ok(Bytes::new())) };
        let lent = ready!(Pin::new(reading).poll(context));
        self.reading = None;
        let (reader, read) = lent.map_err(io::Error::other)?;
        self.reader = Some(reader);
        let read = read?;
        self.at = self.at.map(|at| at.saturating_add(read.len() as u64));
        Poll::Ready(Ok(read))
    }
}

/// Fills a chunk; many readers give little at a time.
fn read(reader: &mut dyn Reader, from: Option<u64>, length: usize) -> io::Result<Bytes> {
    if let Some(from) = from {
        reader.seek(SeekFrom::Start(from))?;
    }
    let mut buffer = Vec::with_capacity(length);
    reader.take(length as u64).read_to_end(&mut buffer)?;
    Ok(buffer.into())
}
