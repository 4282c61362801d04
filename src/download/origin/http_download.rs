use actix_web::{
    HttpRequest,
    http::{
        Method,
        header::{IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE, IF_UNMODIFIED_SINCE, RANGE},
    },
};
use futures_util::{TryStreamExt, future::LocalBoxFuture, stream};
use percent_encoding::percent_decode_str;
use reqwest::header::{HeaderMap, HeaderValue};
use url::Url;

use super::{
    Origin, Remote, exchange,
    opened::{self, Opened, Refused},
    origin,
};
use crate::download::{
    Away, Download, Link, LinkTerms, Unavailable,
    answer::is_read,
    away::{Fetch, Found, Purpose},
    condition::{Validators, only},
    identity::Identity,
    range,
    source::Supply,
    stream_body::{BoxError, BoxStream},
};

impl Download<Away> {
    /// The file behind a URL of another server, which the [`Origin`] must allow; see [its room](super).
    ///
    /// The URL is the program's: one that a client sent is a way into whatever else the allowed servers hold. Without
    /// [`file_name`](Self::file_name), the name is the last part of its path, or the host's when there is none.
    ///
    /// Without [`media_type`](Self::media_type), the type is the other server's, or the name's when that says none. A proxy or a
    /// client that fetches the file in our place is sent there before anyone knows what that server says: then it is the name's.
    pub fn http(origin: &Origin, url: impl AsRef<str>) -> Self {
        Self::away(HttpFile { origin: origin.clone(), url: origin::parse(url.as_ref()), supply: None })
    }
}

/// The kind of identity that a URL is.
const URL: &str = "url";

struct HttpFile {
    origin: Origin,
    url: Option<Url>,
    supply: Option<Supply>,
}

impl HttpFile {
    fn url(&self) -> Result<Url, Unavailable> {
        self.url.clone().ok_or_else(|| {
            tracing::warn!(target: "actix_charter::download", "what a remote file is called is no URL");
            Unavailable::Upstream
        })
    }

    /// As much as somebody else needs to fetch it.
    fn to_link(&self) -> Option<Link> {
        let url = self.url.as_ref()?;
        let remote = self.origin.remote(url).ok()?;
        if self.origin.inner.max_size.is_some() {
            return None;
        }
        Some(Link {
            url: url.to_string(),
            authorization: remote.authorization()?,
            public: remote.is_public(),
            overrides: false,
        })
    }

    async fn open(&self, url: &Url, purpose: Purpose, request: &HttpRequest) -> Result<Opened, Unavailable> {
        let inner = &*self.origin.inner;
        let nothing = HeaderMap::new();
        let judged = |opened: Result<Opened, Refused>| {
            opened.map_err(|refused| {
                if let Refused::For(reason) = refused {
                    exchange::warn(url, reason);
                }
                refused.unavailable()
            })
        };
        let sent = purpose == Purpose::Send;
        if sent && request.method() == Method::HEAD {
            let response = self.origin.ask(reqwest::Method::HEAD, url, &nothing).await?;
            // A link that is signed is signed for GET; and some servers know no HEAD.
            if !matches!(response.status().as_u16(), 400 | 403 | 405 | 501) {
                return judged(opened::whole(response, inner, false));
            }
        }
        if let Some(range) = sent.then(|| asked_range(request)).flatten() {
            let response = self.origin.ask(reqwest::Method::GET, url, &range).await?;
            match judged(opened::part(response, inner, request))? {
                Opened::AskForAll => {}
                file @ Opened::File { .. } => return Ok(file),
            }
        }
        let response = self.origin.ask(reqwest::Method::GET, url, &nothing).await?;
        judged(opened::whole(response, inner, true))
    }
}

impl HttpFile {
    /// Asks for what tells the file's state: most often the cache has it, and its bytes are not needed. `None` when the
    /// server does not say, and must be asked for all of it.
    async fn look(&mut self, url: &Url) -> Result<Option<Found>, Unavailable> {
        let response = self.origin.ask(reqwest::Method::HEAD, url, &HeaderMap::new()).await?;
        if !response.status().is_success() {
            return Ok(None);
        }
        let Ok(Opened::File { supply: Supply::Remote { length, ranges, .. }, validators, media_type }) =
            opened::whole(response, &self.origin.inner, false)
        else {
            return Ok(None);
        };
        if validators == Validators::default() {
            return Ok(None);
        }
        let stream = later(self.origin.clone(), url.clone(), length, validators.clone());
        self.supply = Some(Supply::Remote { stream, length, ranges });
        Ok(Some(Found { validators, media_type, ..self.found(url) }))
    }

