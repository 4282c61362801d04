use std::{any::TypeId, borrow::Cow, sync::Arc, time::Duration};

use actix_web::{cookie::SameSite, http::Method};
use serde_json::Value;

use crate::{
    model::{SchemaOf, WireField},
    problem::{ErrorModel, In},
};

/// What one operation declares, as plain data. Extraction, the contract check and the document only read it.
#[derive(Debug, Clone)]
pub struct OperationSpec {
    /// The name of the method that handles it.
    pub name: Cow<'static, str>,
    /// The method of the request.
    pub method: Method,
    /// The path below the controller: `/{id}`.
    pub path: Cow<'static, str>,
    /// An explicit `operationId`.
    pub operation_id: Option<Cow<'static, str>>,
    /// One line, the first of the doc comment.
    pub summary: Option<Cow<'static, str>>,
    /// The rest of the doc comment, CommonMark.
    pub description: Option<Cow<'static, str>>,
    /// Tags of the operation itself; those of controller and router are added at mounting.
    pub tags: Vec<Cow<'static, str>>,
    /// Clients should stop using it.
    pub deprecated: bool,
    /// Served, but not in the document.
    pub hidden: bool,
    /// What it reads from the request.
    pub inputs: Vec<Input>,
    /// What it may answer.
    pub outputs: Vec<Output>,
    /// The type of identity that it takes, with its name: some scheme in force must find such a one.
    pub identity: Option<(TypeId, &'static str)>,
    /// Whether it takes nobody for an answer: `Option<Identity<T>>`.
    pub identity_optional: bool,
    /// An example of the request body.
    pub request_example: Option<Value>,
    /// An example of the successful answer's body.
    pub response_example: Option<Value>,
}

impl OperationSpec {
    pub(crate) fn new(method: Method, path: Cow<'static, str>) -> Self {
        Self {
            name: Cow::Borrowed(""),
            method,
            path,
            operation_id: None,
            summary: None,
            description: None,
            tags: Vec::new(),
            deprecated: false,
            hidden: false,
            inputs: Vec::new(),
            outputs: Vec::new(),
            request_example: None,
            response_example: None,
            identity: None,
            identity_optional: false,
        }
    }
}

impl OperationSpec {
    /// Declares a problem that something attached to the operation can cause, once.
    pub fn may_fail(&mut self, status: u16, description: &'static str) {
        if !self.outputs.iter().any(|output| output.status == Some(status)) {
            self.outputs.push(Output::problem(status, description));
        }
    }

    /// Declares the 400 that tells what is wrong with the request.
    pub fn may_be_faulty(&mut self) {
        self.may_fail(400, "The request does not match what this endpoint accepts.");
    }
}

/// One part of a request that an operation reads.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Input {
    /// Named values: the fields of one model become one parameter each.
    Parameters {
        /// `Query`, `Path`, `Header` or `Cookie`.
        location: In,
        /// The model.
        schema: SchemaOf,
        /// Its fields.
        wire: &'static [WireField],
        /// Whether the whole may be left out (`Option<Query<T>>`).
        optional: bool,
    },
    /// The request body.
    Body {
        /// The model; `None` for bytes as they come.
        schema: Option<SchemaOf>,
        /// Its fields.
        wire: &'static [WireField],
        /// Whether a request without a body is fine.
        optional: bool,
        /// Media types that are fixed by the component; empty when the negotiated parsers decide.
        media_types: Cow<'static, [Cow<'static, str>]>,
    },
}

/// One answer that an operation may give.
#[derive(Debug, Clone)]
pub struct Output {
    /// The status; `None` stands for the method's default, 201 for POST and 200 for all others.
    pub status: Option<u16>,
    /// What the answer means; the status's phrase when `None`.
    pub description: Option<Cow<'static, str>>,
    /// The body.
    pub content: OutputContent,
    /// The headers.
    pub headers: Vec<HeaderSpec>,
    /// The cookies it sets.
    pub cookies: Vec<CookieSpec>,
}

impl Output {
    /// An answer with a status and a body.
    #[must_use]
    pub const fn new(status: Option<u16>, content: OutputContent) -> Self {
        Self { status, description: None, content, headers: Vec::new(), cookies: Vec::new() }
    }

