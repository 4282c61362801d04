use actix_web::{
    HttpRequest,
    http::{
        Method,
        header::{HOST, ORIGIN},
    },
};

use super::Denial;

/// Which other sites' pages may use credentials that browsers send on their own.
///
/// A cookie goes along with every request to its host, whichever page caused it. So when the credentials came in a cookie
/// and the method is unsafe (RFC 9110 §9.2.1), the request must come from a page of the same origin: browsers say so in
/// `Sec-Fetch-Site`, older ones in `Origin`. A request with neither comes from no browser, and nobody can have been tricked.
#[derive(Debug, Clone, Default)]
pub(crate) struct TrustedOrigins(Vec<String>);

impl TrustedOrigins {
    pub(crate) fn extend(&mut self, origins: impl IntoIterator<Item = impl Into<String>>) {
        self.0.extend(origins.into_iter().map(Into::into));
    }

    /// Lets the request pass, or says why not.
    pub(crate) fn check(&self, request: &HttpRequest) -> Result<(), Denial> {
        let safe = [Method::GET, Method::HEAD, Method::OPTIONS, Method::TRACE];
        if safe.contains(request.method()) || self.is_allowed(request) {
            return Ok(());
        }
        Err(Denial::forbidden("cross_origin", "a cookie does not authorize requests from other sites' pages"))
    }

    fn is_allowed(&self, request: &HttpRequest) -> bool {
        let header = |name: &str| request.headers().get(name).map(|value| value.to_str().unwrap_or_default());
        let origin = header(ORIGIN.as_str());
        if origin.is_some_and(|origin| self.0.iter().any(|trusted| trusted == origin)) {
            return true;
        }
        match (header("sec-fetch-site"), origin) {
            (Some(site), _) => matches!(site, "same-origin" | "none"),
            (None, None) => true,
            // `null`, the origin of sandboxed frames, has no `://` and is refused.
            (None, Some(origin)) => {
                let host = origin.split_once("://").map(|(_, host)| host);
                // HTTP/2 has the authority in the URI; `connection_info` would trust what clients say of it.
                let own =
                    header(HOST.as_str()).or_else(|| request.uri().authority().map(|host| host.as_str()));
                host.is_some() && host == own
            }
        }
    }
}

pub(crate) const CROSS_ORIGIN: &str = "the credentials came in a cookie, from another site's page";

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn passes(method: Method, headers: &[(&'static str, &'static str)]) -> bool {
        let mut trusted = TrustedOrigins::default();
        trusted.extend(["https://app.example.org"]);
        let request = TestRequest::default().method(method).insert_header(("host", "api.example.org"));
        let request = headers.iter().fold(request, |request, header| request.insert_header(*header));
        trusted.check(&request.to_http_request()).is_ok()
    }

    #[test]
    fn safe_methods_pass() {
        assert!(passes(Method::GET, &[("sec-fetch-site", "cross-site")]));
        assert!(passes(Method::HEAD, &[("origin", "https://evil.example")]));
    }

    #[test]
    fn a_page_of_the_same_origin_passes() {
        assert!(passes(Method::POST, &[("sec-fetch-site", "same-origin")]));
        assert!(passes(Method::POST, &[("sec-fetch-site", "none")]));
        assert!(passes(Method::POST, &[("origin", "https://api.example.org")]));
    }

    #[test]
    fn what_is_no_browser_passes() {
        assert!(passes(Method::POST, &[]));
    }

    #[test]
    fn a_trusted_origin_passes() {
        let origin = ("origin", "https://app.example.org");
        assert!(passes(Method::DELETE, &[("sec-fetch-site", "same-site"), origin]));
        assert!(passes(Method::DELETE, &[origin]));
    }

    #[test]
    fn other_pages_are_refused() {
        for site in ["cross-site", "same-site", "", "same-origin, none"] {
            assert!(!passes(Method::POST, &[("sec-fetch-site", site)]), "{site}");
        }
        for origin in ["https://evil.example", "null", "", "https://api.example.org.evil.example", "://"] {
            assert!(!passes(Method::POST, &[("origin", origin)]), "{origin}");
        }
        // What the newer field says counts, even when the older one looks right.
        let headers = [("sec-fetch-site", "cross-site"), ("origin", "https://api.example.org")];
        assert!(!passes(Method::POST, &headers));
    }
}
