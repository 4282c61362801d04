//! Links that may be followed for a time: signed by the application, verified without looking anything up.
//!
//! [`SignedLinks`] holds the keys, makes links and verifies requests; [`SignedLink`] is the scheme for `security = SignedLink`;
//! [`VerifiedLink`] is what a good link says, for a handler of either kind.

mod builder;
mod error;
mod links;
mod parts;
mod scheme;
#[cfg(test)]
mod tests;
mod verified;

pub use builder::LinkBuilder;
pub use error::{InvalidLink, SignedLinkError};
pub use links::SignedLinks;
pub use scheme::SignedLink;
pub use verified::VerifiedLink;
