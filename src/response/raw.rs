use std::convert::Infallible;

use actix_web::{
    Error, HttpResponse,
    body::{BoxBody, MessageBody},
    http::header::{CONTENT_TYPE, HeaderValue},
};
use bytes::Bytes;

use super::{Content, Declared, Replies, ReplyContext};
use crate::{
    endpoint::{Output, OutputContent},
    model::SchemaOf,
    problem::Problem,
    request::Refusal,
};

/// Whatever Actix code answers already. The endpoint must say what that is: `declares(200: User, 404)`; the answer is
/// held to it when it is there.
impl<B: MessageBody + 'static> Replies for HttpResponse<B> {
    const DECLARED: Declared = Declared::Unknown;

    fn describe(_: &mut Vec<Output>) {}

    fn reply(self, _: &ReplyContext<'_>) -> Result<HttpResponse, Problem> {
        Ok(self.map_into_boxed_body())
    }
}

/// An Actix error, in the API's own error model.
impl Replies for Error {
    const DECLARED: Declared = Declared::Unknown;

    fn describe(_: &mut Vec<Output>) {}

    fn reply(self, _: &ReplyContext<'_>) -> Result<HttpResponse, Problem> {
        Err(Refusal::Actix(self).into_problem())
    }
}

/// A problem made on the spot. The endpoint must declare its status: `declares(409)`.
impl Replies for Problem {
    const DECLARED: Declared = Declared::Unknown;

    fn describe(_: &mut Vec<Output>) {}

    fn reply(self, _: &ReplyContext<'_>) -> Result<HttpResponse, Problem> {
        Err(self)
    }
}

impl Replies for Infallible {
    const DECLARED: Declared = Declared::All(&[]);

    fn describe(_: &mut Vec<Output>) {}

    fn reply(self, _: &ReplyContext<'_>) -> Result<HttpResponse, Problem> {
        match self {}
    }
}

macro_rules! plain {
    ($($(#[$doc:meta])* $name:ident($inner:ty) $media_type:literal, $schema:expr;)+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct $name(pub $inner);

        impl Replies for $name {
            const DECLARED: Declared = Declared::One(0, Content::Any);

            fn describe(outputs: &mut Vec<Output>) {
                outputs.push(Output::new(None, OutputContent::Media($media_type.into(), $schema)));
            }

            fn reply(self, context: &ReplyContext<'_>) -> Result<HttpResponse, Problem> {
                let mut response = HttpResponse::with_body(context.default_status(), BoxBody::new(self.0));
                response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static($media_type));
                Ok(response)
            }
        }
    )+};
}

plain! {
    /// `text/plain; charset=utf-8`.
    Text(String) "text/plain; charset=utf-8", Some(SchemaOf::of::<String>());
    /// `text/html; charset=utf-8`.
    Html(String) "text/html; charset=utf-8", Some(SchemaOf::of::<String>());
    /// `application/octet-stream`.
    Binary(Bytes) "application/octet-stream", None;
}
