//! The OpenAPI document: built once from what was mounted, served to all, shown by pages without a CDN.

mod answers;
mod body;
mod build;
mod discriminator;
mod fault;
mod info;
mod names;
mod parameters;
mod schemas;
mod whole;

pub use fault::DocumentFault;
pub use info::{Contact, ExternalDocs, Info, License, Server, Tag};
pub use whole::{Document, SchemeDoc};
