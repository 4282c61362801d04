//! `#[derive(Model)]`: names on the wire, path parameters, rules.

mod field;
mod generate;
mod peel;
mod rules;
mod serde;
mod upload;

pub(crate) use generate::expand;
pub(crate) use peel::is_option;
