use std::time::SystemTime;

/// What a storage knows about a file.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stored {
    /// Its length in bytes.
    pub size: u64,
    /// When it was last changed.
    pub modified: Option<SystemTime>,
    /// Its entity tag, as the storage writes it: `"abc"`, or `W/"abc"`.
    pub etag: Option<String>,
    /// What the storage says it is.
    pub media_type: Option<String>,
    /// What its bytes are coded with, such as `gzip`: it is sent as it lies, with this as its `Content-Encoding`.
    pub encoding: Option<String>,
}

impl Stored {
    /// A file of so many bytes, of which no more is known.
    #[must_use]
    pub const fn new(size: u64) -> Self {
        Self { size, modified: None, etag: None, media_type: None, encoding: None }
    }
}
