use std::{
    cell::RefCell, collections::VecDeque, fs::File, future::poll_fn, io, pin::pin, rc::Rc, sync::Arc,
    time::Duration,
};

use actix_web::rt::{task::spawn_blocking, time::timeout};
use bytes::Bytes;
use futures_util::{
    FutureExt,
    future::{Either, select},
};
use tempfile::TempPath;

use super::{
    Key,
    download_cache::Shared,
    feed::{Batch, Feed},
    progress::{Phase, Sender, unavailable},
};
use crate::download::Unavailable;

/// Followers are told of progress in steps of this many bytes at most.
const STEP: usize = 1024 * 1024;

/// Where a filling that is given up leaves the rest of its source, for the client that began it.
pub(super) type Rest = Rc<RefCell<Option<Feed>>>;

/// Reads the source to its end and writes it down, whether or not its clients keep up.
///
/// Runs on the worker whose client began it; only the writing is in the blocking pool.
pub(super) async fn fill(mut writer: Writer, mut feed: Feed, rest: Rest, ends: bool) {
    let sender = Arc::clone(&writer.sender);
    loop {
        let gathered = {
            let gather = timeout(writer.stall_timeout, poll_fn(|context| feed.poll_gather(context)));
            let gather = pin!(gather.map(|gathered| {
                gathered
                    .unwrap_or_else(|_| Err(io::Error::new(io::ErrorKind::TimedOut, Unavailable::Timeout)))
            }));
            if ends {
                gather.await
            } else {
                match select(gather, pin!(sender.closed())).await {
                    Either::Left((gathered, _)) => gathered,
                    // Nobody is left, and nobody knows whether it ends.
                    Either::Right(((), _)) if writer.shared.leave(&writer.key, &sender, true) => {
                        let _ = spawn_blocking(move || drop(writer)).await;
                        return;
                    }
                    Either::Right(_) => continue,
                }
            }
        };
        let batch = match gathered {
            Ok(batch) => batch,
            Err(error) => {
                tracing::error!(
                    target: "actix_charter::download", %error, "a file breaks off, and is not cached"
                );
                let why = unavailable(&error);
                let mut writer = writer;
                let _ = spawn_blocking(move || writer.end(Phase::Broken(why))).await;
                return;
            }
        };
        let last = batch.last;
        let Ok((given_back, unwritten)) = spawn_blocking(move || writer.write(batch)).await else {
            // The pool is closed; the writer ended with it.
            return;
        };
        writer = given_back;
        if let Some(chunks) = unwritten {
            if Rc::strong_count(&rest) > 1 {
                feed.take_back(chunks);
                rest.replace(Some(feed));
            }
            let _ = spawn_blocking(move || writer.end(Phase::Abandoned)).await;
            return;
        }
        if last {
            return;
        }
    }
}

/// The one who may write a file of the cache. Ends the filling when it goes, however that comes.
pub(super) struct Writer {
    shared: Arc<Shared>,
    key: Key,
    sender: Sender,
    limit: u64,
    stall_timeout: Duration,
    /// `None` before the first byte.
    open: Option<(Arc<File>, TempPath)>,
    written: u64,
    ended: bool,
}

impl Writer {
    pub(super) const fn new(
        shared: Arc<Shared>,
        key: Key,
        sender: Sender,
        limit: u64,
        stall_timeout: Duration,
    ) -> Self {
        Self { shared, key, sender, limit, stall_timeout, open: None, written: 0, ended: false }
    }

    /// Writes what was gathered, and keeps the file when it was the last. What cannot be written is given back; the filling
    /// cannot go on then.
    fn write(mut self, batch: Batch) -> (Self, Option<VecDeque<Bytes>>) {
        let length: u64 = batch.chunks.iter().map(|chunk| chunk.len() as u64).sum();
        if self.written.saturating_add(length) > self.limit {
            self.shared.is_too_large(self.key);
            return (self, Some(batch.chunks));
        }
        if !self.shared.grow(&self.key, &self.sender, self.written.saturating_add(length)) {
            tracing::debug!(target: "actix_charter::download", "a file is sent without the cache, which fills too many others");
            return (self, Some(batch.chunks));
        }
        match self.try_write(&batch) {
            Ok(()) => (self, None),
            Err(error) => {
                tracing::warn!(
                    target: "actix_charter::download", %error, "a file cannot be cached, and is sent without"
                );
                (self, Some(batch.chunks))
            }
        }
    }

    fn try_write(&mut self, batch: &Batch) -> io::Result<()> {
        let file = match &self.open {
            Some((file, _)) => Arc::clone(file),
            None => {
                let (file, path) = self.shared.directory.unfinished()?.into_parts();
                let file = Arc::new(file);
                self.open = Some((Arc::clone(&file), path));
                file
            }
        };
        let mut untold = 0;
        for chunk in &batch.chunks {
            for piece in chunk.chunks(STEP) {
                if untold >= STEP {
                    self.tell(&file);
                    untold = 0;
                }
                write_all_at(&file, piece, self.written)?;
                self.written += piece.len() as u64;
                untold += piece.len();
            }
        }
        if batch.last {
            return self.keep(&file);
        }
        self.tell(&file);
        Ok(())
    }

    fn tell(&self, file: &Arc<File>) {
        self.sender.send_modify(|progress| {
            progress.file.get_or_insert_with(|| Arc::clone(file));
            progress.written = self.written;
        });
    }

    /// Puts the file in its place, and only then tells of its last bytes.
    fn keep(&mut self, file: &Arc<File>) -> io::Result<()> {
        if file.metadata()?.len() != self.written {
            return Err(io::Error::other("what was written is not what is there"));
        }
        let Some((_, path)) = self.open.take() else { return Ok(()) };
        self.ended = true;
        self.sender.send_modify(|progress| progress.file = Some(Arc::clone(file)));
        match self.shared.directory.keep(path, &self.key, self.written) {
            Ok(()) => self.shared.filled(self.key, self.written, &self.sender),
            Err(error) => {
                tracing::warn!(target: "actix_charter::download", %error, "a file cannot be kept in the cache");
                // Its clients have it open.
                self.shared.leave(&self.key, &self.sender, false);
                self.sender.send_modify(|progress| {
                    progress.written = self.written;
                    progress.phase = Phase::Whole;
                });
            }
        }
        Ok(())
    }

    /// Ends the filling without a file. Who asks from now on begins anew; who followed is told when nothing is left of it.
    fn end(&mut self, phase: Phase) {
        if std::mem::replace(&mut self.ended, true) {
            return;
        }
        // Its room is free only when its bytes are gone.
        self.open = None;
        self.shared.leave(&self.key, &self.sender, false);
        self.sender.send_modify(|progress| progress.phase = phase);
    }
}

/// The worker was shut down, or the writing panicked.
impl Drop for Writer {
    fn drop(&mut self) {
        self.end(Phase::Broken(None));
    }
}

#[cfg(unix)]
fn write_all_at(file: &File, bytes: &[u8], at: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::write_all_at(file, bytes, at)
}

#[cfg(windows)]
fn write_all_at(file: &File, mut bytes: &[u8], mut at: u64) -> io::Result<()> {
    use std::os::windows::fs::FileExt;
    while !bytes.is_empty() {
        match file.seek_write(bytes, at) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(length) => {
                bytes = bytes.get(length..).unwrap_or_default();
                at += length as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
