use std::{
    net::Ipv4Addr,
    path::Path,
    time::{Duration, UNIX_EPOCH},
};

use actix_web::{
    HttpMessage, HttpRequest, HttpResponse, Responder,
    dev::{AppService, HttpServiceFactory},
    http::{
        StatusCode,
        header::{
            AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, ETAG, HeaderName, HeaderValue, LAST_MODIFIED,
            SET_COOKIE, VARY,
        },
    },
    web,
};

use crate::{
    download::{
        Delivery, Download, Link, Relay, Root,
        offload::{Offload, OffloadError, OffloadFile, rule::Target},
    },
    security::Secret,
};

/// What every file that is asked for by a check is called, at least at first.
pub(super) const NAME: &str = "offload-check";
/// The request's token, and in an answer what became of the request.
pub(super) const HEADER: HeaderName = HeaderName::from_static("x-offload-check");

pub(super) const PLAIN: &str = "plain";
pub(super) const CAME_BACK: &str = "came-back";
pub(super) const MISSING: &str = "missing";

/// A file that nginx fetches: with its own validators, or with the application's.
pub(super) const BARE: &str = "remote";
pub(super) const OWN: &str = "remote-own";
/// Where it fetches it, and what it gets.
pub(super) const GIVEN: &str = "given";
pub(super) const GIVEN_ETAG: &str = "\"offload-check-given\"";
/// What another server says besides, and is not for the client.
#[cfg(feature = "http-source")]
pub(super) const BESIDE: &str = "set-cookie";
pub(super) const THEIRS: &str = "offload-check-theirs=1";
/// An answer with orders that nginx does not act on.
pub(super) const HIDDEN: &str = "hidden";

/// After the number of a root: by the location that is told the application's validators.
pub(super) const OWN_VALIDATORS: &str = "own";

pub(super) const MEDIA_TYPE: &str = "text/plain; charset=utf-8";
pub(super) const FILE_NAME: &str = "check é.txt";
pub(super) const FRESHNESS: &str = "private, max-age=61";
pub(super) const VARIES: &str = "Cookie";
/// Tue, 02 Jan 2024 03:04:05 GMT.
const MODIFIED_SECONDS: u64 = 1_704_164_645;

pub(super) const SHORTEST_TOKEN: usize = 16;

/// An endpoint of the application that [`Offload::check`] asks, from [`Offload::probe`]. Cheap to clone.
///
/// It belongs to the application itself, beside its scopes and routers, not into one of them: it also notices when the proxy sends a
/// request for an internal location back to the application.
///
/// Whoever has not its token gets a 404. Who has it can only get at files whose names start with `offload-check`.
#[derive(Debug, Clone)]
pub struct OffloadProbe {
    path: String,
    token: Secret,
    offload: Offload,
    roots: Vec<Root>,
}

impl Offload {
    /// The endpoint that [`check`](Self::check) asks, at `path`.
    ///
    /// ```
    /// use actix_charter::download::offload::Offload;
    /// use actix_web::{App, test};
    ///
    /// # #[actix_web::main] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let media = tempfile::tempdir()?;
    /// let offload = Offload::nginx().map(media.path(), "/protected/")?;
    /// // From the configuration; without a token there is no probe to mount.
    /// let probe = offload.probe("/.offload-check", "a token that nobody guesses")?;
    /// let app = test::init_service(App::new().service(probe)).await;
    ///
    /// let request = test::TestRequest::with_uri("/.offload-check/plain").to_request();
    /// assert_eq!(test::call_service(&app, request).await.status(), 404);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// When the token has less than 16 bytes, the path is none below `/`, or a root cannot be read.
    pub fn probe(&self, path: &str, token: &str) -> Result<OffloadProbe, OffloadError> {
        if token.len() < SHORTEST_TOKEN {
            return Err(OffloadError::Token);
        }
        let path = path.trim_end_matches('/');
        if !path.starts_with('/') || path.contains(['{', '}']) {
            return Err(OffloadError::Probe);
        }
        let root = |root: &Path| Root::new(root).map_err(|_| OffloadError::Root { root: root.to_path_buf() });
        Ok(OffloadProbe {
            path: path.to_owned(),
            token: Secret::from(token),
            roots: self.rules().iter().map(|rule| root(&rule.root)).collect::<Result<_, _>>()?,
            // What is checked is small.
            offload: self.clone().min_size(0),
        })
    }
}

