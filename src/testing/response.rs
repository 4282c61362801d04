use std::{borrow::Cow, fmt};

use actix_web::{
    cookie::Cookie,
    http::{
        Method, StatusCode,
        header::{CONTENT_TYPE, HeaderMap, SET_COOKIE},
    },
};
use bytes::Bytes;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use super::{Exchange, ProblemView, Received};

/// How much of a body a failed assertion shows, in bytes.
const EXCERPT: usize = 2048;

/// An answer. The assertions return it again, so that they can be chained; when one fails it shows the request line, the
/// status and the body.
#[derive(Debug, Clone)]
pub struct TestResponse {
    pub(super) method: Method,
    pub(super) target: String,
    pub(super) received: Received,
}

impl TestResponse {
    pub(super) const fn new(method: Method, target: String, received: Received) -> Self {
        Self { method, target, received }
    }

    pub(super) fn exchange(&self) -> Exchange<'_> {
        Exchange {
            method: &self.method,
            path: self.target.split('?').next().unwrap_or_default(),
            status: self.received.status,
            headers: &self.received.headers,
            body: &self.received.body,
        }
    }

    /// The status.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        self.received.status
    }

    /// The headers.
    #[must_use]
    pub const fn headers(&self) -> &HeaderMap {
        &self.received.headers
    }

    /// The first value of a header; `None` when it is not there or not text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.received.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// A cookie that the answer sets.
    #[must_use]
    pub fn cookie(&self, name: &str) -> Option<Cookie<'_>> {
        let fields = self.received.headers.get_all(SET_COOKIE).filter_map(|value| value.to_str().ok());
        fields.filter_map(|text| Cookie::parse(text).ok()).find(|cookie| cookie.name() == name)
    }

    /// The body.
    #[must_use]
    pub const fn bytes(&self) -> &Bytes {
        &self.received.body
    }

    /// The body as text; what is not UTF-8 is replaced.
    #[must_use]
    pub fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.received.body)
    }

    /// Reads the body as JSON.
    ///
    /// # Panics
    /// When it is not a `T` in JSON.
    #[must_use]
    #[track_caller]
    pub fn json<T: DeserializeOwned>(&self) -> T {
        match serde_json::from_slice(&self.received.body) {
            Ok(value) => value,
            Err(error) => panic!("the body is not {} in JSON: {error}\n{self}", std::any::type_name::<T>()),
        }
    }

    /// Reads the body as MessagePack.
    ///
    /// # Panics
    /// When it is not a `T` in MessagePack.
    #[cfg(feature = "msgpack")]
    #[must_use]
    #[track_caller]
    pub fn msgpack<T: DeserializeOwned>(&self) -> T {
        match rmp_serde::from_slice(&self.received.body) {
            Ok(value) => value,
            Err(error) => {
                panic!("the body is not {} in MessagePack: {error}\n{self}", std::any::type_name::<T>())
            }
        }
    }

    /// Reads the body as a problem, in either of the shapes that ship: RFC 9457 or the compact one.
    ///
    /// # Panics
    /// When it is none.
    #[must_use]
    #[track_caller]
    pub fn problem(&self) -> ProblemView<'_> {
        match self.value().and_then(|body| ProblemView::read(self, &body)) {
            Some(problem) => problem,
            None => panic!("the body is no problem\n{self}"),
        }
    }

    fn value(&self) -> Option<Value> {
        #[cfg(feature = "msgpack")]
        if self.essence().is_some_and(|essence| essence.ends_with("msgpack")) {
            return rmp_serde::from_slice(&self.received.body).ok();
        }
        serde_json::from_slice(&self.received.body).ok()
    }

    /// `Content-Type` without parameters.
    fn essence(&self) -> Option<&str> {
        self.header(CONTENT_TYPE.as_str()).and_then(|value| value.split(';').next()).map(str::trim)
    }

    /// Asserts the status.
    ///
    /// # Panics
    /// When it is another one.
    #[track_caller]
    pub fn assert_status(&self, status: u16) -> &Self {
        if self.received.status.as_u16() != status {
            panic!("expected status {status}\n{self}");
        }
        self
    }

    /// Asserts that a header has this value, alone or among others.
    ///
    /// # Panics
    /// When it has not.
    #[track_caller]
    pub fn assert_header(&self, name: &str, value: &str) -> &Self {
        let found: Vec<_> = self.received.headers.get_all(name).collect();
        if !found.iter().any(|found| *found == value) {
            panic!("expected the header `{name}: {value}`, found {found:?}\n{self}");
        }
        self
    }

    /// Asserts that a header is not there.
    ///
    /// # Panics
    /// When it is.
    #[track_caller]
    pub fn assert_no_header(&self, name: &str) -> &Self {
        if let Some(value) = self.received.headers.get(name) {
            panic!("expected no header `{name}`, found {value:?}\n{self}");
        }
        self
    }

    /// Asserts the media type in `Content-Type`; parameters do not count.
    ///
    /// # Panics
    /// When it is another one.
    #[track_caller]
    pub fn assert_content_type(&self, media_type: &str) -> &Self {
        if !self.essence().is_some_and(|essence| essence.eq_ignore_ascii_case(media_type)) {
            let found = self.received.headers.get(CONTENT_TYPE);
            panic!("expected the content type `{media_type}`, found {found:?}\n{self}");
        }
        self
    }

    /// Asserts the body, byte by byte.
    ///
    /// # Panics
    /// When it is another one.
    #[track_caller]
    pub fn assert_body(&self, body: impl AsRef<[u8]>) -> &Self {
        let expected = body.as_ref();
        if self.received.body != expected {
            panic!("expected the body `{}`\n{self}", Excerpt(expected));
        }
        self
    }

    /// Asserts that there is no body, and no `Content-Type` for one.
    ///
    /// # Panics
    /// When there is.
    #[track_caller]
    pub fn assert_no_body(&self) -> &Self {
        if !self.received.body.is_empty() {
            panic!("expected no body\n{self}");
        }
        self.assert_no_header(CONTENT_TYPE.as_str())
    }

    /// Asserts that the body is this value in JSON; the order of members does not count.
    ///
    /// # Panics
    /// When it is another one.
    #[track_caller]
    pub fn assert_json(&self, expected: &(impl Serialize + ?Sized)) -> &Self {
        let expected = match serde_json::to_value(expected) {
            Ok(expected) => expected,
            Err(error) => panic!("the expected value is no JSON: {error}"),
        };
        let found: Value = self.json();
        if found != expected {
            panic!("expected the body {expected:#}\n{self}");
        }
        self
    }
}

/// What a failed assertion shows: request line, status, content type, body.
impl fmt::Display for TestResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "  {} {} -> {}", self.method, self.target, self.received.status)?;
        if let Some(content_type) = self.received.headers.get(CONTENT_TYPE) {
            write!(f, "\n  content-type: {}", String::from_utf8_lossy(content_type.as_bytes()))?;
        }
        match serde_json::from_slice::<Value>(&self.received.body) {
            _ if self.received.body.is_empty() => f.write_str("\n  (no body)"),
            Ok(value) => write!(f, "\n{}", Excerpt(format!("{value:#}").as_bytes())),
            Err(_) => write!(f, "\n{}", Excerpt(&self.received.body)),
        }
    }
}

/// The start of a body.
pub(super) struct Excerpt<'a>(pub(super) &'a [u8]);

impl fmt::Display for Excerpt<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.split_at_checked(EXCERPT) {
            Some((start, rest)) if !rest.is_empty() => {
                write!(f, "{} .. and {} bytes more", String::from_utf8_lossy(start), rest.len())
            }
            _ => f.write_str(&String::from_utf8_lossy(self.0)),
        }
    }
}
