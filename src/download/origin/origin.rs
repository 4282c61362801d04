use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use ipnet::IpNet;
use reqwest::{Certificate, Client};
use url::{Host, Url};

use super::{OriginError, Remote, address, resolver::CheckedResolver};
use crate::download::Unavailable;

/// Files behind other HTTP servers: which servers, and how they are asked. Cheap to clone; clones share their connections.
///
/// Each setting gives an origin with connections of its own, so it is made once, when the program starts.
///
/// ```
/// use actix_charter::download::origin::Origin;
/// use std::time::Duration;
/// let origin = Origin::new()
///     .allow("https://files.example.com")?
///     .allow("https://mirror.example.net:8443")?
///     .first_byte_timeout(Duration::from_secs(5))
///     .max_size(100 << 20);
/// assert!(origin.allows("https://files.example.com/a/b?c"));
/// assert!(!origin.allows("http://files.example.com/a/b?c"));
/// # Ok::<(), actix_charter::download::origin::OriginError>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Origin {
    pub(super) inner: Arc<Inner>,
}

#[derive(Debug, Clone)]
pub(super) struct Inner {
    remotes: Vec<Remote>,
    named: Vec<IpNet>,
    authorities: Vec<Certificate>,
    pub(super) max_redirects: usize,
    connect_timeout: Duration,
    pub(super) first_byte_timeout: Duration,
    pub(super) stall_timeout: Duration,
    pub(super) max_size: Option<u64>,
    pub(super) end_at_close: bool,
    /// Made at first use; `None` when the system's certificates cannot be read.
    client: OnceLock<Option<Client>>,
}

impl Default for Inner {
    fn default() -> Self {
        Self {
            remotes: Vec::new(),
            named: Vec::new(),
            authorities: Vec::new(),
            max_redirects: 5,
            connect_timeout: Duration::from_secs(10),
            first_byte_timeout: Duration::from_secs(30),
            stall_timeout: Duration::from_secs(30),
            max_size: None,
            end_at_close: false,
            client: OnceLock::new(),
        }
    }
}

impl Origin {
    /// No server is allowed yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Files may come from this server: its scheme, host and port as text, or a [`Remote`]. Said again, it is replaced.
    ///
    /// # Errors
    /// When the text is no server, or more than one.
    pub fn allow<R>(self, server: R) -> Result<Self, OriginError>
    where
        R: TryInto<Remote>,
        OriginError: From<R::Error>,
    {
        let remote = server.try_into()?;
        Ok(self.with(|inner| {
            inner.remotes.retain(|other| !other.is_same(&remote));
            inner.remotes.push(remote);
        }))
    }

    /// Servers may have addresses in this network, though it is no public one. An address alone is a network, too.
    ///
    /// The addresses at which clouds hand out credentials are only allowed when they are named alone.
    ///
    /// # Errors
    /// When it is no network.
    pub fn allow_private(self, network: &str) -> Result<Self, OriginError> {
        let network: IpNet = network
            .parse()
            .or_else(|_| network.parse().map(|address: std::net::IpAddr| address.into()))
            .map_err(|_| OriginError::Network)?;
        Ok(self.with(|inner| inner.named.push(network)))
    }

    /// Trusts the certificates, in PEM, of these authorities, too, besides those of the system.
    ///
    /// # Errors
    /// When there are none.
    pub fn authority(self, pem: &[u8]) -> Result<Self, OriginError> {
        let certificates = Certificate::from_pem_bundle(pem)
            .ok()
            .filter(|certificates| !certificates.is_empty())
            .ok_or(OriginError::Certificate)?;
        Ok(self.with(|inner| inner.authorities.extend(certificates)))
    }

    /// Follows so many redirects, each to an allowed server and none from `https` to `http`; 5 unless told.
    #[must_use]
    pub fn max_redirects(self, most: usize) -> Self {
        self.with(|inner| inner.max_redirects = most)
    }

    /// How long looking a server up and connecting to it may take; ten seconds unless told.
    #[must_use]
    pub fn connect_timeout(self, timeout: Duration) -> Self {
        self.with(|inner| inner.connect_timeout = timeout)
    }

    /// How long it may take until the answer begins, redirects included; thirty seconds unless told.
    #[must_use]
    pub fn first_byte_timeout(self, timeout: Duration) -> Self {
        self.with(|inner| inner.first_byte_timeout = timeout)
    }

    /// How long no byte may come while the client waits for one; thirty seconds unless told.
    #[must_use]
    pub fn stall_timeout(self, timeout: Duration) -> Self {
        self.with(|inner| inner.stall_timeout = timeout)
    }

    /// Files longer than so many bytes are not passed on: one that says so is a 502, one that proves so ends there, and the
    /// connection with it. As nobody else would hold to it, no proxy and no client is told the URLs of such an origin.
    #[must_use]
    pub fn max_size(self, bytes: u64) -> Self {
        self.with(|inner| inner.max_size = Some(bytes))
    }

    /// Takes answers, too, that neither say their length nor come in chunks, and so end when the connection does. Whether such
    /// a file is whole, nobody can tell (RFC 9112 §8); without this they are a 502.
    #[must_use]
    pub fn end_at_close(self) -> Self {
        self.with(|inner| inner.end_at_close = true)
    }

