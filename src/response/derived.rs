//! What `#[derive(Replies)]` generates calls of.
#![allow(missing_docs, reason = "generated code calls it, nobody else")]

use std::fmt;

use actix_web::{
    HttpRequest, HttpResponse,
    cookie::{Cookie, time},
    http::{
        Method, StatusCode,
        header::{HeaderName, HeaderValue},
    },
};

use super::{Replies, ReplyContext};
use crate::{endpoint::CookieSpec, media::Rendering, problem::Problem};

/// Sets a header.
///
/// # Errors
/// An internal problem when the value cannot be sent; the name goes to the log, the value does not.
pub fn reply_header(
    response: &mut HttpResponse,
    name: &'static str,
    value: &dyn fmt::Display,
) -> Result<(), Problem> {
    match (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(&value.to_string())) {
        (Ok(name), Ok(value)) => {
            response.headers_mut().insert(name, value);
            Ok(())
        }
        _ => {
            tracing::error!(target: "actix_charter::response", header = name, "a header has a value that cannot be sent");
            Err(Problem::internal())
        }
    }
}

/// Sets a cookie as `spec` declares it.
///
/// # Errors
/// An internal problem when the value cannot be sent; the name goes to the log, the value does not.
pub fn reply_cookie(
    response: &mut HttpResponse,
    spec: &CookieSpec,
    value: &dyn fmt::Display,
) -> Result<(), Problem> {
    let value = value.to_string();
    // A `;` in the value would let it set attributes of its own (RFC 6265 §4.1.1, cookie-octet).
    let fits =
        value.bytes().all(|b| matches!(b, 0x21 | 0x23..=0x2B | 0x2D..=0x3A | 0x3C..=0x5B | 0x5D..=0x7E));
    let mut cookie = Cookie::build(&*spec.name, value).secure(spec.secure).http_only(spec.http_only);
    if let Some(path) = &spec.path {
        cookie = cookie.path(&**path);
    }
    if let Some(domain) = &spec.domain {
        cookie = cookie.domain(&**domain);
    }
    if let Some(same_site) = spec.same_site {
        cookie = cookie.same_site(same_site);
    }
    if let Some(max_age) = spec.max_age {
        cookie =
            cookie.max_age(time::Duration::seconds(i64::try_from(max_age.as_secs()).unwrap_or(i64::MAX)));
    }
    if fits && response.add_cookie(&cookie.finish()).is_ok() {
        return Ok(());
    }
    tracing::error!(target: "actix_charter::response", cookie = %spec.name, "a cookie has a value that cannot be sent");
    Err(Problem::internal())
}

/// Writes a reply as JSON, as a router would do it. For tests of the derives.
///
/// # Errors
/// As [`Replies::reply`].
pub fn write_json<R: Replies>(reply: R, request: &HttpRequest) -> Result<HttpResponse, Problem> {
    let default_status = if request.method() == Method::POST { StatusCode::CREATED } else { StatusCode::OK };
    reply.reply(&ReplyContext {
        request,
        rendering: &Rendering::Json,
        content_type: &HeaderValue::from_static("application/json"),
        default_status,
    })
}
