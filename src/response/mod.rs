//! What is answered.

pub(crate) mod derived;
mod replies;

pub use replies::{Content, Declared, Replies, ReplyContext};
