//! What is answered.

mod replies;

pub use replies::{Content, Declared, Replies, ReplyContext};
