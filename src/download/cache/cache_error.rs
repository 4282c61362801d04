use std::{io, path::PathBuf};

/// Why a directory cannot be a [`DownloadCache`](super::DownloadCache).
#[derive(Debug, derive_more::Display, derive_more::Error)]
#[non_exhaustive]
pub enum CacheError {
    /// It cannot be made, read or written.
    #[display("the cache directory {} cannot be used: {error}", directory.display())]
    Unusable {
        /// As it was given.
        directory: PathBuf,
        /// What the system says.
        #[error(source)]
        error: io::Error,
    },
    /// Something lies in it that no cache put there.
    #[display(
        "{} holds {}, which is not the cache's; a cache wants a directory of its own",
        directory.display(),
        name.display()
    )]
    Foreign {
        /// The directory.
        directory: PathBuf,
        /// What lies in it.
        name: PathBuf,
    },
    /// Another cache, of this process or another one, uses it.
    #[display(
        "{} is another cache's already; make the cache once, before the server's workers, and clone it",
        directory.display()
    )]
    InUse {
        /// The directory.
        directory: PathBuf,
    },
}
