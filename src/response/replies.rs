use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        StatusCode,
        header::{CONTENT_TYPE, HeaderValue},
    },
};
use serde::Serialize;

use crate::{endpoint::Output, media::Rendering, model::TypeName, problem::Problem};

/// A return type that says which answers it can be.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say which answers it can be",
    label = "not a declared answer",
    note = "return a model (`#[derive(Serialize, JsonSchema, Model)]`), `Created<T>`, `NoContent`, `Option<T>`, `Result<T, E>`, \
            or an enum with `#[derive(Replies)]`",
    note = "an error type needs `#[derive(ApiError)]`",
    note = "for `HttpResponse`, add `declares(200: User, 404)` to the endpoint's attribute"
)]
pub trait Replies: Sized {
    /// The answers, for the checks at compile time.
    const DECLARED: Declared;

    /// The answers, for the contract and the document.
    fn describe(outputs: &mut Vec<Output>);

    /// Becomes an answer.
    ///
    /// # Errors
    /// The problem to answer with. It leaves through the error model that is in force.
    fn reply(self, context: &ReplyContext<'_>) -> Result<HttpResponse, Problem>;
}

/// The answers of a return type, as far as the compiler can look at them.
#[derive(Debug, Clone, Copy)]
pub enum Declared {
    /// Not known from the type; `declares(..)` must say.
    Unknown,
    /// One answer; status 0 stands for the method's default.
    One(u16, Content),
    /// The answers of several variants.
    All(&'static [Self]),
    /// The answers of two types.
    Both(&'static Self, &'static Self),
}

/// The body of an answer, as far as the compiler can look at it.
#[derive(Debug, Clone, Copy)]
pub enum Content {
    /// No body.
    Empty,
    /// A problem.
    Problem,
    /// A model.
    Model(TypeName),
    /// Bytes, or anything.
    Any,
}

/// What a reply is written with.
#[derive(Debug, Clone, Copy)]
pub struct ReplyContext<'a> {
    pub(crate) request: &'a HttpRequest,
    pub(crate) rendering: &'a Rendering,
    /// `rendering`'s media type, ready to be sent.
    pub(crate) content_type: &'a HeaderValue,
    pub(crate) default_status: StatusCode,
}

impl<'a> ReplyContext<'a> {
    /// The request that is answered.
    #[must_use]
    pub const fn request(&self) -> &'a HttpRequest {
        self.request
    }

    /// The negotiated renderer.
    #[must_use]
    pub const fn rendering(&self) -> &'a Rendering {
        self.rendering
    }

    /// 201 for POST, 200 for all others.
    #[must_use]
    pub const fn default_status(&self) -> StatusCode {
        self.default_status
    }

    /// An answer with `value` as its body.
    ///
    /// # Errors
    /// An internal problem when the value cannot be rendered; the reason goes to the log.
    pub fn model<T: Serialize + ?Sized>(
        &self,
        status: StatusCode,
        value: &T,
    ) -> Result<HttpResponse, Problem> {
        let mut body = Vec::with_capacity(256);
        if let Err(error) = self.rendering.render(value, &mut body) {
            tracing::error!(target: "actix_charter::response", %error, "the answer cannot be rendered");
            return Err(Problem::internal());
        }
        let mut response =
            HttpResponse::with_body(status, actix_web::body::BoxBody::new(bytes::Bytes::from(body)));
        response.headers_mut().insert(CONTENT_TYPE, self.content_type.clone());
        Ok(response)
    }

    /// An answer without a body and without `Content-Type`.
    #[must_use]
    pub fn empty(&self, status: StatusCode) -> HttpResponse {
        HttpResponse::new(status)
    }
}
