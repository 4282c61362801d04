use std::{borrow::Cow, fmt};

use actix_web::http::{
    StatusCode,
    header::{HeaderMap, HeaderName, HeaderValue},
};
use serde_json::{Map, Value};

use super::Faults;

/// Members that RFC 9457 and this crate give a meaning.
const RESERVED: [&str; 8] =
    ["type", "title", "status", "detail", "instance", "code", "errors", "more_errors"];

/// What went wrong, as data: the error model decides how it looks on the wire (RFC 9457 by default).
///
/// ```
/// use actix_charter::problem::Problem;
/// use actix_web::http::StatusCode;
/// let problem = Problem::new(StatusCode::CONFLICT).code("email-taken").detail("ann@example.org is taken");
/// assert_eq!(problem.title(), "Conflict");
/// ```
#[derive(Debug, Clone)]
pub struct Problem {
    inner: Box<Inner>,
}

/// Boxed, so that a `Result<_, Problem>` stays small on the straight path.
#[derive(Debug, Clone)]
struct Inner {
    status: StatusCode,
    type_uri: Cow<'static, str>,
    title: Option<Cow<'static, str>>,
    detail: Option<Cow<'static, str>>,
    instance: Option<String>,
    code: Option<Cow<'static, str>>,
    faults: Faults,
    extensions: Map<String, Value>,
    headers: HeaderMap,
}

impl Problem {
    /// A problem with this status and nothing else.
    #[must_use]
    pub fn new(status: StatusCode) -> Self {
        Self {
            inner: Box::new(Inner {
                status,
                type_uri: Cow::Borrowed("about:blank"),
                title: None,
                detail: None,
                instance: None,
                code: None,
                faults: Faults::new(),
                extensions: Map::new(),
                headers: HeaderMap::new(),
            }),
        }
    }

    /// The one 400 that tells everything that is wrong with a request.
    #[must_use]
    pub fn faulty(faults: Faults) -> Self {
        let mut problem = Self::new(StatusCode::BAD_REQUEST)
            .code("invalid-request")
            .detail("the request does not match what this endpoint accepts");
        problem.inner.faults = faults;
        problem
    }

    /// Our own fault: a 500 that says nothing. The cause belongs in the log.
    #[must_use]
    pub fn internal() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR).code("internal")
    }

    /// Sets the problem type, a URI reference (RFC 9457 §3.1.1). Default: `about:blank`.
    #[must_use]
    pub fn type_uri(mut self, uri: impl Into<Cow<'static, str>>) -> Self {
        self.inner.type_uri = uri.into();
        self
    }

    /// Replaces the title, which is the status's own phrase by default.
    #[must_use]
    pub fn titled(mut self, title: impl Into<Cow<'static, str>>) -> Self {
        self.inner.title = Some(title.into());
        self
    }

    /// Says what happened this time, to the person who sent the request.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<Cow<'static, str>>) -> Self {
        self.inner.detail = Some(detail.into());
        self
    }

    /// Names this occurrence, a URI reference.
    #[must_use]
    pub fn instance(mut self, instance: impl Into<String>) -> Self {
        self.inner.instance = Some(instance.into());
        self
    }

    /// A stable word for programs.
    #[must_use]
    pub fn code(mut self, code: impl Into<Cow<'static, str>>) -> Self {
        self.inner.code = Some(code.into());
        self
    }

    /// Adds a fault.
    #[must_use]
    pub fn fault(mut self, fault: super::Fault) -> Self {
        self.inner.faults.push(fault);
        self
    }

    /// Adds an extension member (RFC 9457 §3.2). Reserved names (`type`, `status`, ..) are ignored.
    #[must_use]
    pub fn extension(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        let name = name.into();
        if !RESERVED.contains(&name.as_str()) {
            self.inner.extensions.insert(name, value.into());
        }
        self
    }

    /// Adds a header to the answer, such as `Retry-After`.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.inner.headers.append(name, value);
        self
    }

    /// The status of the answer.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.inner.status
    }

    /// The problem type.
    #[must_use]
    pub fn get_type(&self) -> &str {
        &self.inner.type_uri
    }

    /// The title; the status's phrase unless one was given.
    #[must_use]
    pub fn title(&self) -> &str {
        match &self.inner.title {
            Some(title) => title,
            None => self.inner.status.canonical_reason().unwrap_or("Error"),
        }
    }

    /// The detail, if there is one.
    #[must_use]
    pub fn get_detail(&self) -> Option<&str> {
        self.inner.detail.as_deref()
    }

    /// The instance, if there is one.
    #[must_use]
    pub fn get_instance(&self) -> Option<&str> {
        self.inner.instance.as_deref()
    }

    /// The code, if there is one.
    #[must_use]
    pub fn get_code(&self) -> Option<&str> {
        self.inner.code.as_deref()
    }

    /// The faults.
    #[must_use]
    pub fn faults(&self) -> &Faults {
        &self.inner.faults
    }

    /// The faults, to add to.
    pub fn faults_mut(&mut self) -> &mut Faults {
        &mut self.inner.faults
    }

    /// The extension members.
    #[must_use]
    pub fn extensions(&self) -> &Map<String, Value> {
        &self.inner.extensions
    }

    /// The headers that go with the answer.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.inner.headers
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.inner.status.as_u16(), self.title())?;
        if let Some(detail) = self.get_detail() {
            write!(f, ": {detail}")?;
        }
        for fault in self.faults() {
            write!(f, "\n  {} {}: {} ({})", fault.location, fault.pointer, fault.detail, fault.code)?;
        }
        Ok(())
    }
}

impl std::error::Error for Problem {}
