use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    path::Path,
    sync::Arc,
    time::Duration,
};

use actix_web::{
    HttpResponse,
    http::{
        StatusCode,
        header::{CONTENT_ENCODING, CONTENT_RANGE, ETAG, HeaderName, HeaderValue, LAST_MODIFIED},
    },
};

use super::{Offload, OffloadError, rule::is_location, server::Language};
use crate::download::Link;

/// What lies behind the URL.
pub(super) const URL: &str = "x-download-url";
/// What its server wants to see as `Authorization`.
pub(super) const AUTHORIZATION: &str = "x-download-authorization";
/// What is said of the file, and the header that carries it: nginx would keep the first for an error page in the file's place.
pub(super) const CARRIED: [(&str, &str); 3] = [
    ("Cache-Control", "x-download-cache-control"),
    ("Content-Disposition", "x-download-content-disposition"),
    ("Expires", "x-download-expires"),
];

/// Below the location for remote files: the one for those whose validators are said by the application.
pub(super) const OWN: &str = "own";

/// How the server fetches what lies behind URLs.
#[derive(Debug, Clone)]
pub(super) struct Remotes {
    /// With a slash at both ends; `None` when it is not to fetch any.
    pub(super) location: Option<String>,
    /// Addresses of name servers, with ports.
    pub(super) resolvers: Vec<SocketAddr>,
    /// A file with the certificates of authorities, in PEM.
    pub(super) authorities: Option<String>,
    pub(super) timeout: Duration,
}

impl Default for Remotes {
    fn default() -> Self {
        Self { location: None, resolvers: Vec::new(), authorities: None, timeout: Duration::from_secs(30) }
    }
}

/// Files behind URLs, of other servers and of object stores: fetched and passed on by nginx.
impl Offload {
    /// Makes nginx fetch what lies behind a URL itself, under this internal location. nginx only.
    ///
    /// The URL, checked by whoever gave it, goes there in `X-Download-Url`; [`config_fragment`](Self::config_fragment)
    /// writes what nginx must know. It passes on the client's `Range` and `If-Range`, and nothing else of the client's; of the
    /// other server's headers it passes on length, range and validators, and takes out all that a browser or a cache would
    /// act upon. 404 and 410 become 404, 416 stays, every other error, a redirect included, is a 502, and what does not come in
    /// time a 504; no error is kept by caches.
    ///
    /// The URL, signed or not, and the `Authorization` of its server stand in what the application answers: whoever reaches the
    /// application past nginx reads them. So what no client may see is told to this machine alone, or to the
    /// [`trusted_peers`](Self::trusted_peers) that you name; for anyone else the application fetches the file itself.
    ///
    /// A URL with a host's name is only told to nginx when it has a [`resolver`](Self::resolver), and one with `https` when it
    /// has [`authorities`](Self::authorities), too; never one with `https` and an address. Names are looked up by nginx, which connects to whatever address it finds: name
    /// servers that say `10.0.0.1` for an allowed name are believed. So is an answer that is encoded though nobody asked for
    /// it, and any 2xx. nginx writes URLs into its error log. What can be told in no answer of nginx's size is fetched by the application.
    ///
    /// ```
    /// use actix_charter::download::{Delivery, offload::Offload};
    /// let offload = Offload::nginx()
    ///     .remote("/remote/")?
    ///     .resolver("127.0.0.53")?
    ///     .authorities("/etc/ssl/certs/ca-certificates.crt")?;
    /// let fragment = offload.config_fragment("127.0.0.1:8080")?;
    /// assert!(fragment.contains("location = /remote/ {") && fragment.contains("proxy_ssl_verify on;"));
    /// let delivery = Delivery::new().offload(offload);
    /// # Ok::<(), actix_charter::download::offload::OffloadError>(())
    /// ```
    ///
    /// # Errors
    /// When the server is another than nginx, `location` is no internal location, or that of a root.
    pub fn remote(mut self, location: &str) -> Result<Self, OffloadError> {
        let inner = Arc::make_mut(&mut self.inner);
        if inner.server.language != Language::Nginx {
            return Err(OffloadError::Remote);
        }
        if !is_location(location) {
            return Err(OffloadError::Prefix { prefix: location.to_owned() });
        }
        if inner.rules.iter().any(|rule| rule.target == location.as_bytes()) {
            return Err(OffloadError::TargetTwice { target: location.to_owned() });
        }
        inner.remotes.location = Some(location.to_owned());
        Ok(self)
    }

