//! Faults, problems and how they look on the wire.
//!
//! A [`Fault`] is one thing that is wrong with a request; a [`Problem`] is an answer that says so; an
//! [`ErrorModel`] decides how problems look. RFC 9457 is the default, [`CompactDetail`] ships beside it.

pub(crate) mod derived;
mod fault;
mod kind;
mod model;

pub use fault::{Fault, Faults, In, MAX_FAULTS, push_pointer};
pub use kind::Problem;
pub use model::{CompactDetail, ErrorModel, ProblemDetails};
