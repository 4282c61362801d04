use std::{borrow::Cow, fmt};

use actix_web::{
    HttpRequest,
    http::{
        StatusCode,
        header::{HeaderName, HeaderValue},
    },
};
use serde_json::{Value, json};
use subtle::{ConditionallySelectable, ConstantTimeEq};

use super::{
    Denial, Scheme, Secret, Verdict, Verified,
    authorization::{Presented, challenge, presented},
    cross_origin::{CROSS_ORIGIN, TrustedOrigins},
    declared::{Declared, declared_by},
    grants::insufficient_scope,
    secret::digest,
    verify::Verify,
};

/// A key that a program sends in a header (default `X-API-Key`) or in a cookie.
///
/// There is no key in the query string: URLs end up in logs, histories and `Referer`.
///
/// ```
/// use actix_charter::security::ApiKey;
///
/// let keys = ApiKey::fixed([("k-3f1d0a", "billing"), ("k-9be2c4", "reports")]);
/// # let _: ApiKey<&'static str> = keys;
/// ```
///
/// Keys that are stored elsewhere are found by any async function; look them up by their [digest](Secret::digest):
///
/// ```
/// use actix_charter::security::{ApiKey, Denial, Secret};
/// use actix_web::HttpRequest;
///
/// # async fn select_client(_: [u8; 32]) -> Result<Option<u64>, std::io::Error> { Ok(None) }
/// let keys = ApiKey::new(async |_: &HttpRequest, key: Secret| {
///     select_client(key.digest()).await.map_err(|_| Denial::unavailable("unavailable", "try again later"))
/// });
/// # let _: ApiKey<u64> = keys;
/// ```
pub struct ApiKey<I> {
    declared: Declared<I>,
    place: Place,
    /// The scheme in `Authorization` that a key may stand behind, too.
    authorization: Option<&'static str>,
    verifier: Box<dyn Verify<Secret, I>>,
    trusted: TrustedOrigins,
}

#[derive(Debug)]
enum Place {
    Header(HeaderName),
    Cookie(Cow<'static, str>),
}

impl<I: Clone + 'static> ApiKey<I> {
    /// Asks `verifier` whom the key belongs to.
    pub fn new<F, O>(verifier: F) -> Self
    where
        F: AsyncFn(&HttpRequest, Secret) -> O + Send + Sync + 'static,
        O: Verified<Identity = I> + 'static,
    {
        Self {
            declared: Declared::new("ApiKey"),
            place: Place::Header(HeaderName::from_static("x-api-key")),
            authorization: None,
            verifier: Box::new(verifier),
            trusted: TrustedOrigins::default(),
        }
    }

    /// Keys that are known from the start, such as those in the configuration. Only their digests are kept. All of them are
    /// compared, in constant time, whichever matches.
    pub fn fixed(keys: impl IntoIterator<Item = (impl AsRef<str>, I)>) -> Self
    where
        I: Clone + Send + Sync,
    {
        let keys = FixedKeys::new(keys);
        Self::new(async move |_: &HttpRequest, key: Secret| keys.find(&key))
    }

    /// Takes the key from this header. Default: `x-api-key`.
    #[must_use]
    pub fn header(mut self, name: HeaderName) -> Self {
        self.place = Place::Header(name);
        self
    }

    /// Takes the key from `Authorization` too, behind this word, when the header is not there: `Authorization: apikey k-3f1d0a`.
    #[must_use]
    pub fn authorization(mut self, scheme: &'static str) -> Self {
        self.authorization = Some(scheme);
        self
    }

    /// Takes the key from a cookie. Browsers send cookies on their own, so unsafe methods are then only allowed to pages of
    /// the same origin, of a [trusted one](Self::trusted_origins), and to what is no browser; others get a 403.
    #[must_use]
    pub fn cookie(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.place = Place::Cookie(name.into());
        self
    }

    /// Adds origins, such as `https://app.example.org`, whose pages may use the cookie too.
    #[must_use]
    pub fn trusted_origins(mut self, origins: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.trusted.extend(origins);
        self
    }

