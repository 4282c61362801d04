use actix_web::{HttpRequest, http::header};

/// Which sites' pages may open a socket. A browser sends cookies along with any site's handshake, and asks nobody; the check of
/// `Origin` is all there is against another site speaking in a user's name (RFC 6455 §10.2).
///
/// A client that sends neither `Origin` nor `Sec-Fetch-Site` is no browser, and is let in unless told otherwise. A picture or a link of
/// another site has no `Origin`, and is told by `Sec-Fetch-Site`. `null`, the origin of sandboxed and local
/// pages, is never let in.
///
/// ```
/// use actix_charter::live::socket::OriginPolicy;
///
/// let origins = OriginPolicy::same_host().allow("https://*.example.com").behind_proxy();
/// ```
#[derive(Debug, Clone)]
pub struct OriginPolicy {
    is_any: bool,
    same_host: bool,
    allowed: Vec<String>,
    absent: bool,
    behind_proxy: bool,
}

impl OriginPolicy {
    /// Pages of the host that is asked.
    #[must_use]
    pub fn same_host() -> Self {
        Self { is_any: false, same_host: true, allowed: Vec::new(), absent: true, behind_proxy: false }
    }

    /// Only what is [allowed](Self::allow) by name.
    #[must_use]
    pub fn only() -> Self {
        Self { same_host: false, ..Self::same_host() }
    }

    /// Every site. Only for sockets that know their users by other means than cookies.
    #[must_use]
    pub fn any() -> Self {
        Self { is_any: true, ..Self::same_host() }
    }

    /// Allows an origin as well: `https://app.example.com`, or with `*` for any run of a host's or port's characters:
    /// `https://*.example.com`, `http://localhost:*`.
    #[must_use]
    pub fn allow(mut self, origin: impl Into<String>) -> Self {
        self.allowed.push(origin.into().to_ascii_lowercase());
        self
    }

    /// Refuses clients without an `Origin` as well.
    #[must_use]
    pub fn refuse_absent(mut self) -> Self {
        self.absent = false;
        self
    }

    /// Takes the host that is asked from `Forwarded` or `X-Forwarded-Host`. Only for servers that nobody reaches but through a
    /// proxy that sets them.
    #[must_use]
    pub fn behind_proxy(mut self) -> Self {
        self.behind_proxy = true;
        self
    }

    /// May this request's page connect?
    pub fn admits(&self, request: &HttpRequest) -> bool {
        let mut origins = request.headers().get_all(header::ORIGIN);
        let Some(origin) = origins.next() else {
            return self.absent && (self.is_any || !is_cross_site(request));
        };
        let Some(origin) = origin.to_str().ok().map(str::to_ascii_lowercase) else { return false };
        if origins.next().is_some() || origin == "null" {
            return false;
        }
        if self.is_any {
            return true;
        }
        let Some((scheme, authority)) = split(&origin) else { return false };
        if self.same_host {
            let asked = if self.behind_proxy {
                request.connection_info().host().to_ascii_lowercase()
            } else {
                host(request)
            };
            // The scheme is not compared: behind a proxy that ends TLS it is not known.
            let default = if scheme == "https" { ":443" } else { ":80" };
            if !asked.is_empty() && without(authority, default) == without(&asked, default) {
                return true;
            }
        }
        self.allowed.iter().any(|pattern| matches(pattern.as_bytes(), origin.as_bytes()))
    }
}

/// Whether a browser says that another site's page is behind it.
fn is_cross_site(request: &HttpRequest) -> bool {
    let mut sites = request.headers().get_all("sec-fetch-site");
    sites.any(|site| !matches!(site.as_bytes(), b"same-origin" | b"none"))
}

fn host(request: &HttpRequest) -> String {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    host.or_else(|| request.uri().authority().map(|authority| authority.as_str()))
        .unwrap_or_default()
        .to_ascii_lowercase()
}

/// Scheme and authority of an origin that is nothing else.
fn split(origin: &str) -> Option<(&str, &str)> {
    let (scheme, authority) = origin.split_once("://")?;
    let is_authority = authority
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b':' | b'[' | b']'));
    (is_authority && !authority.is_empty()).then_some((scheme, authority))
}