impl OffloadProbe {
    fn knows(&self, request: &HttpRequest) -> bool {
        let token = request.headers().get(HEADER).and_then(|token| token.to_str().ok());
        token.is_some_and(|token| self.token.matches(token))
    }

    fn answer(&self, request: &HttpRequest) -> HttpResponse {
        let part = |name: &str| request.match_info().get(name).unwrap_or_default();
        if part("what") == GIVEN && self.is_shown(request) {
            return given();
        }
        if !self.knows(request) {
            return HttpResponse::NotFound().finish();
        }
        if part("what") == PLAIN {
            return told(StatusCode::OK, PLAIN);
        }
        if matches!(part("what"), BARE | OWN) {
            return self.link(request, part("what"));
        }
        if part("what") == HIDDEN {
            let mut response = told(StatusCode::OK, HIDDEN);
            let order = (HeaderName::from_static("x-download-url"), HeaderValue::from_static(NAME));
            response.headers_mut().insert(order.0, order.1);
            return response;
        }
        let (number, own) = match part("root").strip_suffix(OWN_VALIDATORS) {
            Some(number) => (number, true),
            None => (part("root"), false),
        };
        let number = number.parse::<usize>().ok();
        let name = unhex(part("name")).filter(|name| name.starts_with(NAME) && !name.contains('/'));
        let (Some(number), Some(name)) = (number, name) else { return told(StatusCode::NOT_FOUND, MISSING) };
        match part("what") {
            "file" => self.file(request, number, own, &name),
            "named" => self.order(request, number, own, |target, _| [target, name.as_bytes()].concat()),
            "outside" => self.order(request, number, own, |target, _| {
                [target.strip_suffix(b"/").unwrap_or(target), name.as_bytes()].concat()
            }),
            "escape" => self.order(request, number, own, |target, root| {
                let target = target.strip_suffix(b"/").unwrap_or(target);
                [target, b"../", root, b"/", name.as_bytes()].concat()
            }),
            _ => told(StatusCode::NOT_FOUND, MISSING),
        }
    }

    /// nginx passes nothing of the client's on, and shows the token as the credentials that it was told.
    fn is_shown(&self, request: &HttpRequest) -> bool {
        let shown = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        shown.and_then(|value| value.strip_prefix("Bearer ")).is_some_and(|token| self.token.matches(token))
    }

    /// Makes nginx fetch what [`given`] gives.
    fn link(&self, request: &HttpRequest, what: &str) -> HttpResponse {
        let mut address = request.app_config().local_addr();
        if address.ip().is_unspecified() {
            address.set_ip(Ipv4Addr::LOCALHOST.into());
        }
        let link = Link {
            url: format!("http://{address}{}/{GIVEN}", self.path),
            authorization: Some(format!("Bearer {}", self.token.expose())),
            public: false,
            overrides: false,
        };
        let mut whole = dressed(validated(Download::bytes(""), what), request);
        if what == BARE {
            whole.headers_mut().remove(ETAG);
            whole.headers_mut().remove(LAST_MODIFIED);
        }
        self.offload
            .relay_link(request, &link, None, whole)
            .unwrap_or_else(|_| told(StatusCode::NOT_FOUND, MISSING))
    }

    /// As any handler would send it; with `own` validators of its own, where the server tells those of the file otherwise.
    fn file(&self, request: &HttpRequest, number: usize, own: bool, name: &str) -> HttpResponse {
        let Some(Ok(file)) = self.roots.get(number).map(|root| root.open(name)) else {
            return told(StatusCode::NOT_FOUND, MISSING);
        };
        request.extensions_mut().insert(Delivery::new().offload(self.offload.clone()));
        let download = Download::file(file);
        let leaves_them = self.offload.has_validators_told() && !own;
        dressed(if leaves_them { download } else { validated(download, name) }, request)
    }

