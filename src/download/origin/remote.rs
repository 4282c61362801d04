use std::fmt;

use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use sha2::{Digest, Sha256};
use url::{Host, Url};

use super::OriginError;

/// A server that files may come from: scheme, host and port, and how it is asked.
///
/// ```
/// use actix_charter::download::origin::{Origin, Remote};
/// let media = Remote::new("https://media.example.com:8443")?.bearer("s3cr3t")?;
/// assert!(!format!("{media:?}").contains("s3cr3t"));
/// let origin = Origin::new().allow(media)?.allow(Remote::new("https://cdn.example.com")?.public())?;
/// # Ok::<(), actix_charter::download::origin::OriginError>(())
/// ```
#[derive(Clone)]
pub struct Remote {
    scheme: String,
    host: Host,
    port: u16,
    headers: HeaderMap,
    public: bool,
}

impl Remote {
    /// The server at `scheme://host` or `scheme://host:port`.
    ///
    /// # Errors
    /// When it is anything else: another scheme than `http` and `https`, with a path, a query, a user or a password.
    pub fn new(server: &str) -> Result<Self, OriginError> {
        let url = Url::parse(server).map_err(|_| OriginError::Server)?;
        let bare = matches!(url.path(), "" | "/")
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none()
            && !server.chars().any(|char| char.is_control() || char.is_whitespace() || char == '*');
        match (url.scheme(), url.host(), url.port_or_known_default()) {
            (scheme @ ("http" | "https"), Some(host), Some(port)) if bare => Ok(Self {
                scheme: scheme.to_owned(),
                host: host.to_owned(),
                port,
                headers: HeaderMap::new(),
                public: false,
            }),
            _ => Err(OriginError::Server),
        }
    }

    /// A mark of the headers that only this server is sent, and of no use to who reads it; empty when there are none.
    pub(crate) fn credentials(&self) -> String {
        if self.headers.is_empty() {
            return String::new();
        }
        let mut digest = Sha256::new();
        for (name, value) in &self.headers {
            for part in [name.as_str().as_bytes(), value.as_bytes()] {
                digest.update((part.len() as u64).to_be_bytes());
                digest.update(part);
            }
        }
        digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Sends this header to it, and to no other server: never after a redirect to or from another one.
    ///
    /// # Errors
    /// When it cannot be sent, or is one that the connection, `Range` or content coding depends on.
    pub fn header(mut self, name: &str, value: &str) -> Result<Self, OriginError> {
        const OURS: &[&str] = &[
            "accept-encoding",
            "connection",
            "content-length",
            "expect",
            "host",
            "if-match",
            "if-modified-since",
            "if-none-match",
            "if-range",
            "if-unmodified-since",
            "keep-alive",
            "proxy-connection",
            "range",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade",
        ];
        let name = HeaderName::try_from(name).map_err(|_| OriginError::Header)?;
        let mut value = HeaderValue::try_from(value).map_err(|_| OriginError::Header)?;
        if OURS.contains(&name.as_str()) {
            return Err(OriginError::Header);
        }
        value.set_sensitive(true);
        self.headers.insert(name, value);
        Ok(self)
    }

    /// Sends `Authorization: Bearer` with this token to it (RFC 6750 §2.1), as [`header`](Self::header) does.
    ///
    /// # Errors
    /// When the token cannot be sent.
    pub fn bearer(self, token: &str) -> Result<Self, OriginError> {
        self.header(AUTHORIZATION.as_str(), &format!("Bearer {token}"))
    }

    /// Clients may be sent to it themselves, where the [`Delivery`](crate::download::Delivery) redirects and nothing is said
    /// about the file that this server would not say. Never with [headers](Self::header) of its own.
    #[must_use]
    pub const fn public(mut self) -> Self {
        self.public = true;
        self
    }

    pub(super) fn serves(&self, url: &Url) -> bool {
        url.scheme() == self.scheme
            && url.host().is_some_and(|host| host == self.host)
            && url.port_or_known_default() == Some(self.port)
    }

    pub(super) fn is_same(&self, other: &Self) -> bool {
        (&self.scheme, &self.host, self.port) == (&other.scheme, &other.host, other.port)
    }

    pub(super) const fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    pub(super) fn is_public(&self) -> bool {
        self.public && self.headers.is_empty()
    }

    /// The value of `Authorization`; `None` when it takes other headers than that.
    #[allow(clippy::option_option, reason = "none is needed, or one that cannot be told")]
    pub(super) fn authorization(&self) -> Option<Option<String>> {
        let value = match self.headers.get(AUTHORIZATION) {
            Some(value) => Some(value.to_str().ok()?.to_owned()),
            None => None,
        };
        (self.headers.len() == usize::from(value.is_some())).then_some(value)
    }
}

impl TryFrom<&str> for Remote {
    type Error = OriginError;

    fn try_from(server: &str) -> Result<Self, OriginError> {
        Self::new(server)
    }
}

impl fmt::Debug for Remote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Remote({}://{}:{}", self.scheme, self.host, self.port)?;
        for name in self.headers.keys() {
            write!(f, ", {name}")?;
        }
        f.write_str(if self.public { ", public)" } else { ")" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_a_scheme_a_host_and_a_port() {
        for good in [
            "https://files.example.com",
            "http://files.example.com:8080",
            "https://files.example.com/",
            "http://[2001:db8::1]:80",
            "http://10.0.0.1",
        ] {
            assert!(Remote::new(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "files.example.com",
            "//files.example.com",
            "ftp://files.example.com",
            "file:///etc/passwd",
            "unix:/run/x",
            "https://files.example.com/a",
            "https://files.example.com?a",
            "https://files.example.com#a",
            "https://user@files.example.com",
            "https://:password@files.example.com",
            "https://files.example.com:0x50",
            "https://*.example.com",
            "https://files.example.com\n",
            "https://",
        ] {
            assert_eq!(Remote::new(bad).unwrap_err(), OriginError::Server, "{bad}");
        }
    }

    #[test]
    fn a_url_is_served_by_exactly_one() {
        let remote = Remote::new("https://Files.example.com").unwrap();
        let serves = |url: &str| remote.serves(&Url::parse(url).unwrap());
        for its in [
            "https://files.example.com/a",
            "https://FILES.example.com:443/",
            "https:\\\\files.example.com\\a",
        ] {
            assert!(serves(its), "{its}");
        }
        for others in [
            "http://files.example.com/a",
            "https://files.example.com:444/a",
            "https://files.example.com./a",
            "https://a.files.example.com/",
            "https://files.example.com.evil.example/",
            "https://files.example.com@evil.example/",
            "https://evil.example/files.example.com",
            "https://evil.example\\@files.example.com/",
        ] {
            assert!(!serves(others), "{others}");
        }
    }

    #[test]
    fn headers_that_frame_the_request_are_ours() {
        let remote = Remote::new("https://files.example.com").unwrap();
        for (name, value) in [
            ("Range", "bytes=0-"),
            ("host", "evil"),
            ("a b", "x"),
            ("x-key", "a\r\nb: c"),
            ("accept-encoding", "gzip"),
        ] {
            assert_eq!(remote.clone().header(name, value).unwrap_err(), OriginError::Header, "{name}");
        }
        assert_eq!(remote.authorization(), Some(None));
        let bearer = remote.bearer("t").unwrap();
        assert_eq!(bearer.authorization(), Some(Some("Bearer t".to_owned())));
        assert_eq!(bearer.header("x-key", "k").unwrap().authorization(), None);
    }
}
