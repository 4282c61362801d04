//! What is answered: the trait of declared answers, and the replies that come with the crate.
//!
//! A handler returns a bare model, or one of the types here, or a `Result`, an `Option` or a [`OneOf`] of them, or an
//! enum with `#[derive(Replies)]`. What it can return is what the document shows, and nothing else can be sent.

mod choice;
mod created;
pub(crate) mod derived;
mod empty;
mod errors;
mod model;
mod raw;
mod replies;

pub use choice::{Member, OneOf, Union};
pub use created::Created;
pub use empty::{
    Found, MovedPermanently, NoContent, NotModified, PermanentRedirect, ResetContent, SeeOther,
    TemporaryRedirect,
};
pub use errors::{
    BadRequest, Conflict, Forbidden, Gone, NotFound, PreconditionFailed, ServiceUnavailable,
    UnprocessableContent,
};
pub use model::{Accepted, Status};
pub use raw::{Binary, Html, Text};
pub use replies::{Content, Declared, Replies, ReplyContext};
