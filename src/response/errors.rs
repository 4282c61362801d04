use std::borrow::Cow;

use actix_web::{HttpResponse, http::StatusCode};

use super::{Content, Declared, Replies, ReplyContext};
use crate::{endpoint::Output, problem::Problem};

macro_rules! errors {
    ($($name:ident $code:literal $status:ident $word:literal $description:literal;)+) => {$(
        #[doc = concat!($code, ": ", $description)]
        ///
        #[doc = concat!("An error of an endpoint that has no more to say; for more, derive `ApiError` for an enum.")]
        #[derive(Debug, Clone, PartialEq, Eq, Default)]
        pub struct $name {
            detail: Option<Cow<'static, str>>,
        }

        impl $name {
            /// Without a detail.
            #[must_use]
            pub const fn new() -> Self {
                Self { detail: None }
            }

            /// With one sentence for the person who sent the request.
            #[must_use]
            pub fn because(detail: impl Into<Cow<'static, str>>) -> Self {
                Self { detail: Some(detail.into()) }
            }
        }

        impl From<$name> for Problem {
            fn from(error: $name) -> Self {
                let problem = Self::new(StatusCode::$status).code($word);
                match error.detail {
                    Some(detail) => problem.detail(detail),
                    None => problem,
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.detail.as_deref().unwrap_or($description))
            }
        }

        impl std::error::Error for $name {}

        impl Replies for $name {
            const DECLARED: Declared = Declared::One($code, Content::Problem);

            fn describe(outputs: &mut Vec<Output>) {
                outputs.push(Output::problem($code, $description));
            }

            fn reply(self, _: &ReplyContext<'_>) -> Result<HttpResponse, Problem> {
                Err(self.into())
            }
        }
    )+};
}

errors! {
    BadRequest 400 BAD_REQUEST "bad-request" "The request makes no sense.";
    Forbidden 403 FORBIDDEN "forbidden" "The caller may not do this.";
    NotFound 404 NOT_FOUND "not-found" "There is no such thing.";
    Conflict 409 CONFLICT "conflict" "The state of things does not allow this.";
    Gone 410 GONE "gone" "There was such a thing, and there will not be again.";
    PreconditionFailed 412 PRECONDITION_FAILED "precondition-failed" "A precondition of the request does not hold.";
    UnprocessableContent 422 UNPROCESSABLE_ENTITY "unprocessable" "The request is well-formed and cannot be followed.";
    ServiceUnavailable 503 SERVICE_UNAVAILABLE "unavailable" "The service cannot answer just now.";
}
