use std::{
    fs::File,
    io::{self, Write},
    path::{Path, PathBuf},
};

use actix_web::web;
use bytes::Bytes;
use tempfile::{NamedTempFile, TempPath};

use super::{limits::MultipartLimits, uploaded::Content};

/// How much is gathered before it is written to disk: one trip to the thread pool for so many bytes.
const WRITE_SIZE: usize = 256 * 1024;

/// A file on its way in: in memory up to a threshold, then on disk.
///
/// Dropped before it is finished, it leaves nothing behind: not even when a write is under way, because the thread that writes owns the path.
pub(super) struct Spool {
    memory: usize,
    directory: Option<PathBuf>,
    size: u64,
    buffer: Vec<u8>,
    disk: Option<(File, TempPath)>,
}

impl Spool {
    pub(super) fn new(limits: &MultipartLimits) -> Self {
        Self {
            memory: limits.memory_per_file,
            directory: limits.spool_directory.clone(),
            size: 0,
            buffer: Vec::new(),
            disk: None,
        }
    }

    pub(super) fn size(&self) -> u64 {
        self.size
    }

    /// Counts what is not kept.
    pub(super) fn skip(&mut self, bytes: usize) {
        self.size += bytes as u64;
    }

    pub(super) async fn write(&mut self, chunk: &[u8]) -> io::Result<()> {
        self.size += chunk.len() as u64;
        self.buffer.extend_from_slice(chunk);
        let full = match self.disk {
            Some(_) => self.buffer.len() >= WRITE_SIZE,
            None => self.buffer.len() > self.memory,
        };
        if full { self.flush().await } else { Ok(()) }
    }

    pub(super) async fn finish(mut self) -> io::Result<Content> {
        if self.disk.is_some() {
            self.flush().await?;
        }
        Ok(match self.disk {
            // The handle is closed; it is opened again by whoever reads.
            Some((_, path)) => Content::Disk(path),
            None => Content::Memory(Bytes::from(self.buffer)),
        })
    }

    async fn flush(&mut self) -> io::Result<()> {
        let disk = self.disk.take();
        let directory = self.directory.clone();
        let mut buffer = std::mem::take(&mut self.buffer);
        let (disk, buffer) = blocking(move || {
            let (mut file, path) = match disk {
                Some(disk) => disk,
                None => create(directory.as_deref())?.into_parts(),
            };
            file.write_all(&buffer)?;
            buffer.clear();
            Ok(((file, path), buffer))
        })
        .await?;
        self.disk = Some(disk);
        self.buffer = buffer;
        Ok(())
    }
}

pub(super) fn create(directory: Option<&Path>) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix("upload-");
    match directory {
        Some(directory) => builder.tempfile_in(directory),
        None => builder.tempfile(),
    }
}

/// Runs what waits for the disk on Actix's pool of threads for it.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    web::block(work).await.map_err(io::Error::other)?
}
