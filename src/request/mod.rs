//! What is read from a request: one component a file, and the trait they share.

mod argument;
#[cfg(feature = "multipart")]
mod multipart;

pub use argument::{Argument, ArgumentKind, Call, Component, Refusal, ViaActix, ViaComponent};
#[cfg(feature = "multipart")]
pub use multipart::{Multipart, MultipartLimits, UploadReader, UploadedFile};
