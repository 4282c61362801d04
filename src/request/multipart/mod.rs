//! `multipart/form-data`: text fields and uploaded files, read within limits into one model.
//!
//! Files larger than [`MultipartLimits::memory_per_file`] are spooled to disk, off the worker's thread. A spooled file lives as long as its
//! [`UploadedFile`]: it is gone once the handler has dropped it, when the request is refused, and when the client goes away midway.

mod component;
mod deserialize;
mod explain;
mod file_name;
mod limits;
mod metered;
mod read;
mod refusal;
mod spool;
mod text;
mod uploaded;

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::str_to_string,
    reason = "tests fail this way"
)]
mod tests;

pub use component::Multipart;
pub use limits::MultipartLimits;
pub use uploaded::{UploadReader, UploadedFile};
