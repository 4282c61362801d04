use std::io::Read;

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{CONTENT_SECURITY_POLICY, HeaderValue, REFERRER_POLICY},
};
use bytes::Bytes;

use super::{
    Server,
    coding::Coding,
    served::{answer, digest},
};

/// A page that shows the document. Nothing on it comes from another server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ui {
    /// Swagger UI, which tries operations out.
    #[cfg(feature = "swagger-ui")]
    SwaggerUi,
    /// Scalar, which reads better.
    #[cfg(feature = "scalar")]
    Scalar,
}

/// A file of a page.
struct Asset {
    /// The version is in the name, so that it may be kept for good; only `init.js` has none.
    name: &'static str,
    content_type: &'static str,
    content: Content,
}

enum Content {
    Plain(&'static str),
    Gzip(&'static [u8]),
}

const CSS: &str = "text/css; charset=utf-8";
const JS: &str = "text/javascript; charset=utf-8";

#[cfg(feature = "swagger-ui")]
static SWAGGER_UI: [Asset; 3] = [
    Asset {
        name: "swagger-ui-5.35.0.css",
        content_type: CSS,
        content: Content::Gzip(include_bytes!("../../assets/swagger-ui/swagger-ui.css.gz")),
    },
    Asset {
        name: "swagger-ui-bundle-5.35.0.js",
        content_type: JS,
        content: Content::Gzip(include_bytes!("../../assets/swagger-ui/swagger-ui-bundle.js.gz")),
    },
    Asset {
        name: "init.js",
        content_type: JS,
        content: Content::Plain(include_str!("../../assets/swagger-ui/init.js")),
    },
];

#[cfg(feature = "scalar")]
static SCALAR: [Asset; 2] = [
    Asset {
        name: "scalar-1.72.1.js",
        content_type: JS,
        content: Content::Gzip(include_bytes!("../../assets/scalar/standalone.js.gz")),
    },
    Asset {
        name: "init.js",
        content_type: JS,
        content: Content::Plain(include_str!("../../assets/scalar/init.js")),
    },
];

impl Ui {
    fn assets(self) -> &'static [Asset] {
        match self {
            #[cfg(feature = "swagger-ui")]
            Self::SwaggerUi => &SWAGGER_UI,
            #[cfg(feature = "scalar")]
            Self::Scalar => &SCALAR,
        }
    }
}

/// The page. Mount it at a path such as `/api/docs`, and [`asset`] at `/api/docs/{name}`.
///
/// `document_url` is a path of this server, such as `/api/openapi.json`, or an absolute URL. What the page refers to is
/// relative, so that a proxy may serve the application under another prefix. `servers` are those of the document: the
/// page may send requests to them, and to its own.
pub(crate) fn page(
    kind: Ui,
    request: &HttpRequest,
    document_url: &str,
    title: &str,
    servers: &[Server],
) -> HttpResponse {
    let path = request.path();
    // `/docs` and `/docs/` are two bases to a browser.
    let base = match path.rsplit_once('/') {
        Some((_, last)) if !last.is_empty() => format!("{last}/"),
        _ => String::new(),
    };
    let document =
        if document_url.starts_with('/') { relative(path, document_url) } else { document_url.to_owned() };

    let mut head = String::new();
    for asset in kind.assets() {
        let url = escaped(&format!("{base}{}", asset.name));
        head.push_str(&match asset.content_type {
            CSS => format!("<link rel=\"stylesheet\" href=\"{url}\">\n"),
            _ => format!("<script defer src=\"{url}\" data-document=\"{}\"></script>\n", escaped(&document)),
        });
    }
    let html = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{}</title>\n<link rel=\"icon\" href=\"data:,\">\n{head}</head>\n\
         <body>\n<div id=\"ui\"></div>\n</body>\n</html>\n",
        escaped(title)
    );
    let tag = digest(html.as_bytes());
    let mut response =
        answer(request, Coding::Identity, &tag, "no-cache", "text/html; charset=utf-8", || html.into());
    let headers = response.headers_mut();
    if let Ok(policy) = HeaderValue::from_str(&policy(kind, servers)) {
        headers.insert(CONTENT_SECURITY_POLICY, policy);
    }
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

/// A file of the page; `None` when there is none of that name.
pub(crate) fn asset(kind: Ui, request: &HttpRequest, name: &str) -> Option<HttpResponse> {
    let asset = kind.assets().iter().find(|asset| asset.name == name)?;
    Some(match asset.content {
        Content::Plain(text) => {
            let tag = digest(text.as_bytes());
            answer(request, Coding::Identity, &tag, "no-cache", asset.content_type, || {
                Bytes::from_static(text.as_bytes())
            })
        }
        Content::Gzip(bytes) => {
            let coding = Coding::negotiate(request, &[Coding::Gzip, Coding::Identity]);
            let tag = format!("{name}-{}", coding.as_str());
            let cache = "public, max-age=31536000, immutable";
            answer(request, coding, &tag, cache, asset.content_type, || match coding {
                Coding::Gzip => Bytes::from_static(bytes),
                _ => unpacked(bytes),
            })
        }
    })
}

fn unpacked(bytes: &[u8]) -> Bytes {
    let mut plain = Vec::new();
    // A test unpacks every asset.
    let _ = flate2::read::GzDecoder::new(bytes).read_to_end(&mut plain);
    plain.into()
}

/// What the page may do: run scripts that come from here, none that is written in place or evaluated.
fn policy(kind: Ui, servers: &[Server]) -> String {
    let style = match kind {
        #[cfg(feature = "swagger-ui")]
        Ui::SwaggerUi => "'self'",
        // It writes its styles into the page.
        #[cfg(feature = "scalar")]
        Ui::Scalar => "'self' 'unsafe-inline'",
    };
    let mut policy = format!(
        "default-src 'none'; script-src 'self'; style-src {style}; img-src 'self' data:; base-uri 'none'; \
         form-action 'none'; frame-ancestors 'none'; connect-src 'self'",
    );
    for origin in servers.iter().filter_map(|server| origin(&server.url)) {
        if !policy.split(' ').any(|known| known == origin) {
            policy.push(' ');
            policy.push_str(origin);
        }
    }
    policy
}

/// `https://api.example.org` of `https://api.example.org/v1`; `None` when it is relative or has variables.
fn origin(url: &str) -> Option<&str> {
    let (scheme, rest) = url.split_once("://")?;
    let host = rest.split(['/', '?', '#']).next()?;
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '[' | ']');
    let known = matches!(scheme, "http" | "https") && !host.is_empty() && host.chars().all(fits);
    if known { url.get(..scheme.len() + 3 + host.len()) } else { None }
}

