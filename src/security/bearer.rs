use std::{
    borrow::Cow,
    fmt,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use actix_web::{
    HttpRequest,
    http::{StatusCode, header::HeaderValue},
};
use futures_util::future::LocalBoxFuture;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::{
    Denial, JwtKey, JwtKeys, KeyError, Scheme, Verdict,
    bearer_token::{MALFORMED, bare_challenge, invalid_request, invalid_token, missing_scope, token},
    cross_origin::{CROSS_ORIGIN, TrustedOrigins},
    declared::{Declared, declared_by},
    jwt::{Granted, Refused, Rules, verified_payload},
};

/// A signed JSON Web Token in `Authorization: Bearer` (RFC 6750, RFC 7519). Its claims, read into `C`, are the identity.
///
/// ```
/// use std::time::Duration;
/// use actix_charter::security::Bearer;
///
/// #[derive(serde::Deserialize)]
/// struct Claims {
///     sub: String,
/// }
///
/// # fn main() -> Result<(), actix_charter::security::KeyError> {
/// let bearer = Bearer::<Claims>::hs256(b"32 random bytes, from the secrets")?
///     .issuer("https://login.example.org")
///     .audience("team-board")
///     .leeway(Duration::from_secs(30))
///     .known_scopes(["users:read", "users:write"]);
/// # Ok(()) }
/// ```
///
/// The algorithm is the key's, never the token's. `exp` must be there and not be over; `nbf` is checked when it is there; a
/// token for an audience that is none of ours is refused. Scopes are read from `scope` or `scp`, unless
/// [`grants`](Self::grants) says where else they are.
///
/// No token: the next scheme is asked. A bad token is a 401 `invalid_token`, a malformed header a 400 `invalid_request`, a
/// missing scope a 403 `insufficient_scope`, each with the challenge of RFC 6750 §3.
pub struct Bearer<C> {
    declared: Declared<C>,
    keys: JwtKeys,
    rules: Rules,
    cookie: Option<Cow<'static, str>>,
    trusted: TrustedOrigins,
    #[allow(clippy::type_complexity, reason = "the one place where the erased signature is spelled")]
    accepts: Option<Box<dyn Fn(&C) -> bool + Send + Sync>>,
    revoked: Option<Box<dyn Revoked<C>>>,
    clock: Box<dyn Fn() -> SystemTime + Send + Sync>,
}

/// Asks whether a token was revoked; its type is forgotten.
trait Revoked<C>: Send + Sync {
    fn is_revoked<'a>(&'a self, claims: &'a C, request: &'a HttpRequest) -> LocalBoxFuture<'a, bool>;
}

impl<C, F: AsyncFn(&C, &HttpRequest) -> bool + Send + Sync> Revoked<C> for F {
    fn is_revoked<'a>(&'a self, claims: &'a C, request: &'a HttpRequest) -> LocalBoxFuture<'a, bool> {
        Box::pin(self(claims, request))
    }
}

