//! The OpenAPI document: built once from what was mounted, served to all, shown by pages without a CDN.

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
mod whole;

pub use fault::DocumentFault;
pub use info::{Contact, ExternalDocs, Info, License, Server, Tag};
pub(crate) use served::{Format, Served};
#[cfg(feature = "_pages")]
pub(crate) use ui::{Ui, asset, page};
pub use whole::{Document, SchemeDoc};