/// The way from one absolute path to another: `../openapi.json`.
fn relative(from: &str, to: &str) -> String {
    let folder = from.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut from: Vec<&str> = folder.split('/').collect();
    let mut to: Vec<&str> = to.split('/').collect();
    while let ([a, ..], [b, _, ..]) = (from.as_slice(), to.as_slice())
        && a == b
    {
        from.remove(0);
        to.remove(0);
    }
    let up = "../".repeat(from.len());
    let down = to.join("/");
    if up.is_empty() { format!("./{down}") } else { format!("{up}{down}") }
}

/// Text within HTML and within its attributes.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests may")]
mod tests {
    use actix_web::{body::to_bytes, http::StatusCode, test::TestRequest};

    use super::*;

    const KINDS: &[Ui] = &[
        #[cfg(feature = "swagger-ui")]
        Ui::SwaggerUi,
        #[cfg(feature = "scalar")]
        Ui::Scalar,
    ];

    #[test]
    fn the_document_is_found_from_wherever_the_page_is() {
        assert_eq!(relative("/api/docs", "/api/openapi.json"), "./openapi.json");
        assert_eq!(relative("/api/docs/", "/api/openapi.json"), "../openapi.json");
        assert_eq!(relative("/docs", "/openapi.json"), "./openapi.json");
        assert_eq!(relative("/docs", "/api/openapi.json"), "./api/openapi.json");
        assert_eq!(relative("/a/b/docs", "/c/openapi.json"), "../../c/openapi.json");
        assert_eq!(relative("/api/docs/", "/api/docs/openapi.json"), "./openapi.json");
    }

