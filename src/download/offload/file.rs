use std::{num::NonZeroU64, path::Path};

/// A file on this machine, as far as it matters for handing it over.
///
/// Everything else (type, name, validators, caching) stands in the answer.
#[derive(Debug, Clone, Copy)]
pub struct OffloadFile<'a> {
    pub(super) path: &'a Path,
    pub(super) length: u64,
    pub(super) rate_limit: Option<NonZeroU64>,
}

impl<'a> OffloadFile<'a> {
    /// The regular file at `path`, `length` bytes long.
    ///
    /// The path must be absolute and canonical, and its containment checked: proxies follow symbolic links. A path that is
    /// relative or has `..` in it is never handed over.
    #[must_use]
    pub fn new(path: &'a Path, length: u64) -> Self {
        Self { path, length, rate_limit: None }
    }

    /// At most this many bytes a second. Where the server cannot hold to it, the application sends the file.
    #[must_use]
    pub fn rate_limit(mut self, bytes_per_second: Option<NonZeroU64>) -> Self {
        self.rate_limit = bytes_per_second;
        self
    }
}
