use std::{
    borrow::Cow,
    fmt,
    time::{Duration, SystemTime},
};

use actix_web::http::Method;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::{
    SignedLinkError, SignedLinks,
    links::{EXPIRES, SIGNATURE, SUBJECT, seconds},
    parts::Parts,
};

/// What RFC 3986 §2.3 leaves alone; nobody on the way encodes or decodes it.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A link that is being put together, from [`SignedLinks::link`]. [`sign`](Self::sign) gives it.
#[must_use = "there is no link before `sign`"]
pub struct LinkBuilder<'a> {
    links: &'a SignedLinks,
    method: Method,
    /// `None` when it is no path.
    segments: Option<Vec<String>>,
    query: Vec<(String, String)>,
    subject: Option<String>,
    expires: Option<SystemTime>,
}

impl<'a> LinkBuilder<'a> {
    pub(super) fn new(links: &'a SignedLinks, method: Method, path: &str) -> Self {
        let segments = path.strip_prefix('/').map(|path| path.split('/').map(str::to_owned).collect());
        Self { links, method, segments, query: Vec::new(), subject: None, expires: None }
    }

    pub(super) fn of_segments(links: &'a SignedLinks, method: Method, segments: Vec<String>) -> Self {
        let segments = Some(segments).filter(|segments| !segments.is_empty());
        Self { links, method, segments, query: Vec::new(), subject: None, expires: None }
    }

    /// Adds a parameter. It is signed too, unless [`SignedLinks::only_query`] leaves it out.
    pub fn query(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.query.push((name.into(), value.into()));
        self
    }

    /// Whom the link is for: told to the handler by [`VerifiedLink::subject`](super::VerifiedLink::subject), and compared with who
    /// is calling where links are [bound](SignedLinks::bound_to). It stands in the link as the parameter `subject`, to be read by
    /// anyone who sees it.
    pub fn subject(mut self, subject: impl Into<String>) -> Self {
        self.subject = Some(subject.into());
        self
    }

    /// How long the link is good, from now.
    pub fn valid_for(mut self, lifetime: Duration) -> Self {
        // What cannot be added is beyond every maximum, and told by `sign`.
        self.expires = Some(self.links.now().checked_add(lifetime).unwrap_or(SystemTime::UNIX_EPOCH));
        self
    }

    /// When the link is over, in whole seconds.
    pub fn expires_at(mut self, at: SystemTime) -> Self {
        self.expires = Some(at);
        self
    }

    /// Path and query of the link, encoded.
    ///
    /// # Errors
    /// When the path is none, a parameter has a name of the link's own, the expiry is missing, over or too far away, or the
    /// subject is missing where links are bound.
    pub fn sign(self) -> Result<String, SignedLinkError> {
        let segments = self.segments.ok_or(SignedLinkError::Path)?;
        // Clients resolve dot segments before they ask (RFC 3986 §5.2.4).
        if segments.iter().any(|segment| segment == "." || segment == "..") {
            return Err(SignedLinkError::Path);
        }
        if self.query.iter().any(|(name, _)| [EXPIRES, SIGNATURE, SUBJECT].contains(&name.as_str())) {
            return Err(SignedLinkError::Reserved);
        }
        if self.subject.is_none() && self.links.is_bound() {
            return Err(SignedLinkError::NoSubject);
        }
        let expires = seconds(self.expires.ok_or(SignedLinkError::NoExpiry)?);
        let now = seconds(self.links.now());
        if expires <= now || expires - now > self.links.max_lifetime().as_secs() {
            return Err(SignedLinkError::Expiry);
        }
        let bytes = |text: &'_ str| Cow::Owned(text.as_bytes().to_vec());
        let covered = self.query.iter().filter(|(name, _)| self.links.covers(name.as_bytes()));
        let signature = self.links.signature(Parts {
            key_id: self.links.key_id(),
            method: &self.method,
            segments: segments.iter().map(|segment| bytes(segment)).collect(),
            expires,
            subject: self.subject.as_deref(),
            query: covered.map(|(name, value)| (bytes(name), bytes(value))).collect(),
        });

        let expires = expires.to_string();
        let mut link = String::new();
        for segment in &segments {
            link.push('/');
            link.extend(utf8_percent_encode(segment, ENCODED));
        }
        let own = [
            self.subject.as_deref().map(|subject| (SUBJECT, subject)),
            Some((EXPIRES, expires.as_str())),
            Some((SIGNATURE, signature.as_str())),
        ];
        let query = self.query.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        for (number, (name, value)) in query.chain(own.into_iter().flatten()).enumerate() {
            link.push(if number == 0 { '?' } else { '&' });
            link.extend(utf8_percent_encode(name, ENCODED));
            link.push('=');
            link.extend(utf8_percent_encode(value, ENCODED));
        }
        Ok(link)
    }
}

impl fmt::Debug for LinkBuilder<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LinkBuilder").field("method", &self.method).finish_non_exhaustive()
    }
}