    /// The address of a name server, with its port if that is not 53: `127.0.0.53`, `[::1]:5353`. Several are asked in turn.
    ///
    /// # Errors
    /// When it is no address.
    pub fn resolver(mut self, address: &str) -> Result<Self, OffloadError> {
        let parsed = address
            .parse::<SocketAddr>()
            .or_else(|_| address.parse::<IpAddr>().map(|address| SocketAddr::new(address, 53)))
            .map_err(|_| OffloadError::Resolver { resolver: address.to_owned() })?;
        Arc::make_mut(&mut self.inner).remotes.resolvers.push(parsed);
        Ok(self)
    }

    /// The file with the certificates of the authorities, in PEM, by which nginx knows servers with `https`; on Debian
    /// `/etc/ssl/certs/ca-certificates.crt`. nginx reads it, so it need not lie on this machine.
    ///
    /// # Errors
    /// When it is no absolute path that nginx's configuration can hold.
    pub fn authorities(mut self, file: impl AsRef<Path>) -> Result<Self, OffloadError> {
        let path = file.as_ref();
        let text = path.to_str().filter(|_| path.is_absolute()).and_then(super::fragment::nginx_quoted);
        let quoted = text.ok_or_else(|| OffloadError::Authorities { file: path.to_path_buf() })?;
        Arc::make_mut(&mut self.inner).remotes.authorities = Some(quoted);
        Ok(self)
    }

    /// How long nginx waits for a connection to another server, and then for each byte; thirty seconds unless told.
    #[must_use]
    pub fn remote_timeout(mut self, timeout: Duration) -> Self {
        Arc::make_mut(&mut self.inner).remotes.timeout = timeout;
        self
    }
}

impl Remotes {
    /// Puts into the answer what makes the server fetch the link's file. Gives the location that the server is sent to.
    pub(super) fn tell(&self, link: &Link, response: &mut HttpResponse) -> Option<HeaderValue> {
        let location = self.location.as_deref()?;
        let whole = response.status() == StatusCode::OK
            && !response.headers().contains_key(CONTENT_RANGE)
            && !response.headers().contains_key(CONTENT_ENCODING);
        if !whole || !self.reaches(&link.url) {
            return None;
        }
        let url = HeaderValue::from_str(&link.url).ok()?;
        let authorization = match &link.authorization {
            Some(value) => Some(HeaderValue::from_str(value).ok()?),
            None => None,
        };
        let headers = response.headers_mut();
        let own = headers.contains_key(ETAG) || headers.contains_key(LAST_MODIFIED);
        let location =
            HeaderValue::try_from(if own { format!("{location}{OWN}") } else { location.to_owned() });
        headers.insert(HeaderName::from_static(URL), url);
        if let Some(authorization) = authorization {
            headers.insert(HeaderName::from_static(AUTHORIZATION), authorization);
        }
        for (said, carried) in CARRIED {
            if let Some(value) = headers.get(said).cloned() {
                headers.remove(said);
                headers.insert(HeaderName::from_static(carried), value);
            }
        }
        location.ok()
    }

    /// Whether nginx can connect to this URL's server, and asks for exactly this URL.
    fn reaches(&self, url: &str) -> bool {
        let (rest, is_secure) = match (url.strip_prefix("http://"), url.strip_prefix("https://")) {
            (Some(rest), _) => (rest, false),
            (_, Some(rest)) => (rest, true),
            _ => return false,
        };
        let Some((authority, _)) = rest.split_once('/') else { return false };
        let Some(is_name) = is_name(authority) else { return false };
        url.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#')
            // nginx finds no address in a certificate.
            && (!is_secure || (is_name && self.authorities.is_some()))
            && (!is_name || !self.resolvers.is_empty())
    }
}

