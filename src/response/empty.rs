use actix_web::{HttpResponse, http::StatusCode, http::header::LOCATION};

use super::{Content, Declared, Replies, ReplyContext, created::location};
use crate::{
    endpoint::{HeaderSpec, Output, OutputContent},
    problem::Problem,
};

macro_rules! empty {
    ($($(#[$doc:meta])* $name:ident $code:literal $status:ident;)+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
        pub struct $name;

        impl Replies for $name {
            const DECLARED: Declared = Declared::One($code, Content::Empty);

            fn describe(outputs: &mut Vec<Output>) {
                outputs.push(Output::new(Some($code), OutputContent::Empty));
            }

            fn reply(self, context: &ReplyContext<'_>) -> Result<HttpResponse, Problem> {
                Ok(context.empty(StatusCode::$status))
            }
        }
    )+};
}

empty! {
    /// 204: done, and there is nothing to say (RFC 9110 §15.3.5).
    NoContent 204 NO_CONTENT;
    /// 205: done, and the client should reset its view (RFC 9110 §15.3.6).
    ResetContent 205 RESET_CONTENT;
    /// 304: what the client has is still right (RFC 9110 §15.4.5).
    NotModified 304 NOT_MODIFIED;
}

macro_rules! redirect {
    ($($(#[$doc:meta])* $name:ident $code:literal $status:ident;)+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct $name(String);

        impl $name {
            /// Leads to an absolute path or URI. Never pass on what a client sent without checking it first: that is an
            /// open redirect.
            pub fn to(location: impl Into<String>) -> Self {
                Self(location.into())
            }
        }

        impl Replies for $name {
            const DECLARED: Declared = Declared::One($code, Content::Empty);

            fn describe(outputs: &mut Vec<Output>) {
                let mut output = Output::new(Some($code), OutputContent::Empty);
                output.headers.push(HeaderSpec::required("Location"));
                outputs.push(output);
            }

            fn reply(self, context: &ReplyContext<'_>) -> Result<HttpResponse, Problem> {
                let mut response = context.empty(StatusCode::$status);
                response.headers_mut().insert(LOCATION, location(self.0)?);
                Ok(response)
            }
        }
    )+};
}

redirect! {
    /// 301: moved for good; the method may become GET (RFC 9110 §15.4.2).
    MovedPermanently 301 MOVED_PERMANENTLY;
    /// 302: elsewhere for now; the method may become GET (RFC 9110 §15.4.3).
    Found 302 FOUND;
    /// 303: the answer is at another place, to be read with GET (RFC 9110 §15.4.4).
    SeeOther 303 SEE_OTHER;
    /// 307: elsewhere for now, with the same method (RFC 9110 §15.4.8).
    TemporaryRedirect 307 TEMPORARY_REDIRECT;
    /// 308: moved for good, with the same method (RFC 9110 §15.4.9).
    PermanentRedirect 308 PERMANENT_REDIRECT;
}