    /// Whether a file of this URL may be asked for, as far as the URL tells.
    #[must_use]
    pub fn allows(&self, url: &str) -> bool {
        parse(url).is_some_and(|url| self.remote(&url).is_ok())
    }

    fn with(mut self, change: impl FnOnce(&mut Inner)) -> Self {
        let inner = Arc::make_mut(&mut self.inner);
        change(inner);
        inner.client = OnceLock::new();
        self
    }

    /// The server of this URL, if it is allowed.
    ///
    /// # Errors
    /// Why it is not, for the log.
    pub(super) fn remote(&self, url: &Url) -> Result<&Remote, &'static str> {
        if !url.username().is_empty() || url.password().is_some() {
            return Err("the URL has a user or a password in it");
        }
        let remote = self
            .inner
            .remotes
            .iter()
            .find(|remote| remote.serves(url))
            .ok_or("the URL's server is not allowed")?;
        // The resolver is never asked about these.
        let literal = match url.host() {
            Some(Host::Ipv4(address)) => Some(address.into()),
            Some(Host::Ipv6(address)) => Some(address.into()),
            Some(Host::Domain(_)) | None => None,
        };
        if literal.is_some_and(|address| !address::is_allowed(address, &self.inner.named)) {
            return Err("the URL's address may not be connected to");
        }
        Ok(remote)
    }

    pub(super) fn client(&self) -> Result<&Client, Unavailable> {
        let inner = &*self.inner;
        let client = inner.client.get_or_init(|| {
            Client::builder()
                .no_proxy()
                // Each target must be looked at, and gets its own headers: we follow them ourselves.
                .redirect(reqwest::redirect::Policy::none())
                .retry(reqwest::retry::never())
                .referer(false)
                .dns_resolver(CheckedResolver { named: inner.named.clone() })
                .connect_timeout(inner.connect_timeout)
                .tls_certs_merge(inner.authorities.iter().cloned())
                .build()
                .inspect_err(|error| {
                    tracing::error!(target: "actix_charter::download", %error, "no HTTP client can be made");
                })
                .ok()
        });
        client.as_ref().ok_or(Unavailable::Failed)
    }
}

/// A URL as it is asked for: without a fragment, and not one that holds what parsers silently take out.
pub(super) fn parse(url: &str) -> Option<Url> {
    if url.chars().any(|char| char.is_control()) || url.trim().len() != url.len() {
        return None;
    }
    let mut url = Url::parse(url).ok()?;
    url.set_fragment(None);
    Some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_looked_at_however_they_are_spelled() {
        let hosts = ["127.0.0.1", "169.254.169.254", "[::1]", "[::ffff:7f00:1]", "10.0.0.1", "0.0.0.0"];
        let origin = hosts
            .iter()
            .try_fold(Origin::new(), |origin, host| origin.allow(format!("http://{host}").as_str()))
            .unwrap();
        for spelled in [
            "127.0.0.1",
            "127.1",
            "2130706433",
            "0x7f000001",
            "0x7f.1",
            "0177.0.0.1",
            "127.0.0.1.",
            "%31%32%37.0.0.1",
            "１２７.0.0.1",
            "2852039166",
            "0xa9.0376.0xa9fe",
            "[::1]",
            "[0:0:0:0:0:0:0:1]",
            "[::ffff:127.0.0.1]",
            "[0:0::ffff:7f00:0001]",
            "012.0.0.1",
            "0",
        ] {
            let url = format!("http://{spelled}/");
            let parsed = parse(&url).unwrap();
            assert_eq!(
                origin.remote(&parsed).unwrap_err(),
                "the URL's address may not be connected to",
                "{spelled}"
            );
        }
        let origin = origin.allow_private("127.0.0.0/8").unwrap();
        assert!(origin.allows("http://0x7f.1/") && origin.allows("http://[::ffff:127.0.0.1]/"));
        assert!(!origin.allows("http://10.0.0.1/"));
    }

    #[test]
    fn a_url_is_a_server_a_path_and_a_query() {
        let origin = Origin::new().allow("http://files.example.com").unwrap();
        for good in
            ["http://files.example.com", "http://files.example.com/a%2Fb?c#d", "http://files.example.com/é"]
        {
            assert!(origin.allows(good), "{good}");
        }
        for bad in [
            "",
            "/a",
            "http://files.example.com:81/",
            "http://user@files.example.com/",
            "http://:p@files.example.com/",
            "http://files.example.com/a\r\nb",
            "http://files.example.com/a\tb",
            " http://files.example.com/",
            "http://files.example.com\0/",
            "file:///etc/passwd",
            "data:text/plain,a",
        ] {
            assert!(!origin.allows(bad), "{bad:?}");
        }
        assert!(!Origin::new().allows("http://files.example.com/"));
    }

    #[test]
    fn networks_are_networks() {
        for bad in ["", "10.0.0.0/33", "localhost", "10.0.0.0/8,11.0.0.0/8"] {
            assert_eq!(Origin::new().allow_private(bad).unwrap_err(), OriginError::Network, "{bad}");
        }
        assert!(Origin::new().allow_private("10.1.2.3").is_ok());
        assert_eq!(Origin::new().authority(b"none").unwrap_err(), OriginError::Certificate);
    }
}