/// Whether the host is a name, not an address; `None` when it is neither.
fn is_name(authority: &str) -> Option<bool> {
    let (host, port) = match authority.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((host, port)) => {
            host.parse::<Ipv6Addr>().ok()?;
            (None, port)
        }
        None => {
            let (host, port) = authority.split_at(authority.find(':').unwrap_or(authority.len()));
            (Some(host), port)
        }
    };
    if !port.is_empty() {
        port.strip_prefix(':')?.parse::<u16>().ok().filter(|port| *port != 0)?;
    }
    let Some(host) = host else { return Some(false) };
    if host.parse::<Ipv4Addr>().is_ok() {
        return Some(false);
    }
    let named =
        !host.is_empty() && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte));
    named.then_some(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nginx_is_told_what_it_can_reach() {
        let bare = Offload::nginx().remote("/remote/").unwrap();
        let names = bare.clone().resolver("127.0.0.53").unwrap();
        let all = names.clone().authorities("/etc/ssl/cert.pem").unwrap();
        let reach = |url: &str| [&bare, &names, &all].map(|offload| offload.inner.remotes.reaches(url));
        for (url, reached) in [
            ("http://10.0.0.1/a", [true; 3]),
            ("http://10.0.0.1:8080/a?b=c%20d", [true; 3]),
            ("http://[::1]:8080/", [true; 3]),
            ("http://files.example.com/a%2Fb", [false, true, true]),
            ("https://10.0.0.1/a", [false; 3]),
            ("https://[::1]/a", [false; 3]),
            ("https://files.example.com:8443/a", [false, false, true]),
            ("http://files.example.com", [false; 3]),
            ("http://files.example.com?a=/", [false; 3]),
            ("http://user@files.example.com/", [false; 3]),
            ("http://files.example.com:/", [false; 3]),
            ("http://files.example.com:0/", [false; 3]),
            ("http://files.example.com:80:80/", [false; 3]),
            ("http://[::1/", [false; 3]),
            ("http:///a", [false; 3]),
            ("http://files.example.com/a#b", [false; 3]),
            ("http://files.example.com/a b", [false; 3]),
            ("http://files.example.com/a\r\nb", [false; 3]),
            ("http://files.example.com/é", [false; 3]),
            ("HTTP://files.example.com/", [false; 3]),
            ("unix:/run/socket:/", [false; 3]),
            ("/protected/a", [false; 3]),
            ("", [false; 3]),
        ] {
            assert_eq!(reach(url), reached, "{url:?}");
        }
    }

    #[test]
    fn what_cannot_be_configured_is_told() {
        assert_eq!(Offload::apache().remote("/remote/").unwrap_err(), OffloadError::Remote);
        assert!(matches!(Offload::nginx().remote("/remote"), Err(OffloadError::Prefix { .. })));
        let root = tempfile::tempdir().unwrap();
        let twice = Offload::nginx().map(root.path(), "/a/").unwrap().remote("/a/").unwrap_err();
        assert_eq!(twice, OffloadError::TargetTwice { target: "/a/".into() });
        let twice = Offload::nginx().remote("/a/").unwrap().map(root.path(), "/a/").unwrap_err();
        assert_eq!(twice, OffloadError::TargetTwice { target: "/a/".into() });
        for bad in ["", "localhost", "127.0.0.1;", "127.0.0.1:99999", "::1:53:x"] {
            assert!(Offload::nginx().resolver(bad).is_err(), "{bad}");
        }
        for bad in ["", "cert.pem", "/a\nb", "/a$b"] {
            assert!(Offload::nginx().authorities(bad).is_err(), "{bad:?}");
        }
    }
}