    /// The key that was sent, if any.
    fn key(&self, request: &HttpRequest) -> Result<Option<Secret>, Denial> {
        match &self.place {
            Place::Header(name) => {
                let mut fields = request.headers().get_all(name);
                let Some(field) = fields.next() else { return self.authorized(request) };
                if fields.next().is_some() {
                    return Err(doubled());
                }
                // A key that is not text is a key that nobody has.
                field.to_str().map(|key| Some(Secret::from(key))).map_err(|_| refused())
            }
            Place::Cookie(name) => match super::cookie::credentials(request, name) {
                Some(key) => {
                    self.trusted.check(request)?;
                    Ok(Some(Secret::from(key.as_str())))
                }
                None => Ok(None),
            },
        }
    }
}

impl<I> ApiKey<I> {
    /// The key in `Authorization`, where that is looked at.
    fn authorized(&self, request: &HttpRequest) -> Result<Option<Secret>, Denial> {
        match self.authorization.map(|scheme| presented(request, scheme)) {
            None | Some(Presented::Nothing) => Ok(None),
            Some(Presented::Doubled) => Err(doubled()),
            Some(Presented::Value(key)) => {
                std::str::from_utf8(key).map(|key| Some(Secret::from(key))).map_err(|_| refused())
            }
        }
    }
}

declared_by! {
    ApiKey<I>, "ApiKey",
    /// Says whether someone has a scope. Without it an endpoint that asks for scopes is refused at mounting.
}

impl<I: Clone + 'static> Scheme for ApiKey<I> {
    type Identity = I;

    fn name(&self) -> Cow<'static, str> {
        self.declared.name.clone()
    }

    fn document(&self) -> Value {
        match &self.place {
            Place::Header(name) => json!({"type": "apiKey", "in": "header", "name": name.as_str()}),
            Place::Cookie(name) => json!({"type": "apiKey", "in": "cookie", "name": name}),
        }
    }

    fn challenge(&self) -> Option<HeaderValue> {
        Some(challenge("ApiKey", &[("realm", &self.declared.realm)]))
    }

    fn known_scopes(&self) -> Option<Vec<Cow<'static, str>>> {
        self.declared.grants.known()
    }

    fn denials(&self) -> Vec<(StatusCode, &'static str)> {
        match self.place {
            Place::Header(_) => vec![(StatusCode::BAD_REQUEST, "the key was sent more than once")],
            Place::Cookie(_) => vec![(StatusCode::FORBIDDEN, CROSS_ORIGIN)],
        }
    }

    async fn identify(&self, request: &HttpRequest, scopes: &[Cow<'static, str>]) -> Verdict<I> {
        let key = match self.key(request) {
            Ok(Some(key)) => key,
            Ok(None) => return Verdict::Next,
            Err(denial) => return Verdict::Stop(denial),
        };
        // An empty key opens nothing, not even where the configuration has one by mistake.
        if key.expose().is_empty() {
            return Verdict::Stop(refused());
        }
        match self.verifier.verify(request, key).await {
            Ok(Some(identity)) if self.declared.grants.has_all(&identity, scopes) => {
                Verdict::Accept(identity)
            }
            Ok(Some(_)) => Verdict::Stop(insufficient_scope()),
            Ok(None) => Verdict::Stop(refused()),
            Err(denial) => Verdict::Stop(denial),
        }
    }
}

impl<I> fmt::Debug for ApiKey<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiKey")
            .field("name", &self.declared.name)
            .field("place", &self.place)
            .finish_non_exhaustive()
    }
}

fn doubled() -> Denial {
    Denial::malformed("invalid_request", "the request has more than one API key")
}

fn refused() -> Denial {
    Denial::unauthorized("invalid_credentials", "the API key is not valid")
}

/// Digests of keys, with whom they belong to.
struct FixedKeys<I>(Vec<([u8; 32], I)>);

impl<I: Clone> FixedKeys<I> {
    fn new(keys: impl IntoIterator<Item = (impl AsRef<str>, I)>) -> Self {
        Self(keys.into_iter().map(|(key, identity)| (digest(key.as_ref()), identity)).collect())
    }

    /// Compares with every entry; the last that matches counts.
    fn find(&self, key: &Secret) -> Option<I> {
        let sent = key.digest();
        let mut found = u64::MAX;
        for (index, (digest, _)) in (0_u64..).zip(&self.0) {
            found.conditional_assign(&index, sent.ct_eq(digest));
        }
        let index = usize::try_from(found).ok()?;
        self.0.get(index).map(|(_, identity)| identity.clone())
    }
}

#[cfg(test)]
#[path = "tests/api_key.rs"]
mod tests;
