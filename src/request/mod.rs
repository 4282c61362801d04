//! What is read from a request: one component a file, and the trait they share.
//!
//! All components of a request are read, and all faults of all of them are told in one 400. An endpoint takes them as
//! arguments, in any order, beside any Actix extractor.

mod argument;
mod body;
mod checked;
pub(crate) mod explain;
pub(crate) mod flat;
mod foreign;
mod json;
#[cfg(feature = "multipart")]
mod multipart;
mod parameters;
mod raw;
mod read;
mod reading;

#[cfg(feature = "live")]
pub(crate) use argument::PathValues;
pub use argument::{Argument, ArgumentKind, Call, Component, Refusal, ViaActix, ViaComponent};
pub use body::Body;
pub(crate) use checked::checked;
#[cfg(feature = "multipart")]
pub use multipart::{Multipart, MultipartLimits, UploadReader, UploadedFile};
pub use parameters::{Cookies, Headers, Path, Query};
pub use raw::{BodyStream, RawBody, TextBody};
pub(crate) use reading::Reading;
