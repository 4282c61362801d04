//! Files under keys: in a directory, in an object store, in whatever implements [`Storage`].

mod content;
#[allow(clippy::module_inception, reason = "the room is called after what it is about")]
mod storage;
mod stored;
mod stored_download;

pub use storage::{ByteStream, Storage};
pub use stored::Stored;
