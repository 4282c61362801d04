//! Files under keys: in a directory, in an object store, in whatever implements [`Storage`].
//!
//! ```
//! use actix_charter::download::Download;
//! ```

mod content;
mod file_row;
#[cfg(any(feature = "object-store", feature = "opendal"))]
mod key;
#[cfg(feature = "object-store")]
mod object_storage;
#[cfg(feature = "opendal")]
mod opendal_storage;
#[cfg(any(feature = "object-store", feature = "opendal"))]
mod patience;
#[allow(clippy::module_inception, reason = "the room is called after what it is about")]
mod storage;
mod stored;
mod stored_download;

pub use file_row::{FileRow, RowContent};
#[cfg(feature = "object-store")]
pub use object_storage::ObjectStorage;
#[cfg(feature = "opendal")]
pub use opendal_storage::OpendalStorage;
pub use storage::{ByteStream, Storage};
pub use stored::Stored;

#[cfg(any(feature = "object-store", feature = "opendal"))]
use super::Unavailable;