    /// A problem with this status, in whatever error model is in force.
    #[must_use]
    pub const fn problem(status: u16, description: &'static str) -> Self {
        Self {
            status: Some(status),
            description: Some(Cow::Borrowed(description)),
            content: OutputContent::Problem,
            headers: Vec::new(),
            cookies: Vec::new(),
        }
    }
}

/// What the body of an answer is.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum OutputContent {
    /// No body.
    Empty,
    /// A model, written by the negotiated renderer.
    Model(SchemaOf),
    /// A problem, in whatever error model is in force.
    Problem,
    /// Bytes of one media type, with a schema when it is text that has one.
    Media(Cow<'static, str>, Option<SchemaOf>),
    /// Anything; the declaration does not say.
    Any,
}

/// A header that an answer carries.
#[derive(Debug, Clone)]
pub struct HeaderSpec {
    /// The name; compared without regard to case.
    pub name: Cow<'static, str>,
    /// What it means.
    pub description: Option<Cow<'static, str>>,
    /// Whether it is always there.
    pub required: bool,
    /// The schema of its value.
    pub schema: SchemaOf,
    /// The value, when it is always the same.
    pub value: Option<Cow<'static, str>>,
}

impl HeaderSpec {
    /// A header that is always there, with text in it.
    #[must_use]
    pub const fn required(name: &'static str) -> Self {
        Self {
            name: Cow::Borrowed(name),
            description: None,
            required: true,
            schema: SchemaOf::of::<String>(),
            value: None,
        }
    }

    /// A header that may be there.
    #[must_use]
    pub const fn optional(name: &'static str) -> Self {
        let mut spec = Self::required(name);
        spec.required = false;
        spec
    }
}

/// A cookie that an answer sets. Value and expiry are free; the attributes are held to what stands here.
#[derive(Debug, Clone)]
pub struct CookieSpec {
    /// The name.
    pub name: Cow<'static, str>,
    /// What it is for.
    pub description: Option<Cow<'static, str>>,
    /// Whether it is always set.
    pub required: bool,
    /// `Path`. Default: `/`.
    pub path: Option<Cow<'static, str>>,
    /// `Domain`.
    pub domain: Option<Cow<'static, str>>,
    /// `Secure`.
    pub secure: bool,
    /// `HttpOnly`.
    pub http_only: bool,
    /// `SameSite`. Default: `Lax`.
    pub same_site: Option<SameSite>,
    /// `Max-Age`; whole seconds are sent.
    pub max_age: Option<Duration>,
    /// The value, when it is always the same.
    pub value: Option<Cow<'static, str>>,
}

impl CookieSpec {
    /// A cookie with path `/` and `SameSite=Lax` that is always set.
    #[must_use]
    pub const fn required(name: &'static str) -> Self {
        Self {
            name: Cow::Borrowed(name),
            description: None,
            required: true,
            path: Some(Cow::Borrowed("/")),
            domain: None,
            secure: false,
            http_only: false,
            same_site: Some(SameSite::Lax),
            max_age: None,
            value: None,
        }
    }
}

/// An operation as it was mounted: every layer's options are in it, every automatic answer too.
#[derive(Debug, Clone)]
pub struct MountedOperation {
    /// What the operation declares. Its `outputs` hold the automatic answers (400, 401, 406, ..) too.
    pub spec: OperationSpec,
    /// The whole path template, the router's prefixes included: `/api/users/{id}`.
    pub path: String,
    /// The `operationId`, given or derived, unique in the document.
    pub operation_id: String,
    /// All tags, the outermost first, without doubles.
    pub tags: Vec<Cow<'static, str>>,
    /// The media types that bodies are read in, in order of preference.
    pub parsers: Vec<String>,
    /// The media types that answers are written in, in order of preference.
    pub renderers: Vec<String>,
    /// Alternatives, each a scheme's name with the scopes it must grant; empty when anyone may call.
    pub security: Vec<(String, Vec<String>)>,
    /// Whether a request without any credentials passes too.
    pub security_optional: bool,
    /// How problems look.
    pub error_model: Arc<dyn ErrorModel>,
}
