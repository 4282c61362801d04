use std::{
    borrow::Cow,
    fs::{File, Metadata},
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
    /// What makes two open files the same one.
    #[cfg(target_os = "linux")]
    identity: (u64, u64),
    /// Whether there may be links on the way.
    links: bool,
}

impl LocalFile {
    /// # Errors
    /// When it is not a regular file.
    pub(crate) fn new(file: File, path: PathBuf) -> Result<Self, Unavailable> {
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            return Err(Unavailable::Missing);
        }
        Ok(Self {
            size: metadata.len(),
            modified: metadata.modified().ok(),
            file: Arc::new(file),
            path,
            #[cfg(target_os = "linux")]
            identity: identity(&metadata),
            links: true,
        })
    }

    /// The file was opened at its path without following a link below the root.
    pub(crate) fn without_links(mut self) -> Self {
        self.links = false;
        self
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
        let mut opaque = String::with_capacity(3 * 16 + 2);
        for (number, end) in [(self.size, "-"), (since.as_secs(), "-"), (since.subsec_nanos().into(), "")] {
            push_hex(&mut opaque, number);
            opaque.push_str(end);
        }
        EntityTag::strong(opaque)
    }

    /// Where the file lies, without links on the way. `None` when that place holds another file by now, or none.
    ///
    /// For a proxy that is to open it by its name. Between the look here and that opening somebody may still put
    /// another file there; whoever can write into the directory decides what is sent.
    #[must_use]
    pub fn canonical_path(&self) -> Option<PathBuf> {
        self.canonical().map(Cow::into_owned)
    }

    pub(crate) fn canonical(&self) -> Option<Cow<'_, Path>> {
        // Without links below a root, whose own path is canonical, the path is so too. It may lead elsewhere by now.
        let path =
            if self.links { self.path.canonicalize().ok()?.into() } else { Cow::Borrowed(&*self.path) };
        self.is_at(&path).then_some(path)
    }

    #[cfg(target_os = "linux")]
    fn is_at(&self, path: &Path) -> bool {
        rustix::fs::lstat(path).is_ok_and(|named| (named.st_dev, named.st_ino) == self.identity)
    }

    #[cfg(not(target_os = "linux"))]
    fn is_at(&self, path: &Path) -> bool {
        match (self.file.metadata(), path.symlink_metadata()) {
            (Ok(opened), Ok(named)) => is_same(&opened, &named),
            _ => false,
        }
    }

    /// Reads without ever waiting for the disk.
    #[cfg(target_os = "linux")]
    pub(crate) fn read_cached(file: &File, buffer: &mut [u8], at: u64) -> Cached {
        use rustix::io::{Errno, ReadWriteFlags, preadv2};
        match preadv2(file, &mut [io::IoSliceMut::new(buffer)], at, ReadWriteFlags::NOWAIT) {
            Ok(length) => Cached::Read(length),
            Err(Errno::AGAIN | Errno::INTR) => Cached::OnDisk,
            // Not every file system can tell. Other errors will come again from the read that may wait.
            Err(_) => Cached::Unknown,
        }
    }

    #[cfg(not(target_os = "linux"))]
    pub(crate) fn read_cached(_: &File, _: &mut [u8], _: u64) -> Cached {
        Cached::Unknown
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

/// What reading without waiting came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cached {
    /// So many bytes lay in memory.
    Read(usize),
    /// They must come from the disk.
    OnDisk,
    /// The system cannot tell, and need not be asked again.
    Unknown,
}

#[cfg(unix)]
pub(crate) fn is_same(opened: &Metadata, named: &Metadata) -> bool {
    identity(opened) == identity(named)
}

#[cfg(unix)]
fn identity(metadata: &Metadata) -> (u64, u64) {
    use std::os::unix::fs::MetadataExt;
    (metadata.dev(), metadata.ino())
}

fn push_hex(text: &mut String, number: u64) {
    let digits = (u64::BITS - number.leading_zeros()).div_ceil(4).max(1);
    for place in (0..digits).rev() {
        let digit = (number >> (place * 4)) & 0xF;
        text.extend(char::from_digit(u32::try_from(digit).unwrap_or_default(), 16));
    }
}

/// Std tells no identity of files here; that there is one of the same length and age must do.
#[cfg(not(unix))]
pub(crate) fn is_same(opened: &Metadata, named: &Metadata) -> bool {
    named.is_file() && opened.len() == named.len() && opened.modified().ok() == named.modified().ok()
}
