use std::{
    fs::File,
    io,
    path::{Path, PathBuf},
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use super::{entity_tag::EntityTag, unavailable::Unavailable};

/// A regular file that is open, with what was true of it at that moment.
///
/// It is the file that is sent, whatever its name leads to by then.
#[derive(Debug, Clone)]
pub struct LocalFile {
    pub(crate) file: Arc<File>,
    path: PathBuf,
    size: u64,
    modified: Option<SystemTime>,
}

impl LocalFile {
    /// # Errors
    /// When it is not a regular file.
    pub(crate) fn new(file: File, path: PathBuf) -> Result<Self, Unavailable> {
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            return Err(Unavailable::Missing);
        }
        Ok(Self { size: metadata.len(), modified: metadata.modified().ok(), file: Arc::new(file), path })
    }

    /// Where it was found: the root's canonical path, and the name. For a proxy that sends it in our place.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its length in bytes.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// When it was last changed.
    #[must_use]
    pub const fn modified(&self) -> Option<SystemTime> {
        self.modified
    }

    /// The open file.
    #[must_use]
    pub fn into_file(self) -> Arc<File> {
        self.file
    }

    /// Strong: size, and the time of the last change as exactly as the file system knows it. No inode, so that all
    /// replicas of a service agree.
    pub(crate) fn entity_tag(&self) -> Option<EntityTag> {
        let since = self.modified?.duration_since(UNIX_EPOCH).ok()?;
        EntityTag::strong(format!("{:x}-{:x}-{:x}", self.size, since.as_secs(), since.subsec_nanos()))
    }

    /// Reads without ever waiting for the disk. `None`: would have to wait, or the system cannot do that.
    #[cfg(target_os = "linux")]
    pub(crate) fn read_cached(file: &File, buffer: &mut [u8], at: u64) -> Option<usize> {
        use rustix::io::{ReadWriteFlags, preadv2};
        preadv2(file, &mut [io::IoSliceMut::new(buffer)], at, ReadWriteFlags::NOWAIT).ok()
    }

    #[cfg(not(target_os = "linux"))]
    pub(crate) fn read_cached(_: &File, _: &mut [u8], _: u64) -> Option<usize> {
        None
    }

    /// Reads, and waits for the disk when it must.
    pub(crate) fn read(file: &File, buffer: &mut [u8], at: u64) -> io::Result<usize> {
        #[cfg(unix)]
        use std::os::unix::fs::FileExt;
        #[cfg(windows)]
        use std::os::windows::fs::FileExt;
        loop {
            #[cfg(unix)]
            let read = file.read_at(buffer, at);
            #[cfg(windows)]
            let read = file.seek_read(buffer, at);
            match read {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => return read,
            }
        }
    }
}