fn without<'a>(authority: &'a str, port: &str) -> &'a str {
    authority.strip_suffix(port).unwrap_or(authority)
}

/// `*` is any run of characters, though none that would leave the authority.
fn matches(pattern: &[u8], origin: &[u8]) -> bool {
    match pattern.split_first() {
        None => origin.is_empty(),
        Some((b'*', rest)) => {
            let reach = origin.iter().position(|byte| *byte == b'/').unwrap_or(origin.len());
            (0..=reach).any(|taken| origin.get(taken..).is_some_and(|origin| matches(rest, origin)))
        }
        Some((first, rest)) => {
            origin.split_first().is_some_and(|(byte, origin)| byte == first && matches(rest, origin))
        }
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn admits(policy: &OriginPolicy, host: &str, origin: Option<&str>) -> bool {
        let mut request = TestRequest::default().insert_header((header::HOST, host));
        if let Some(origin) = origin {
            request = request.insert_header((header::ORIGIN, origin));
        }
        policy.admits(&request.to_http_request())
    }

    #[test]
    fn the_same_host() {
        let policy = OriginPolicy::same_host();
        for (host, origin, expected) in [
            ("example.com", Some("https://example.com"), true),
            ("example.com", Some("http://EXAMPLE.com"), true),
            ("example.com:443", Some("https://example.com"), true),
            ("example.com", Some("https://example.com:443"), true),
            ("example.com:8080", Some("http://example.com:8080"), true),
            ("[::1]:8080", Some("http://[::1]:8080"), true),
            ("example.com", None, true),
            ("example.com", Some("https://example.com:8443"), false),
            ("example.com:443", Some("http://example.com"), false),
            ("example.com", Some("https://example.com.evil.net"), false),
            ("example.com", Some("https://evil.net"), false),
            ("example.com", Some("https://evil.net/@example.com"), false),
            ("example.com", Some("null"), false),
            ("example.com", Some(""), false),
            ("", Some("https://"), false),
        ] {
            assert_eq!(admits(&policy, host, origin), expected, "{host} from {origin:?}");
        }
        assert!(!admits(&policy.refuse_absent(), "example.com", None));
    }

    #[test]
    fn allowed_by_name() {
        let policy = OriginPolicy::only().allow("https://*.Example.com").allow("http://localhost:*");
        for (origin, expected) in [
            ("https://app.example.com", true),
            ("https://a.b.example.com", true),
            ("http://localhost:3000", true),
            ("https://example.com", false),
            ("http://app.example.com", false),
            ("https://app.example.com:8443", false),
            ("https://evil.net/.example.com", false),
            ("https://evilexample.com", false),
            ("http://localhost", false),
            ("https://host", false),
        ] {
            assert_eq!(admits(&policy, "host", Some(origin)), expected, "{origin}");
        }
        assert!(admits(&OriginPolicy::any(), "host", Some("https://evil.net")));
        assert!(!admits(&OriginPolicy::any(), "host", Some("null")));
    }

    #[test]
    fn behind_a_proxy() {
        let request = || {
            TestRequest::default()
                .insert_header((header::HOST, "10.0.0.7:8000"))
                .insert_header(("x-forwarded-host", "example.com"))
                .insert_header((header::ORIGIN, "https://example.com"))
                .to_http_request()
        };
        assert!(!OriginPolicy::same_host().admits(&request()));
        assert!(OriginPolicy::same_host().behind_proxy().admits(&request()));
    }

    #[test]
    fn what_has_no_origin_may_be_another_sites_picture() {
        for (site, expected) in
            [("cross-site", false), ("same-site", false), ("same-origin", true), ("none", true)]
        {
            let request = || TestRequest::default().insert_header(("sec-fetch-site", site)).to_http_request();
            assert_eq!(OriginPolicy::same_host().admits(&request()), expected, "{site}");
            assert!(OriginPolicy::any().admits(&request()), "{site}");
        }
    }

    #[test]
    fn two_origins_are_none() {
        let request = TestRequest::default()
            .insert_header((header::HOST, "example.com"))
            .append_header((header::ORIGIN, "https://example.com"))
            .append_header((header::ORIGIN, "https://evil.net"))
            .to_http_request();
        assert!(!OriginPolicy::same_host().admits(&request));
    }
}