    fn found(&self, url: &Url) -> Found {
        // Another credential may be shown another file.
        let place = self.origin.remote(url).map(Remote::credentials).unwrap_or_default();
        let identity = Identity { kind: URL, place, key: url.to_string() };
        Found { file_name: Some(file_name(url)), identity: Some(Box::new(identity)), ..Found::default() }
    }
}

/// The file, asked for when its first bytes are. What is no longer what was looked at is an error.
fn later(origin: Origin, url: Url, length: Option<u64>, validators: Validators) -> BoxStream {
    let opening = async move {
        let response = origin.ask(reqwest::Method::GET, &url, &HeaderMap::new()).await?;
        match opened::whole(response, &origin.inner, true) {
            Ok(Opened::File {
                supply: Supply::Remote { stream, length: now, .. }, validators: then, ..
            }) if then == validators && (length.is_none() || now.is_none() || now == length) => Ok(stream),
            Ok(_) => {
                exchange::warn(&url, "the file is another one than a moment ago");
                Err(BoxError::from(Unavailable::Upstream))
            }
            Err(refused) => {
                if let Refused::For(reason) = refused {
                    exchange::warn(&url, reason);
                }
                Err(BoxError::from(refused.unavailable()))
            }
        }
    };
    Box::pin(stream::once(opening).try_flatten())
}

impl Fetch for HttpFile {
    fn has_identity(&self) -> bool {
        true
    }

    fn has_links(&self) -> bool {
        self.to_link().is_some()
    }

    /// Without asking, nobody knows whether a condition holds; with asking, we have the file, and a link is not needed.
    fn has_links_for(&self, request: &HttpRequest) -> bool {
        !has_conditions_on_all(request) && self.has_links()
    }

    fn find<'a>(
        &'a mut self,
        purpose: Purpose,
        request: &'a HttpRequest,
    ) -> LocalBoxFuture<'a, Result<Found, Unavailable>> {
        Box::pin(async move {
            let url = self.url()?;
            let found = self.found(&url);
            if purpose == Purpose::Link {
                return Ok(found);
            }
            if purpose == Purpose::Cache
                && let Some(found) = self.look(&url).await?
            {
                return Ok(found);
            }
            match self.open(&url, purpose, request).await? {
                Opened::File { supply, validators, media_type } => {
                    self.supply = Some(supply);
                    Ok(Found { validators, media_type, ..found })
                }
                Opened::AskForAll => Err(Unavailable::Upstream),
            }
        })
    }

    fn link<'a>(&'a self, _: LinkTerms<'a>) -> LocalBoxFuture<'a, Result<Option<Link>, Unavailable>> {
        Box::pin(std::future::ready(Ok(self.to_link())))
    }

    fn supply(self: Box<Self>) -> Supply {
        // `find` comes first; what was not found has no bytes, and says so when it is read.
        self.supply.unwrap_or_else(|| {
            let failed = async { Err(Box::from(Unavailable::Upstream)) };
            Supply::Stream(Box::pin(futures_util::stream::once(failed)), None)
        })
    }
}

/// The client's `Range` and `If-Range`, when a server would make one part of them.
fn asked_range(request: &HttpRequest) -> Option<HeaderMap> {
    if request.method() != Method::GET {
        return None;
    }
    let headers = request.headers();
    let asked = only(headers, RANGE).filter(|asked| range::is_single(asked.as_bytes()))?;
    let mut sent = HeaderMap::new();
    sent.insert(reqwest::header::RANGE, HeaderValue::from_bytes(asked.as_bytes()).ok()?);
    if headers.contains_key(IF_RANGE) {
        let condition = HeaderValue::from_bytes(only(headers, IF_RANGE)?.as_bytes()).ok()?;
        sent.insert(reqwest::header::IF_RANGE, condition);
    }
    Some(sent)
}

/// Whether the request has conditions on which its `Range` depends, too.
pub(super) fn has_conditions(request: &HttpRequest) -> bool {
    has_conditions_on_all(request) || request.headers().contains_key(IF_RANGE)
}

fn has_conditions_on_all(request: &HttpRequest) -> bool {
    is_read(request)
        && [IF_MATCH, IF_NONE_MATCH, IF_MODIFIED_SINCE, IF_UNMODIFIED_SINCE]
            .iter()
            .any(|name| request.headers().contains_key(name))
}

fn file_name(url: &Url) -> String {
    let last = url.path_segments().and_then(|mut segments| segments.next_back()).unwrap_or_default();
    let name = percent_decode_str(last).decode_utf8_lossy();
    if name.is_empty() { url.host_str().unwrap_or_default().to_owned() } else { name.into_owned() }
}
