use std::{borrow::Cow, fmt};

use actix_web::{
    HttpRequest,
    http::{StatusCode, header::HeaderValue},
};
use serde_json::{Value, json};

use super::{
    Denial, Scheme, Secret, Verdict, Verified,
    authorization::{Presented, challenge, presented},
    declared::{Declared, declared_by},
    grants::insufficient_scope,
    verify::Verify,
};

/// An opaque token in `Authorization: Bearer` (RFC 6750), looked up by the application.
///
/// ```
/// use actix_charter::security::{BearerToken, Secret};
/// use actix_web::HttpRequest;
///
/// #[derive(Clone)]
/// struct Session {
///     user: u64,
///     scopes: Vec<String>,
/// }
///
/// async fn find(_: &HttpRequest, token: Secret) -> Option<Session> {
///     // Store digests, never tokens.
///     (token.digest()[0] == 0).then(|| Session { user: 7, scopes: vec![] })
/// }
///
/// let scheme = BearerToken::new(find).grants(|session, scope| session.scopes.iter().any(|s| s == scope));
/// # let _: BearerToken<Session> = scheme;
/// ```
pub struct BearerToken<I> {
    declared: Declared<I>,
    verifier: Box<dyn Verify<Secret, I>>,
}

impl<I: Clone + 'static> BearerToken<I> {
    /// Asks `verifier` whom the token belongs to.
    pub fn new<F, O>(verifier: F) -> Self
    where
        F: AsyncFn(&HttpRequest, Secret) -> O + Send + Sync + 'static,
        O: Verified<Identity = I> + 'static,
    {
        Self { declared: Declared::new("BearerToken"), verifier: Box::new(verifier) }
    }
}

declared_by! {
    BearerToken<I>, "BearerToken",
    /// Says whether someone has a scope. Without it an endpoint that asks for scopes is refused at mounting.
}

impl<I: Clone + 'static> Scheme for BearerToken<I> {
    type Identity = I;

    fn name(&self) -> Cow<'static, str> {
        self.declared.name.clone()
    }

    fn document(&self) -> Value {
        json!({"type": "http", "scheme": "bearer"})
    }

    fn challenge(&self) -> Option<HeaderValue> {
        Some(bare_challenge(&self.declared.realm))
    }

    fn known_scopes(&self) -> Option<Vec<Cow<'static, str>>> {
        self.declared.grants.known()
    }

    fn denials(&self) -> Vec<(StatusCode, &'static str)> {
        vec![MALFORMED]
    }

    async fn identify(&self, request: &HttpRequest, scopes: &[Cow<'static, str>]) -> Verdict<I> {
        let token = match token(request) {
            Ok(Some(token)) => Secret::from(token),
            Ok(None) => return Verdict::Next,
            Err(detail) => return Verdict::Stop(invalid_request(&self.declared.realm, detail)),
        };
        match self.verifier.verify(request, token).await {
            Ok(Some(identity)) if self.declared.grants.has_all(&identity, scopes) => {
                Verdict::Accept(identity)
            }
            Ok(Some(_)) => Verdict::Stop(missing_scope(&self.declared.realm, scopes)),
            Ok(None) => Verdict::Stop(invalid_token(&self.declared.realm, "the token is not valid")),
            Err(denial) => Verdict::Stop(denial),
        }
    }
}

impl<I> fmt::Debug for BearerToken<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BearerToken")
            .field("name", &self.declared.name)
            .field("realm", &self.declared.realm)
            .finish_non_exhaustive()
    }
}

pub(super) const MALFORMED: (StatusCode, &str) = (StatusCode::BAD_REQUEST, "the credentials are malformed");

/// The token in `Authorization`, if that field is for the scheme Bearer at all.
pub(super) fn token(request: &HttpRequest) -> Result<Option<&str>, &'static str> {
    match presented(request, "Bearer") {
        Presented::Nothing => Ok(None),
        Presented::Doubled => Err("the request has more than one Authorization header"),
        Presented::Value([]) => Err("the Authorization header has no token"),
        Presented::Value(value) => match std::str::from_utf8(value) {
            Ok(token) if is_b64token(token) => Ok(Some(token)),
            _ => Err("the Authorization header does not hold one token"),
        },
    }
}

/// `b64token` of RFC 6750 §2.1.
fn is_b64token(token: &str) -> bool {
    let body = token.trim_end_matches('=');
    !body.is_empty() && body.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte))
}

// The four challenges of RFC 6750 §3. Their texts are fixed sentences: nothing of the token is repeated.

pub(super) fn bare_challenge(realm: &str) -> HeaderValue {
    challenge("Bearer", &[("realm", realm)])
}

pub(super) fn invalid_request(realm: &str, detail: &'static str) -> Denial {
    let parameters = [("realm", realm), ("error", "invalid_request"), ("error_description", detail)];
    Denial::malformed("invalid_request", detail).challenge(challenge("Bearer", &parameters))
}

pub(super) fn invalid_token(realm: &str, detail: &'static str) -> Denial {
    let parameters = [("realm", realm), ("error", "invalid_token"), ("error_description", detail)];
    Denial::unauthorized("invalid_token", detail).challenge(challenge("Bearer", &parameters))
}

pub(super) fn missing_scope(realm: &str, scopes: &[Cow<'static, str>]) -> Denial {
    let scopes = scopes.join(" ");
    let parameters = [("realm", realm), ("error", "insufficient_scope"), ("scope", scopes.as_str())];
    insufficient_scope().challenge(challenge("Bearer", &parameters))
}

#[cfg(test)]
#[path = "tests/bearer_token.rs"]
mod tests;
