use actix_web::{
    HttpResponse,
    http::{
        StatusCode,
        header::{HeaderValue, LOCATION},
    },
};
use serde::Serialize;

use super::{Content, Declared, Replies, ReplyContext};
use crate::{
    endpoint::{HeaderSpec, Output, OutputContent},
    model::{Model, SchemaOf, TypeName},
    problem::Problem,
};

/// 201 with `Location` (RFC 9110 §15.3.2) and what was made.
///
/// ```
/// use actix_charter::response::Created;
/// let reply = Created::at("/users/7", "Ann");
/// assert_eq!(reply.location(), "/users/7");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Created<T> {
    location: String,
    body: T,
}

impl<T> Created<T> {
    /// The new thing, and where it is: an absolute path or URI, percent-encoded where it has to be.
    pub fn at(location: impl Into<String>, body: T) -> Self {
        Self { location: location.into(), body }
    }

    /// Where the new thing is.
    #[must_use]
    pub fn location(&self) -> &str {
        &self.location
    }
}

impl<T: Model + Serialize> Replies for Created<T> {
    const DECLARED: Declared = Declared::One(201, Content::Model(TypeName::of::<T>()));

    fn describe(outputs: &mut Vec<Output>) {
        let mut output = Output::new(Some(201), OutputContent::Model(SchemaOf::of::<T>()));
        output.headers.push(HeaderSpec::required("Location"));
        outputs.push(output);
    }

    fn reply(self, context: &ReplyContext<'_>) -> Result<HttpResponse, Problem> {
        let mut response = context.model(StatusCode::CREATED, &self.body)?;
        response.headers_mut().insert(LOCATION, location(self.location)?);
        Ok(response)
    }
}

/// A `Location` that a header can carry; anything beyond ASCII is percent-encoded, as browsers would.
///
/// # Errors
/// An internal problem when there is a control character in it; the reason goes to the log.
pub(crate) fn location(text: String) -> Result<HeaderValue, Problem> {
    let text = if text.is_ascii() { text } else { encode(&text) };
    HeaderValue::try_from(text).map_err(|_| {
        tracing::error!(target: "actix_charter::response", "a Location with control characters was refused");
        Problem::internal()
    })
}

fn encode(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::CONTROLS).to_string()
}
