use std::{
    fmt,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use actix_web::{HttpRequest, http::Method};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::{
    InvalidLink, LinkBuilder, SignedLinkError, VerifiedLink,
    error::Refused,
    parts::{Parts, pairs, segments},
};

pub(super) const EXPIRES: &str = "expires";
pub(super) const SIGNATURE: &str = "signature";
pub(super) const SUBJECT: &str = "subject";

/// The output of the hash (RFC 2104 §3: shorter keys weaken it).
const SHORTEST_KEY: usize = 32;
/// What S3 allows.
const WEEK: Duration = Duration::from_secs(7 * 24 * 60 * 60);
/// How far the clock of another replica, which signed the link, may be ahead.
const CLOCK_SKEW: u64 = 60;

/// Makes links that may be followed for a time, and verifies them: HMAC-SHA256 over method, path, query, expiry and subject.
///
/// Cheap to clone. Nothing is stored; whoever has the link has what it opens, until it is over. It gets into logs and browser
/// histories, so let it be short-lived.
///
/// ```
/// use std::time::Duration;
/// use actix_charter::security::SignedLinks;
/// use actix_web::{http::Method, test::TestRequest};
///
/// # let secret = [7; 32];
/// let links = SignedLinks::new("2026-07", secret)?;
/// let link = links
///     .link(Method::GET, "/files/résumé 1.pdf")
///     .valid_for(Duration::from_secs(3600))
///     .query("v", "2")
///     .subject("ann")
///     .sign()?;
/// assert!(link.starts_with("/files/r%C3%A9sum%C3%A9%201.pdf?v=2&subject=ann&expires="));
///
/// let request = TestRequest::with_uri(&link).to_http_request();
/// assert_eq!(links.verify(&request).unwrap().subject(), Some("ann"));
/// let other = TestRequest::with_uri(&link.replace("v=2", "v=3")).to_http_request();
/// assert!(links.verify(&other).is_err());
/// # Ok::<(), actix_charter::security::SignedLinkError>(())
/// ```
///
/// # What is signed
///
/// - The method; a link for GET is good for HEAD, too.
/// - The path, decoded: however a client or a proxy encodes it, it is the same path. `%2F` is not `/`, as it is not when Actix looks
///   for the route.
/// - All parameters of the query, or [those named](Self::only_query). Their order does not count, but for the values of
///   one name.
/// - `expires`, in seconds since 1970, and `subject`, if the link has one.
///
/// Not the host, the scheme, headers and the body.
///
/// # Behind a proxy
///
/// The path is the whole one that this application sees, prefixes of scopes and routers included. A proxy that rewrites paths breaks
/// links that were signed for the path outside. If it takes a prefix off, sign the path that arrives here, and put the prefix before
/// the link: `format!("/app{link}")`.
///
/// # Change of keys
///
/// Links name the key that signed them. Make a new key the first one, keep the old one as an [`older`](Self::older) one for as long as
/// its links may hold, then drop it. What may have been seen by others is dropped at once.
#[derive(Clone)]
pub struct SignedLinks {
    inner: Arc<Inner>,
}

#[derive(Clone)]
struct Inner {
    current: Key,
    older: Vec<Key>,
    /// `None` is all.
    covered: Option<Vec<String>>,
    max_lifetime: Duration,
    #[allow(clippy::type_complexity, reason = "the one place where the erased signature is spelled")]
    caller: Option<Arc<dyn Fn(&HttpRequest) -> Option<String> + Send + Sync>>,
    clock: Arc<dyn Fn() -> SystemTime + Send + Sync>,
}

#[derive(Clone)]
struct Key {
    id: String,
    mac: Hmac<Sha256>,
}

impl Key {
    fn new(id: String, secret: &[u8]) -> Result<Self, SignedLinkError> {
        let is_plain =
            |id: &str| id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
        if id.is_empty() || id.len() > 32 || !is_plain(&id) {
            return Err(SignedLinkError::KeyId);
        }
        if secret.len() < SHORTEST_KEY {
            return Err(SignedLinkError::ShortKey);
        }
        let mac = Hmac::new_from_slice(secret).map_err(|_| SignedLinkError::ShortKey)?;
        Ok(Self { id, mac })
    }

    fn mac(&self, parts: &mut Parts<'_>) -> Hmac<Sha256> {
        parts.settle();
        let mut mac = self.mac.clone();
        parts.feed(&mut mac);
        mac
    }
}

impl SignedLinks {
    /// Links that are signed with this key. `secret` is at least 32 random bytes that nothing else uses; `id` stands in every link.
    ///
    /// # Errors
    /// When the secret is shorter, or the id not made of 1 to 32 letters, digits, `-` and `_`.
    pub fn new(id: impl Into<String>, secret: impl AsRef<[u8]>) -> Result<Self, SignedLinkError> {
        let inner = Inner {
            current: Key::new(id.into(), secret.as_ref())?,
            older: Vec::new(),
            covered: None,
            max_lifetime: WEEK,
            caller: None,
            clock: Arc::new(SystemTime::now),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Accepts links that were signed with this key, too. None is signed with it.
    ///
    /// # Errors
    /// As [`new`](Self::new), and when a key with this id is there already.
    pub fn older(mut self, id: impl Into<String>, secret: impl AsRef<[u8]>) -> Result<Self, SignedLinkError> {
        let key = Key::new(id.into(), secret.as_ref())?;
        if self.key(&key.id).is_some() {
            return Err(SignedLinkError::KeyIdTwice);
        }
        Arc::make_mut(&mut self.inner).older.push(key);
        Ok(self)
    }

    /// Signs these parameters of the query, instead of all. Others may be added, changed and taken away by anyone: name every one
    /// that a handler reads.
    #[must_use]
    pub fn only_query(mut self, names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Arc::make_mut(&mut self.inner).covered = Some(names.into_iter().map(Into::into).collect());
        self
    }

    /// The longest that a link may hold. Default: seven days. Longer ones are not made, and not accepted either, even when
    /// another program with the same key signed them.
    #[must_use]
    pub fn maximum_lifetime(mut self, lifetime: Duration) -> Self {
        Arc::make_mut(&mut self.inner).max_lifetime = lifetime;
        self
    }

    /// Makes links good only for whom they were made: `caller` says who is calling, from a session for one, and the link's
    /// [subject](LinkBuilder::subject) must be the same. Links without a subject are neither made nor accepted then.
    ///
    /// ```
    /// use std::time::Duration;
    /// use actix_charter::security::SignedLinks;
    /// use actix_web::{HttpRequest, http::Method, test::TestRequest};
    ///
    /// // A real application asks its sessions.
    /// fn who_calls(request: &HttpRequest) -> Option<String> {
    ///     request.headers().get("x-user")?.to_str().ok().map(str::to_owned)
    /// }
    ///
    /// let links = SignedLinks::new("k1", [7; 32])?.bound_to(who_calls);
    /// let link = links.link(Method::GET, "/a").subject("ann").valid_for(Duration::from_secs(60)).sign()?;
    ///
    /// let by = |user: &'static str| TestRequest::with_uri(&link).insert_header(("x-user", user)).to_http_request();
    /// assert!(links.verify(&by("ann")).is_ok());
    /// assert!(links.verify(&by("bob")).is_err());
    /// # Ok::<(), actix_charter::security::SignedLinkError>(())
    /// ```
    #[must_use]
    pub fn bound_to(
        mut self,
        caller: impl Fn(&HttpRequest) -> Option<String> + Send + Sync + 'static,
    ) -> Self {
        Arc::make_mut(&mut self.inner).caller = Some(Arc::new(caller));
        self
    }

    /// Replaces the clock, for tests with links whose times are fixed.
    #[must_use]
    pub fn clock(mut self, now: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        Arc::make_mut(&mut self.inner).clock = Arc::new(now);
        self
    }

    /// A link to `path`, which is plain text, not encoded: a `%` in it is a `%`, and a `/` ends a segment.
    pub fn link(&self, method: Method, path: &str) -> LinkBuilder<'_> {
        LinkBuilder::new(self, method, path)
    }

    /// The same for a path whose segments may have a `/` in them, which becomes `%2F`.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use actix_charter::security::SignedLinks;
    /// # use actix_web::http::Method;
    /// let links = SignedLinks::new("k1", [7; 32])?;
    /// let link = links.link_of(Method::GET, ["files", "a/b"]).valid_for(Duration::from_secs(60)).sign()?;
    /// assert!(link.starts_with("/files/a%2Fb?"));
    /// # Ok::<(), actix_charter::security::SignedLinkError>(())
    /// ```
    pub fn link_of(
        &self,
        method: Method,
        segments: impl IntoIterator<Item = impl Into<String>>,
    ) -> LinkBuilder<'_> {
        LinkBuilder::of_segments(self, method, segments.into_iter().map(Into::into).collect())
    }

    /// Whether the request follows a link that was signed for it and is not over.
    ///
    /// # Errors
    /// When it does not. The log tells why, the error does not.
    pub fn verify(&self, request: &HttpRequest) -> Result<VerifiedLink, InvalidLink> {
        self.check(request).map_err(|refused| {
            let path = request.path();
            tracing::debug!(target: "actix_charter::security", reason = %refused, path, "a signed link was refused");
            InvalidLink
        })
    }

    fn check(&self, request: &HttpRequest) -> Result<VerifiedLink, Refused> {
        let mut own = Own::default();
        let mut query = Vec::new();
        for (name, value) in pairs(request.query_string()) {
            match &*name {
                b"signature" => own.put(|own| &mut own.signature, &value)?,
                b"expires" => own.put(|own| &mut own.expires, &value)?,
                b"subject" => own.put(|own| &mut own.subject, &value)?,
                other if self.covers(other) => query.push((name, value)),
                _ => {}
            }
        }
        let signature = own.signature.ok_or(Refused::Missing)?;
        let (key_id, tag) = signature.split_once('.').ok_or(Refused::Shape)?;
        let tag = URL_SAFE_NO_PAD.decode(tag).map_err(|_| Refused::Shape)?;
        let expires = own.expires.as_deref().and_then(written_seconds).ok_or(Refused::NoExpiry)?;
        let key = self.key(key_id).ok_or(Refused::Key)?;
        let mut parts = Parts {
            key_id,
            method: request.method(),
            segments: segments(request.uri().path()).ok_or(Refused::Path)?,
            expires,
            subject: own.subject.as_deref(),
            query,
        };
        // Compares in constant time.
        key.mac(&mut parts).verify_slice(&tag).map_err(|_| Refused::Signature)?;
        let now = seconds(self.now());
        if expires <= now {
            return Err(Refused::Expired);
        }
        if expires - now > self.inner.max_lifetime.as_secs().saturating_add(CLOCK_SKEW) {
            return Err(Refused::TooLong);
        }
        if let Some(caller) = &self.inner.caller
            && (own.subject.is_none() || caller(request) != own.subject)
        {
            return Err(Refused::NotTheirs);
        }
        Ok(VerifiedLink::new(key_id.to_owned(), own.subject, UNIX_EPOCH + Duration::from_secs(expires)))
    }

    /// Whether the request claims to follow a link of this kind at all.
    pub(super) fn is_claimed(request: &HttpRequest) -> bool {
        pairs(request.query_string()).any(|(name, _)| *name == *SIGNATURE.as_bytes())
    }

    pub(super) fn covers(&self, name: &[u8]) -> bool {
        let covered = self.inner.covered.as_ref();
        covered.is_none_or(|covered| covered.iter().any(|covered| covered.as_bytes() == name))
    }

    pub(super) fn is_bound(&self) -> bool {
        self.inner.caller.is_some()
    }

    pub(super) fn max_lifetime(&self) -> Duration {
        self.inner.max_lifetime
    }

    pub(super) fn now(&self) -> SystemTime {
        (self.inner.clock)()
    }

    pub(super) fn key_id(&self) -> &str {
        &self.inner.current.id
    }

    pub(super) fn signature(&self, mut parts: Parts<'_>) -> String {
        let tag = self.inner.current.mac(&mut parts).finalize().into_bytes();
        format!("{}.{}", self.inner.current.id, URL_SAFE_NO_PAD.encode(tag))
    }

    fn key(&self, id: &str) -> Option<&Key> {
        std::iter::once(&self.inner.current).chain(&self.inner.older).find(|key| key.id == id)
    }
}

/// The link's own parameters.
#[derive(Default)]
struct Own {
    signature: Option<String>,
    expires: Option<String>,
    subject: Option<String>,
}

impl Own {
    fn put(&mut self, place: fn(&mut Self) -> &mut Option<String>, value: &[u8]) -> Result<(), Refused> {
        let value = std::str::from_utf8(value).map_err(|_| Refused::Subject)?;
        match place(self).replace(value.to_owned()) {
            // Which of them counts would depend on who reads it.
            Some(_) => Err(Refused::Doubled),
            None => Ok(()),
        }
    }
}

/// The one way in which a number is written.
fn written_seconds(text: &str) -> Option<u64> {
    text.parse().ok().filter(|number: &u64| number.to_string() == text && *number <= LAST_SECOND)
}

/// The end of the year 9999: every system's clock can hold it.
const LAST_SECOND: u64 = 253_402_300_799;

pub(super) fn seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

/// The keys are not shown.
impl fmt::Debug for SignedLinks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keys: Vec<_> =
            std::iter::once(&self.inner.current).chain(&self.inner.older).map(|key| &key.id).collect();
        f.debug_struct("SignedLinks")
            .field("keys", &keys)
            .field("covered", &self.inner.covered)
            .field("max_lifetime", &self.inner.max_lifetime)
            .finish_non_exhaustive()
    }
}
