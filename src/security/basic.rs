use std::{borrow::Cow, fmt};

use actix_web::{
    HttpRequest,
    http::{StatusCode, header::HeaderValue},
};
use base64::{
    Engine, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use serde_json::{Value, json};

use super::{
    Denial, Scheme, Secret, Verdict, Verified,
    authorization::{Presented, challenge, presented},
    declared::{Declared, declared_by},
    grants::insufficient_scope,
    verify::Verify,
};

/// Not every client pads.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// User name and password in `Authorization: Basic` (RFC 7617).
///
/// The verifier is any async function from the request and the [`Credentials`] to an `Option` of who is calling.
///
/// ```
/// use actix_charter::security::{Basic, Credentials};
/// use actix_web::HttpRequest;
///
/// #[derive(Clone)]
/// struct Operator;
///
/// let basic = Basic::new(async |_: &HttpRequest, sent: Credentials| {
///     (sent.username == "ops" && sent.password_eq("correct horse battery staple")).then_some(Operator)
/// })
/// .realm("operations");
/// # let _: Basic<Operator> = basic;
/// ```
///
/// Without credentials the next scheme is asked. Credentials that are wrong or malformed are a 401.
pub struct Basic<I> {
    declared: Declared<I>,
    verifier: Box<dyn Verify<Credentials, I>>,
}

impl<I: Clone + 'static> Basic<I> {
    /// Asks `verifier` whom user name and password belong to. It should take as long for a user name that nobody has as for a
    /// wrong password: check a password hash in both cases.
    pub fn new<F, O>(verifier: F) -> Self
    where
        F: AsyncFn(&HttpRequest, Credentials) -> O + Send + Sync + 'static,
        O: Verified<Identity = I> + 'static,
    {
        Self { declared: Declared::new("Basic"), verifier: Box::new(verifier) }
    }
}

declared_by! {
    Basic<I>, "Basic",
    /// Says whether someone has a scope. Without it an endpoint that asks for scopes is refused at mounting.
}

impl<I: Clone + 'static> Scheme for Basic<I> {
    type Identity = I;

    fn name(&self) -> Cow<'static, str> {
        self.declared.name.clone()
    }

    fn document(&self) -> Value {
        json!({"type": "http", "scheme": "basic"})
    }

    fn challenge(&self) -> Option<HeaderValue> {
        Some(basic_challenge(&self.declared.realm))
    }

    fn known_scopes(&self) -> Option<Vec<Cow<'static, str>>> {
        self.declared.grants.known()
    }

    fn denials(&self) -> Vec<(StatusCode, &'static str)> {
        vec![(StatusCode::BAD_REQUEST, "the credentials were sent more than once")]
    }

    async fn identify(&self, request: &HttpRequest, scopes: &[Cow<'static, str>]) -> Verdict<I> {
        let credentials = match presented(request, "Basic") {
            Presented::Nothing => return Verdict::Next,
            Presented::Doubled => {
                let detail = "the request has more than one Authorization header";
                return Verdict::Stop(Denial::malformed("invalid_request", detail));
            }
            Presented::Value(value) => Credentials::parse(value),
        };
        let Some(credentials) = credentials else {
            return Verdict::Stop(refused());
        };
        match self.verifier.verify(request, credentials).await {
            Ok(Some(identity)) if self.declared.grants.has_all(&identity, scopes) => {
                Verdict::Accept(identity)
            }
            Ok(Some(_)) => Verdict::Stop(insufficient_scope()),
            Ok(None) => Verdict::Stop(refused()),
            Err(denial) => Verdict::Stop(denial),
        }
    }
}

impl<I> fmt::Debug for Basic<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Basic")
            .field("name", &self.declared.name)
            .field("realm", &self.declared.realm)
            .finish_non_exhaustive()
    }
}

/// One text for all causes: which of the two was wrong is nobody's business.
fn refused() -> Denial {
    Denial::unauthorized("invalid_credentials", "the user name or the password is wrong")
}

fn basic_challenge(realm: &str) -> HeaderValue {
    challenge("Basic", &[("realm", realm), ("charset", "UTF-8")])
}

/// A user name and a password, as they were sent.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// The user name; it has no colon in it.
    pub username: String,
    /// The password.
    pub password: Secret,
}

impl Credentials {
    /// Whether the password is `expected`, in constant time. For passwords from the configuration; those of people belong
    /// behind a password hash.
    #[must_use]
    pub fn password_eq(&self, expected: &str) -> bool {
        self.password.matches(expected)
    }

    /// Reads `user-pass` of RFC 7617 §2: UTF-8, the first colon divides, no control characters.
    fn parse(value: &[u8]) -> Option<Self> {
        let text = String::from_utf8(BASE64.decode(value).ok()?).ok()?;
        if text.bytes().any(|byte| byte.is_ascii_control()) {
            return None;
        }
        let (username, password) = text.split_once(':')?;
        Some(Self { username: username.to_owned(), password: Secret::from(password) })
    }
}

#[cfg(test)]
#[path = "tests/basic.rs"]
mod tests;
