use std::{borrow::Cow, fmt, future::Future};

use actix_web::{
    HttpRequest,
    http::{StatusCode, header::HeaderValue},
};
use serde_json::Value;

/// A way to find out who is calling. Give one to a router with `Router::scheme`, name its type in `security = ..`.
///
/// ```
/// use std::borrow::Cow;
/// use actix_charter::security::{Scheme, Verdict};
/// use actix_web::HttpRequest;
/// use serde_json::{Value, json};
///
/// /// Trusts a header that the mesh's side-car sets.
/// #[derive(Debug)]
/// struct Mesh;
///
/// impl Scheme for Mesh {
///     type Identity = String;
///
///     fn name(&self) -> Cow<'static, str> {
///         "mesh".into()
///     }
///
///     fn document(&self) -> Value {
///         json!({"type": "apiKey", "in": "header", "name": "x-mesh-peer"})
///     }
///
///     async fn identify(&self, request: &HttpRequest, _scopes: &[Cow<'static, str>]) -> Verdict<String> {
///         match request.headers().get("x-mesh-peer").and_then(|value| value.to_str().ok()) {
///             Some(peer) => Verdict::Accept(peer.to_owned()),
///             None => Verdict::Next,
///         }
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a security scheme",
    label = "not a security scheme",
    note = "schemes are `Basic<I>`, `Bearer<Claims>`, `BearerToken<I>`, `ApiKey<I>`, and what implements `Scheme`"
)]
pub trait Scheme: fmt::Debug + Send + Sync + 'static {
    /// Who was found; handlers take it as `Identity<Self::Identity>`. It is cloned for each message of a live connection.
    type Identity: Clone + 'static;

    /// The name in the document's `securitySchemes`.
    fn name(&self) -> Cow<'static, str>;

    /// The security scheme object of the document.
    fn document(&self) -> Value;

    /// The challenge for `WWW-Authenticate` when nobody was found (RFC 9110 §11.6.1).
    fn challenge(&self) -> Option<HeaderValue> {
        None
    }

    /// Looks at the request. `scopes` are those that the endpoint asks for.
    fn identify(
        &self,
        request: &HttpRequest,
        scopes: &[Cow<'static, str>],
    ) -> impl Future<Output = Verdict<Self::Identity>>;

    /// The scopes that the scheme knows, to find spelling mistakes at mounting; `None` when any will do.
    fn known_scopes(&self) -> Option<Vec<Cow<'static, str>>> {
        None
    }

    /// The statuses it can [stop](Verdict::Stop) a request with, and why: they go into the document. The 401, and the 403 of
    /// a missing scope, are known and need not be here.
    fn denials(&self) -> Vec<(StatusCode, &'static str)> {
        Vec::new()
    }
}

/// What a scheme says of a request.
#[derive(Debug)]
pub enum Verdict<I> {
    /// This is who is calling. The chain ends.
    Accept(I),
    /// The request carries nothing for this scheme. The next one is asked; after the last it is a 401.
    Next,
    /// The request carries something that is wrong. The chain ends.
    Stop(Denial),
}

/// Why a request was turned away.
#[derive(Debug, Clone)]
pub struct Denial {
    pub(crate) status: StatusCode,
    pub(crate) code: &'static str,
    pub(crate) detail: Cow<'static, str>,
    pub(crate) challenge: Option<HeaderValue>,
}

impl Denial {
    /// 401: the credentials are wrong, expired or revoked.
    pub fn unauthorized(code: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { status: StatusCode::UNAUTHORIZED, code, detail: detail.into(), challenge: None }
    }

    /// 403: we know who it is, and the answer is no.
    pub fn forbidden(code: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { status: StatusCode::FORBIDDEN, code, detail: detail.into(), challenge: None }
    }

    /// 400: the credentials are malformed (RFC 6750 §3.1 `invalid_request`).
    pub fn malformed(code: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, code, detail: detail.into(), challenge: None }
    }

    /// 503: the credentials cannot be checked now, because the place where they are kept does not answer. A 401 would make
    /// clients throw away credentials that are good.
    pub fn unavailable(code: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { status: StatusCode::SERVICE_UNAVAILABLE, code, detail: detail.into(), challenge: None }
    }

    /// Replaces the scheme's own challenge in `WWW-Authenticate`.
    #[must_use]
    pub fn challenge(mut self, value: HeaderValue) -> Self {
        self.challenge = Some(value);
        self
    }

    /// The status of the answer.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The stable word.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.code
    }
}
