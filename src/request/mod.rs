//! What is read from a request: one component a file, and the trait they share.

mod argument;
pub(crate) mod explain;
pub(crate) mod flat;

pub use argument::{Argument, ArgumentKind, Call, Component, Refusal, ViaActix, ViaComponent};
