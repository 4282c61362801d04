use std::{
    fs::{self, DirBuilder, File, TryLockError},
    io::{self, Read, Seek, Write},
    path::{Path, PathBuf},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use tempfile::{NamedTempFile, TempPath};

use super::{CacheError, Key, key::Secret};
use crate::download::Root;

/// Held as long as the cache is used; it also tells a cache's directory from others, and holds its [`Secret`].
const LOCK: &str = ".lock";
/// With a dot in front no [`Root`] serves them.
const UNFINISHED: &str = ".fill-";

/// A directory that is a cache's alone.
#[derive(Debug)]
pub(super) struct Directory {
    pub(super) root: Root,
    pub(super) secret: Secret,
    /// Unlocked when it is closed.
    _lock: File,
}

/// A whole file that was there at the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Left {
    /// Since 1970.
    pub(super) written: Duration,
    pub(super) key: Key,
    pub(super) size: u64,
}

impl Directory {
    /// Makes or opens it, locks it, and clears away what a crash left half done. What is whole is told, the oldest first.
    pub(super) fn open(path: &Path) -> Result<(Self, Vec<Left>), CacheError> {
        let unusable = |error| CacheError::Unusable { directory: path.to_owned(), error };
        make(path).map_err(unusable)?;
        let root = Root::new(path).map_err(unusable)?;
        if let Some(name) = foreign(root.path()).map_err(unusable)? {
            return Err(CacheError::Foreign { directory: path.to_owned(), name });
        }
        let lock = lock_file(&root.path().join(LOCK)).map_err(unusable)?;
        lock.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => CacheError::InUse { directory: path.to_owned() },
            TryLockError::Error(error) => unusable(error),
        })?;
        let known = read_secret(&lock).map_err(unusable)?;
        // What lies under names that another secret made is never found again.
        let left = sweep(root.path(), known.is_some()).map_err(unusable)?;
        let secret = known.map_or_else(|| new_secret(&lock), Ok).map_err(unusable)?;
        Ok((Self { root, secret, _lock: lock }, left))
    }

    /// A file to be filled, which goes with its handle unless it is [kept](Self::keep).
    pub(super) fn unfinished(&self) -> io::Result<NamedTempFile> {
        let mut builder = tempfile::Builder::new();
        builder.prefix(UNFINISHED).rand_bytes(16);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            // A proxy runs as another user. The umask takes off what the operator does not want.
            builder.permissions(fs::Permissions::from_mode(0o644));
        }
        builder.tempfile_in(self.root.path())
    }

    /// Puts a whole file in its place.
    pub(super) fn keep(&self, file: TempPath, key: &Key, size: u64) -> io::Result<()> {
        file.persist(self.place(key, size)).map_err(|error| error.error)
    }

    pub(super) fn remove(&self, key: &Key, size: u64) {
        match fs::remove_file(self.place(key, size)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                tracing::warn!(target: "actix_charter::download", %error, "a file cannot be removed from the cache");
            }
            _ => {}
        }
    }

    fn place(&self, key: &Key, size: u64) -> PathBuf {
        self.root.path().join(key.file_name(size))
    }
}

fn make(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        fs::create_dir_all(parent)?;
    }
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        // Others may open what they know the name of, and list nothing.
        builder.mode(0o711);
    }
    match builder.create(path) {
        // Somebody else was faster; whose it is, the lock will tell.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
        made => made,
    }
}

fn lock_file(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.create(true).truncate(false).read(true).write(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options.open(path)
}

/// `None` when the directory is new, or a crash cut it short.
fn read_secret(lock: &File) -> io::Result<Option<Secret>> {
    let mut secret = Vec::new();
    lock.take(1 + size_of::<Secret>() as u64).read_to_end(&mut secret)?;
    Ok(<[u8; 32]>::try_from(secret).ok().map(Secret))
}

fn new_secret(mut lock: &File) -> io::Result<Secret> {
    let mut secret = [0; 32];
    getrandom::fill(&mut secret)?;
    lock.set_len(0)?;
    lock.rewind()?;
    lock.write_all(&secret)?;
    Ok(Secret(secret))
}

/// Something that no cache put there, if there is any. Nothing is touched before this is known.
fn foreign(path: &Path) -> io::Result<Option<PathBuf>> {
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        let name = entry.file_name();
        let ours = name.to_str().is_some_and(|name| {
            name == LOCK || name.starts_with(UNFINISHED) || Key::of_file_name(name).is_some()
        });
        // It may have gone meanwhile, when the directory is in use.
        let regular = entry.metadata().map_or(true, |metadata| metadata.is_file());
        if !(ours && regular) {
            return Ok(Some(name.into()));
        }
    }
    Ok(None)
}

/// Removes what is not whole, or all if nothing is to be `kept`; tells what stays.
fn sweep(path: &Path, kept: bool) -> io::Result<Vec<Left>> {
    let mut left: Vec<Left> = Vec::new();
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        let metadata = entry.metadata()?;
        let name = entry.file_name();
        let whole =
            name.to_str().and_then(Key::of_file_name).filter(|(_, size)| kept && *size == metadata.len());
        if let Some((key, size)) = whole {
            let written = metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH);
            let written = written.duration_since(UNIX_EPOCH).unwrap_or_default();
            left.push(Left { written, key, size });
        } else if name != LOCK {
            fs::remove_file(entry.path())?;
        }
    }
    left.sort();
    Ok(left)
}
