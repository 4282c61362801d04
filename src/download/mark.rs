use std::{ffi::OsStr, os::unix::ffi::OsStrExt, path::Path};

use rustix::fs::Stat;

/// What tells one state of one file from every other: whatever is done to a file, its size or one of its times is another one
/// after that, as finely as the file system keeps time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mark {
    /// What makes two open files the same one.
    pub(crate) file: (u64, u64),
    size: i64,
    modified: (i64, u64),
    /// Names and access control lists among what changed.
    pub(crate) changed: (i64, u64),
    /// Type and permissions, user and group: a file system may keep time by the second.
    rights: (u32, u32, u32),
}

impl Mark {
    #[allow(
        clippy::useless_conversion,
        clippy::unnecessary_cast,
        reason = "the types are not the same on all machines"
    )]
    pub(crate) fn new(stat: &Stat) -> Self {
        Self {
            file: (u64::from(stat.st_dev), u64::from(stat.st_ino)),
            size: stat.st_size as i64,
            modified: (stat.st_mtime as i64, stat.st_mtime_nsec as u64),
            changed: (stat.st_ctime as i64, stat.st_ctime_nsec as u64),
            rights: (stat.st_mode, stat.st_uid, stat.st_gid),
        }
    }

    pub(crate) fn at(path: &Path) -> Option<Self> {
        rustix::fs::lstat(path).ok().map(|stat| Self::new(&stat))
    }
}

/// The folders on the way to a name below a root, which has no other parts than names.
pub(crate) fn folders(name: &Path) -> impl Iterator<Item = &Path> {
    let bytes = name.as_os_str().as_bytes();
    let ends = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'/').map(|(end, _)| end);
    ends.filter_map(|end| bytes.get(..end)).map(|folder| Path::new(OsStr::from_bytes(folder)))
}
