//! The OpenAPI document: built once from what was mounted, served to all, shown by pages without a CDN.
//!
//! A [`Document`] is OpenAPI 3.1. Everything in it comes from the declarations of the mounted operations; [`Info`] adds
//! what they cannot know. What cannot stand in one document is a [`DocumentFault`], and all of them are told at once.
//!
//! A schema is called as its type is, with the type's arguments behind it: `Page<User>` is `Page_User`, always. A type that
//! is read in another form than it is written in, and is used for both, has two schemas, `User` and `UserInput`.

mod answers;
mod body;
mod build;
mod coding;
mod discriminator;
mod fault;
mod info;
mod names;
mod parameters;
mod schemas;
mod served;
#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::needless_pass_by_value,
    reason = "tests may"
)]
mod tests;
#[cfg(feature = "_pages")]
mod ui;
mod uploads;
mod whole;

pub use fault::DocumentFault;
#[cfg(feature = "live")]
pub(crate) use info::put;
pub use info::{Contact, ExternalDocs, Info, License, Server, Tag};
#[cfg(feature = "live")]
pub(crate) use parameters::parameters;
#[cfg(feature = "live")]
pub(crate) use schemas::Schemas;
pub(crate) use served::{Format, Served};
#[cfg(feature = "_pages")]
pub(crate) use ui::{Ui, asset, page};
pub use whole::{Document, SchemeDoc};
