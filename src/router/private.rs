//! What `#[controller]` generates calls of.
#![allow(missing_docs, reason = "generated code calls it, nobody else")]
#![doc(hidden)]

use actix_web::http::Method;

use crate::{request::Argument, response::Replies};

pub const fn argument<Via, T: Argument<Via>>() {}

pub const fn reply<T: Replies>() {}

/// The macro has made sure that the name is a token.
#[must_use]
pub fn method(name: &str) -> Method {
    Method::from_bytes(name.as_bytes()).unwrap_or_default()
}