    /// Names a file to the proxy that nobody has looked at.
    fn order(
        &self,
        request: &HttpRequest,
        number: usize,
        own: bool,
        told_file: impl FnOnce(&[u8], &[u8]) -> Vec<u8>,
    ) -> HttpResponse {
        let Some(rule) = self.offload.rules().get(number) else {
            return told(StatusCode::NOT_FOUND, MISSING);
        };
        let rule = if own { &rule.own() } else { rule };
        let root = rule.root.file_name().unwrap_or_default().as_encoded_bytes();
        let server = self.offload.server();
        let Some(value) = server.encoding.encode(&told_file(&rule.target, root)) else {
            return told(StatusCode::NOT_FOUND, MISSING);
        };
        // Made by the offload itself, so that all else is as ever; then it is told another file.
        let file = rule.root.join(NAME);
        let whole = dressed(validated(Download::bytes(""), NAME), request);
        match self.offload.answer(request.head(), &OffloadFile::new(&file, 1), whole) {
            Ok(mut response) => {
                response.headers_mut().insert(server.header.clone(), value);
                response
            }
            Err(_) => told(StatusCode::NOT_FOUND, MISSING),
        }
    }
}

fn validated(download: Download, name: &str) -> Download {
    download.etag(etag(name)).last_modified(UNIX_EPOCH + Duration::from_secs(MODIFIED_SECONDS))
}

/// Everything that can be said about a file, to see what arrives of it.
fn dressed(download: Download, request: &HttpRequest) -> HttpResponse {
    let download =
        download.media_type(MEDIA_TYPE).file_name(FILE_NAME).inline_sandboxed().cache_control(FRESHNESS);
    let mut response = download.respond_to(request);
    response.headers_mut().insert(VARY, HeaderValue::from_static(VARIES));
    response
}

/// In lower-case hexadecimal digits, so that no name is a matter of encoding on the way here.
pub(super) fn hex(name: &str) -> String {
    use std::fmt::Write;
    name.bytes().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn unhex(text: &str) -> Option<String> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let pairs = text.as_bytes().chunks(2).map(|pair| match pair {
        [high, low] => Some(digit(*high)? << 4 | digit(*low)?),
        _ => None,
    });
    String::from_utf8(pairs.collect::<Option<_>>()?).ok()
}

/// The entity tag of the file of that name.
pub(super) fn etag(name: &str) -> String {
    format!("\"{}\"", hex(name))
}

/// To a request for an internal location.
fn came_back(knows: bool) -> HttpResponse {
    if knows { told(StatusCode::NOT_FOUND, CAME_BACK) } else { HttpResponse::NotFound().finish() }
}

/// As another server would send it, which knows less of it and says more.
fn given() -> HttpResponse {
    let mut response = HttpResponse::Ok().body(GIVEN);
    let headers = response.headers_mut();
    for (name, value) in
        [(CONTENT_TYPE, "text/html"), (CACHE_CONTROL, "public"), (ETAG, GIVEN_ETAG), (SET_COOKIE, THEIRS)]
    {
        headers.insert(name, HeaderValue::from_static(value));
    }
    let modified = UNIX_EPOCH + Duration::from_secs(MODIFIED_SECONDS);
    if let Ok(modified) = HeaderValue::try_from(httpdate::fmt_http_date(modified)) {
        headers.insert(LAST_MODIFIED, modified);
    }
    response
}

fn told(status: StatusCode, what: &'static str) -> HttpResponse {
    HttpResponse::build(status)
        .insert_header((HEADER, HeaderValue::from_static(what)))
        .insert_header((CACHE_CONTROL, HeaderValue::from_static("no-store")))
        .insert_header((CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8")))
        .body(what)
}

impl HttpServiceFactory for OffloadProbe {
    fn register(self, config: &mut AppService) {
        for rule in self.offload.rules() {
            if self.offload.server().target != Target::Location {
                continue;
            }
            // A request for an internal location that the proxy does not know.
            let patterns = [rule, &rule.own()].map(|rule| {
                let prefix = String::from_utf8_lossy(&rule.target);
                format!("{}{{rest:/?{NAME}.*}}", prefix.trim_end_matches('/'))
            });
            let probe = self.clone();
            web::resource(patterns)
                .to(move |request: HttpRequest| {
                    let knows = probe.knows(&request);
                    async move { came_back(knows) }
                })
                .register(config);
        }
        if let Some(location) = self.offload.remote_location() {
            let probe = self.clone();
            web::resource([location.to_owned(), format!("{location}own")])
                .to(move |request: HttpRequest| {
                    let knows = probe.knows(&request);
                    async move { came_back(knows) }
                })
                .register(config);
        }
        let patterns =
            [format!("{}/{{what}}", self.path), format!("{}/{{what}}/{{root}}/{{name}}", self.path)];
        web::resource(patterns)
            .to(move |request: HttpRequest| {
                let answer = self.answer(&request);
                async move { answer }
            })
            .register(config);
    }
}
