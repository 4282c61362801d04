//! The AsyncAPI document: what can be heard, said and called, from the same declarations that are served.
//!
//! It is AsyncAPI 3.0, told from the server's side: it *receives* what clients send, and *sends* what is broadcast. A type has
//! the same name among the schemas as in the OpenAPI document.

mod build;
mod dialect;
mod whole;

pub use whole::AsyncApi;