    #[test]
    fn servers_may_be_asked_and_nothing_can_be_smuggled_into_the_policy() {
        let server = |url: &'static str| Server { url: url.into(), description: None };
        let servers = [
            server("https://api.example.org/v1"),
            server("https://api.example.org/v2"),
            server("/v1"),
            server("https://{region}.example.org"),
            server("https://a; script-src *"),
        ];
        for kind in KINDS {
            let policy = policy(*kind, &servers);
            assert!(policy.ends_with("connect-src 'self' https://api.example.org"), "{policy}");
            assert!(policy.contains("script-src 'self';") && !policy.contains("unsafe-eval"));
        }
    }

    #[actix_web::test]
    async fn the_page_refers_only_to_assets_that_exist_and_has_no_inline_script() {
        for kind in KINDS.iter().copied() {
            for (path, base) in [("/api/docs", "docs/"), ("/api/docs/", "")] {
                let request = TestRequest::with_uri(path).to_http_request();
                let response = page(kind, &request, "/api/openapi.json", "A <b>\"board\"", &[]);
                let html = to_bytes(response.into_body()).await.unwrap();
                let html = std::str::from_utf8(&html).unwrap();
                assert!(html.contains("<title>A &lt;b&gt;&quot;board&quot;</title>"));
                let urls: Vec<&str> = html
                    .split(" src=\"")
                    .skip(1)
                    .chain(html.split("rel=\"stylesheet\" href=\"").skip(1))
                    .map(|rest| rest.split('"').next().unwrap())
                    .collect();
                assert_eq!(urls.len(), kind.assets().len());
                assert_eq!(html.matches("<script").count(), html.matches("\"></script>").count());
                for url in urls {
                    let name = url.strip_prefix(base).unwrap();
                    assert_eq!(asset(kind, &request, name).unwrap().status(), StatusCode::OK);
                }
            }
        }
    }

    #[actix_web::test]
    async fn assets_are_sent_packed_or_unpacked_and_not_twice() {
        #[cfg(feature = "swagger-ui")]
        for (name, version) in [
            ("swagger-ui-5.35.0.css", include_str!("../../assets/swagger-ui/VERSION")),
            ("swagger-ui-bundle-5.35.0.js", include_str!("../../assets/swagger-ui/VERSION")),
        ] {
            check(Ui::SwaggerUi, name, version).await;
        }
        #[cfg(feature = "scalar")]
        check(Ui::Scalar, "scalar-1.72.1.js", include_str!("../../assets/scalar/VERSION")).await;
    }

    async fn check(kind: Ui, name: &str, version: &str) {
        assert!(name.contains(version.trim()), "{name} is not the version under assets/");
        let header = |response: &HttpResponse, name: &str| {
            response.headers().get(name).map(|value| value.to_str().unwrap().to_owned())
        };
        let packed = TestRequest::get().insert_header(("accept-encoding", "gzip, br")).to_http_request();
        let packed = asset(kind, &packed, name).unwrap();
        assert_eq!(header(&packed, "content-encoding").as_deref(), Some("gzip"));
        let tag = header(&packed, "etag").unwrap();
        let packed = to_bytes(packed.into_body()).await.unwrap();

        let plain = asset(kind, &TestRequest::get().to_http_request(), name).unwrap();
        assert_ne!(header(&plain, "etag").as_ref(), Some(&tag));
        let plain = to_bytes(plain.into_body()).await.unwrap();
        assert!(plain.len() > packed.len() && plain == unpacked(&packed));

        let again = TestRequest::get()
            .insert_header(("accept-encoding", "gzip"))
            .insert_header(("if-none-match", tag))
            .to_http_request();
        assert_eq!(asset(kind, &again, name).unwrap().status(), StatusCode::NOT_MODIFIED);
        assert!(asset(kind, &again, "../Cargo.toml").is_none());
    }
}