impl<C: DeserializeOwned + 'static> Bearer<C> {
    /// Tokens that are signed with one of these keys: a [`JwtKey`], or [`JwtKeys`] where there are several or where they
    /// change.
    pub fn with_keys(keys: impl Into<JwtKeys>) -> Self {
        Self {
            declared: Declared::new("Bearer"),
            keys: keys.into(),
            rules: Rules::default(),
            cookie: None,
            trusted: TrustedOrigins::default(),
            accepts: None,
            revoked: None,
            clock: Box::new(SystemTime::now),
        }
    }

    /// Tokens that are signed with a shared secret, HS256.
    ///
    /// # Errors
    /// As [`JwtKey::hs256`].
    pub fn hs256(secret: &[u8]) -> Result<Self, KeyError> {
        JwtKey::hs256(secret).map(Self::with_keys)
    }

    /// Tokens that are signed with RSA, RS256; takes the public key in PEM.
    ///
    /// # Errors
    /// As [`JwtKey::rs256_pem`].
    pub fn rs256_pem(public_key: &[u8]) -> Result<Self, KeyError> {
        JwtKey::rs256_pem(public_key).map(Self::with_keys)
    }

    /// Tokens that are signed with ECDSA on P-256, ES256; takes the public key in PEM.
    ///
    /// # Errors
    /// As [`JwtKey::es256_pem`].
    pub fn es256_pem(public_key: &[u8]) -> Result<Self, KeyError> {
        JwtKey::es256_pem(public_key).map(Self::with_keys)
    }

    /// Tokens that are signed with Ed25519, EdDSA; takes the public key in PEM.
    ///
    /// # Errors
    /// As [`JwtKey::ed25519_pem`].
    pub fn ed25519_pem(public_key: &[u8]) -> Result<Self, KeyError> {
        JwtKey::ed25519_pem(public_key).map(Self::with_keys)
    }

    /// Asks that `iss` be this issuer, or one of several when called again.
    #[must_use]
    pub fn issuer(mut self, issuer: impl Into<String>) -> Self {
        self.rules.issuers.push(issuer.into());
        self
    }

    /// Asks that `aud` hold this audience, or one of several when called again.
    #[must_use]
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        self.rules.audiences.push(audience.into());
        self
    }

    /// Takes tokens for any audience, and so those that were made for other services.
    #[must_use]
    pub fn any_audience(mut self) -> Self {
        self.rules.any_audience = true;
        self
    }

    /// How far the issuer's clock may be off. Default: not at all.
    #[must_use]
    pub fn leeway(mut self, leeway: Duration) -> Self {
        self.rules.leeway = leeway.as_secs_f64();
        self
    }

    /// Claims that must be there and not be null, beside `exp`.
    #[must_use]
    pub fn required(mut self, claims: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.rules.required.extend(claims.into_iter().map(Into::into));
        self
    }

    /// Takes tokens without `exp` too. Those are good for ever, unless [`revoked`](Self::revoked) knows better.
    #[must_use]
    pub fn without_expiry(mut self) -> Self {
        self.rules.without_expiry = true;
        self
    }

    /// Asks that the header's `typ` be this, such as `at+jwt` (RFC 9068), so that no other kind of token passes for an access
    /// token.
    #[must_use]
    pub fn token_type(mut self, typ: impl Into<String>) -> Self {
        self.rules.token_type = Some(typ.into());
        self
    }

    /// Asks a question of your own about the claims; `false` is a 401. Refuse refresh tokens here when they are told by a
    /// claim.
    #[must_use]
    pub fn accepts(mut self, accepts: impl Fn(&C) -> bool + Send + Sync + 'static) -> Self {
        self.accepts = Some(Box::new(accepts));
        self
    }

    /// Asks whether a token that is good otherwise was revoked; `true` is a 401.
    #[must_use]
    pub fn revoked(
        mut self,
        revoked: impl AsyncFn(&C, &HttpRequest) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.revoked = Some(Box::new(revoked));
        self
    }

    /// Takes the token from this cookie when there is no `Authorization: Bearer`. Browsers send cookies on their own, so
    /// unsafe methods are then only allowed to pages of the same origin, of a [trusted one](Self::trusted_origins), and to
    /// what is no browser; others get a 403.
    #[must_use]
    pub fn cookie(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.cookie = Some(name.into());
        self
    }

    /// Adds origins, such as `https://app.example.org`, whose pages may use the cookie too.
    #[must_use]
    pub fn trusted_origins(mut self, origins: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.trusted.extend(origins);
        self
    }

    /// Replaces the clock, for tests with tokens whose times are fixed.
    #[must_use]
    pub fn clock(mut self, now: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        self.clock = Box::new(now);
        self
    }

    /// Checks everything that needs no waiting.
    fn read(&self, token: &str, scopes: bool) -> Result<(C, Granted), Refused> {
        let payload = verified_payload(token, &self.keys.get(), &self.rules)?;
        let now = (self.clock)().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64();
        let granted = self.rules.check(&payload, now, scopes)?;
        let claims = serde_json::from_slice(&payload)
            .map_err(|_| Refused::Invalid("its claims do not fit the type that they are read into"))?;
        if self.accepts.as_ref().is_some_and(|accepts| !accepts(&claims)) {
            return Err(Refused::Invalid("its claims were not accepted"));
        }
        Ok((claims, granted))
    }

    fn refused(&self, refused: Refused) -> Denial {
        tracing::debug!(target: "actix_charter::security", reason = refused.reason(), "a token was refused");
        invalid_token(&self.declared.realm, refused.detail())
    }

    /// The token in the cookie, if one is looked for and is there.
    fn cookie_token(&self, request: &HttpRequest) -> Result<Option<String>, Denial> {
        let token = self.cookie.as_deref().and_then(|name| super::cookie::credentials(request, name));
        if token.is_some() {
            self.trusted.check(request)?;
        }
        Ok(token)
    }
}

declared_by! {
    Bearer<C>, "Bearer",
    /// Says whether the claims grant a scope, instead of `scope` and `scp`.
}

impl<C: DeserializeOwned + Clone + 'static> Scheme for Bearer<C> {
    type Identity = C;

    fn name(&self) -> Cow<'static, str> {
        self.declared.name.clone()
    }

    fn document(&self) -> Value {
        json!({"type": "http", "scheme": "bearer", "bearerFormat": "JWT"})
    }

    fn challenge(&self) -> Option<HeaderValue> {
        Some(bare_challenge(&self.declared.realm))
    }

    fn known_scopes(&self) -> Option<Vec<Cow<'static, str>>> {
        self.declared.grants.listed()
    }

    fn denials(&self) -> Vec<(StatusCode, &'static str)> {
        let mut denials = vec![MALFORMED];
        if self.cookie.is_some() {
            denials.push((StatusCode::FORBIDDEN, CROSS_ORIGIN));
        }
        denials
    }

    async fn identify(&self, request: &HttpRequest, scopes: &[Cow<'static, str>]) -> Verdict<C> {
        let token = match token(request) {
            Ok(Some(token)) => Cow::Borrowed(token),
            Ok(None) => match self.cookie_token(request) {
                Ok(Some(token)) => Cow::Owned(token),
                Ok(None) => return Verdict::Next,
                Err(denial) => return Verdict::Stop(denial),
            },
            Err(detail) => return Verdict::Stop(invalid_request(&self.declared.realm, detail)),
        };
        let read_scopes = !scopes.is_empty() && !self.declared.grants.is_set();
        let (claims, granted) = match self.read(&token, read_scopes) {
            Ok(read) => read,
            Err(refused) => return Verdict::Stop(self.refused(refused)),
        };
        if let Some(revoked) = &self.revoked
            && revoked.is_revoked(&claims, request).await
        {
            return Verdict::Stop(self.refused(Refused::Invalid("it was revoked")));
        }
        let has = |scope: &str| {
            if self.declared.grants.is_set() {
                self.declared.grants.has(&claims, scope)
            } else {
                granted.has(scope)
            }
        };
        if !scopes.iter().all(|scope| has(scope)) {
            return Verdict::Stop(missing_scope(&self.declared.realm, scopes));
        }
        Verdict::Accept(claims)
    }
}

impl<C> fmt::Debug for Bearer<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bearer")
            .field("name", &self.declared.name)
            .field("keys", &self.keys)
            .field("rules", &self.rules)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
#[path = "tests/bearer.rs"]
mod tests;
