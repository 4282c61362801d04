//! Does the server in front do what it should? [`Offload::check`](super::Offload::check) asks it, through an
//! [`OffloadProbe`] that the application has.

#[cfg(feature = "http-source")]
mod advice;
#[cfg(feature = "http-source")]
mod client;
#[cfg(feature = "http-source")]
mod examination;
#[cfg(feature = "http-source")]
mod fetched;
#[cfg(feature = "http-source")]
mod files;
#[cfg(feature = "http-source")]
mod offload_check;
mod probe;
#[cfg(feature = "http-source")]
mod report;
#[cfg(feature = "http-source")]
mod served;
#[cfg(feature = "http-source")]
mod spot;

#[cfg(feature = "http-source")]
pub use offload_check::OffloadCheck;
pub use probe::OffloadProbe;
#[cfg(feature = "http-source")]
pub use report::{CheckReport, Finding, Standing};
