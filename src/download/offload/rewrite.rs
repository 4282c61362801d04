use std::time::Duration;

use actix_web::{
    HttpResponse,
    body::BoxBody,
    http::{
        StatusCode,
        header::{
            ACCEPT_RANGES, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_RANGE, ETAG, HeaderMap, HeaderName,
            HeaderValue, TRANSFER_ENCODING,
        },
    },
};

use super::server::{Server, is_order};

/// What nginx can be told besides the file.
#[derive(Debug, Clone, Default)]
pub(super) struct Orders {
    pub(super) limit_rate: Option<u64>,
    pub(super) buffering: Option<bool>,
    pub(super) expires: Option<Duration>,
    pub(super) charset: Option<HeaderValue>,
}

/// Takes every order to a proxy out of an answer: one that a handler, or a remote server whose answer is passed on, put there
/// would hand over a file of its choice.
pub(super) fn strip_orders(headers: &mut HeaderMap, own: &HeaderName) {
    // All of them are unofficial; nearly all answers have none.
    let orders =
        |name: &HeaderName| name.as_str().starts_with("x-") && (name == own || is_order(name.as_str()));
    if headers.keys().any(orders) {
        headers.retain(|name, _| !orders(name));
    }
}

/// Whether the server would send this answer's file exactly as the application would.
pub(super) fn fits(
    server: &Server,
    max_header_size: usize,
    response: &HttpResponse,
    value: &HeaderValue,
) -> bool {
    let headers = response.headers();
    response.status() == StatusCode::OK
        && !headers.contains_key(CONTENT_RANGE)
        && (server.keeps_encoding || !headers.contains_key(CONTENT_ENCODING))
        && (!server.needs_etag || headers.contains_key(ETAG))
        && header_size(headers) + server.header.as_str().len() + value.len() <= max_header_size
}

/// The bytes of the head on the wire, but for what Actix adds: status line, date, and the like.
fn header_size(headers: &HeaderMap) -> usize {
    const ADDED_LATER: usize = 128;
    headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum::<usize>() + ADDED_LATER
}

pub(super) fn rewrite(server: &Server, orders: &Orders, response: &mut HttpResponse, value: HeaderValue) {
    let headers = response.headers_mut();
    for name in &server.adds {
        headers.remove(name);
    }
    if server.is_silent_on_ranges {
        headers.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    }
    // The empty body brings its own length. With the file's, Apache would wait for the bytes.
    headers.remove(CONTENT_LENGTH);
    headers.remove(TRANSFER_ENCODING);
    headers.insert(server.header.clone(), value);
    if server.accelerates {
        accelerate(headers, orders);
    }
}

/// Drops the body unread.
pub(super) fn without_body(response: HttpResponse) -> HttpResponse {
    response.set_body(BoxBody::new(()))
}

fn accelerate(headers: &mut HeaderMap, orders: &Orders) {
    if let Some(rate) = orders.limit_rate {
        headers.insert(HeaderName::from_static("x-accel-limit-rate"), HeaderValue::from(rate));
    }
    if let Some(buffering) = orders.buffering {
        let value = if buffering { "yes" } else { "no" };
        headers.insert(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static(value));
    }
    if let Some(expires) = orders.expires {
        headers.insert(HeaderName::from_static("x-accel-expires"), HeaderValue::from(expires.as_secs()));
    }
    if let Some(charset) = &orders.charset {
        headers.insert(HeaderName::from_static("x-accel-charset"), charset.clone());
    }
}
