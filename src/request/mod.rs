//! What is read from a request: one component a file, and the trait they share.

mod argument;
mod foreign;
mod reading;

pub use argument::{Argument, ArgumentKind, Call, Component, Refusal, ViaActix, ViaComponent};
pub(crate) use reading::Reading;
