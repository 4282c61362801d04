use std::time::Duration;

use actix_web::{
    HttpResponse,
    body::BoxBody,
    http::{
        StatusCode,
        header::{
            ACCEPT_RANGES, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_RANGE, ETAG, HeaderMap, HeaderName,
            HeaderValue, LAST_MODIFIED, TRANSFER_ENCODING,
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
    headers.retain(|name, _| !is_order_to(name, own));
}

fn is_order_to(name: &HeaderName, own: &HeaderName) -> bool {
    // All of them are unofficial.
    name.as_str().starts_with("x-") && (name == own || is_order(name.as_str()))
}

/// What matters of an answer's headers, from one walk over them, or from their writing.
#[derive(Debug, Default)]
pub(crate) struct Survey {
    /// The bytes of the headers on the wire.
    size: usize,
    is_part: bool,
    is_encoded: bool,
    has_etag: bool,
    /// Whether the application says what the validators are, be it that there are none.
    pub(crate) has_validators: bool,
    has_orders: bool,
    /// One that the server would send twice, or that speaks of a body which is not sent.
    has_surplus: bool,
}

impl Survey {
    /// When all orders that others gave are taken out.
    pub(super) fn cleaned(headers: &mut HeaderMap, server: &Server) -> Self {
        let survey = Self::of(headers, server);
        // Nearly all answers have none.
        if !survey.has_orders {
            return survey;
        }
        strip_orders(headers, &server.header);
        Self::of(headers, server)
    }

    pub(super) fn of(headers: &HeaderMap, server: &Server) -> Self {
        let mut survey = Self::default();
        for (name, value) in headers {
            survey.note(name, value);
            survey.has_orders |= is_order_to(name, &server.header);
            survey.has_surplus |= is_surplus(name, server);
        }
        survey
    }

    /// One more header, neither an order nor surplus.
    pub(crate) fn note(&mut self, name: &HeaderName, value: &HeaderValue) {
        self.size += name.as_str().len() + value.len() + 4;
        self.is_part |= name == CONTENT_RANGE;
        self.is_encoded |= name == CONTENT_ENCODING;
        self.has_etag |= name == ETAG;
        self.has_validators |= name == ETAG || name == LAST_MODIFIED;
    }

    /// The headers of another survey, too.
    pub(crate) fn add(&mut self, other: &Self) {
        self.size += other.size;
        self.is_part |= other.is_part;
        self.is_encoded |= other.is_encoded;
        self.has_etag |= other.has_etag;
        self.has_validators |= other.has_validators;
        self.has_orders |= other.has_orders;
        self.has_surplus |= other.has_surplus;
    }
}

/// The empty body brings its own length. With the file's, Apache would wait for the bytes.
fn is_surplus(name: &HeaderName, server: &Server) -> bool {
    name == CONTENT_LENGTH || name == TRANSFER_ENCODING || server.adds.contains(name)
}

/// Makes the server send the file of this answer, if it would do that exactly as the application would, and tells whether it
/// will.
pub(super) fn rewrite(
    survey: &Survey,
    server: &Server,
    max_header_size: usize,
    orders: &Orders,
    response: &mut HttpResponse,
    value: HeaderValue,
) -> bool {
    // What Actix adds: status line, date, and the like.
    const ADDED_LATER: usize = 128;
    let fits = response.status() == StatusCode::OK
        && !survey.is_part
        && (server.keeps_encoding || !survey.is_encoded)
        && (!server.needs_etag || survey.has_etag)
        && ADDED_LATER + survey.size + server.header.as_str().len() + value.len() <= max_header_size;
    if !fits {
        return false;
    }
    let headers = response.headers_mut();
    if survey.has_surplus {
        headers.retain(|name, _| !is_surplus(name, server));
    }
    if server.is_silent_on_ranges {
        headers.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    }
    // There is none: orders that others gave were taken out.
    headers.append(server.header.clone(), value);
    if server.accelerates {
        accelerate(headers, orders);
    }
    true
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
