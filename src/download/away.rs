use std::{borrow::Cow, time::Duration};

use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        Method, StatusCode,
        header::{
            CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, HeaderValue,
            IF_MATCH, IF_UNMODIFIED_SINCE, LAST_MODIFIED, LOCATION,
        },
    },
};
use futures_util::future::LocalBoxFuture;

use super::{
    Away, Delivery, Download, DownloadError, Fetched, Link, LocalFile, Unavailable,
    condition::{Conditions, Validators},
    gathered,
    identity::Identity,
    kept::Called,
    manner::{Manner, Tag},
    primed::primed,
    shelf::Shelf,
    source::{Source, Supply},
};

/// A file that must be asked for: in an object store, behind another server, not made yet.
pub(crate) trait Fetch: 'static {
    /// Whether it may be found to have an [identity](Found::identity), and so be cached.
    #[cfg_attr(not(feature = "download-cache"), allow(dead_code, reason = "the cache asks"))]
    fn has_identity(&self) -> bool {
        false
    }

    /// Whether there may be a [`link`](Self::link).
    fn has_links(&self) -> bool {
        false
    }

    /// The same, for an answer to this request.
    fn has_links_for(&self, _request: &HttpRequest) -> bool {
        self.has_links()
    }

    /// What it came to when the file was only looked at for the cache: it must be [found](Purpose::Fill) when that has none
    /// like it.
    #[cfg_attr(not(feature = "download-cache"), allow(dead_code, reason = "the cache asks"))]
    fn looked_at(&self) -> Option<LookedAt> {
        None
    }

    /// Finds out what the file is, as far as the purpose needs it. Called once, or for the other purposes in their order and then
    /// again for [`Purpose::Send`].
    fn find<'a>(
        &'a mut self,
        purpose: Purpose,
        request: &'a HttpRequest,
    ) -> LocalBoxFuture<'a, Result<Found, Unavailable>>;

    /// Where somebody else can fetch it.
    fn link<'a>(&'a self, _terms: LinkTerms<'a>) -> LocalBoxFuture<'a, Result<Option<Link>, Unavailable>> {
        Box::pin(async { Ok(None) })
    }

    /// What was found. It is read when somebody reads it, not before.
    fn supply(self: Box<Self>) -> Supply;
}

/// What a file is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Somebody else will fetch it.
    Link,
    /// We look for it in the cache, and read all of it when it is not there, whatever `Range` says: its identity and its
    /// validators count, and [`supply`](Fetch::supply) gives the whole.
    #[cfg_attr(not(feature = "download-cache"), allow(dead_code, reason = "nobody looks"))]
    Cache,
    /// The cache has it not: as `Cache`, and what is found now is what will be read.
    #[cfg_attr(not(feature = "download-cache"), allow(dead_code, reason = "nobody looks"))]
    Fill,
    /// We send it to this client.
    Send,
}

/// A file whose bytes were not asked for yet.
#[derive(Debug, Clone, Copy)]
#[cfg_attr(not(feature = "download-cache"), allow(dead_code, reason = "the cache reads it"))]
pub(crate) struct LookedAt {
    pub(crate) size: Option<u64>,
}

/// What is known about a file from elsewhere.
#[derive(Debug, Clone, Default)]
pub(crate) struct Found {
    pub(crate) file_name: Option<String>,
    pub(crate) media_type: Option<HeaderValue>,
    /// What its bytes are coded with, where they lie.
    pub(crate) encoding: Option<HeaderValue>,
    pub(crate) validators: Validators,
    /// It lies on this machine.
    pub(crate) local: Option<LocalFile>,
    /// What the cache knows it by.
    #[cfg_attr(not(feature = "download-cache"), allow(dead_code, reason = "the cache reads it"))]
    pub(crate) identity: Option<Box<Identity>>,
}

/// What a link is good for.
#[derive(Debug, Clone, Copy)]
pub struct LinkTerms<'a> {
    /// How long it must hold.
    pub valid_for: Duration,
    /// What the place should send as `Content-Type`, if it can be told.
    pub content_type: Option<&'a str>,
    /// What the place should send as `Content-Disposition`, if it can be told.
    pub content_disposition: Option<&'a str>,
    /// What the place should send as `Cache-Control`, if it can be told.
    pub cache_control: Option<&'a str>,
}

impl Download<Away> {
    pub(crate) fn away(fetch: impl Fetch) -> Self {
        Self { source: Away(Box::new(fetch)), manner: Manner::default() }
    }

    /// Fetches the file, or makes the proxy or the client fetch it, as the [`Delivery`] of the request has it.
    ///
    /// What we send is not promised before its first bytes are there: a place that fails until then is answered with 404,
    /// 502 or 504, and only what breaks later aborts the connection.
    ///
    /// The last call: what is said about the file must be said before.
    pub async fn fetched(self, request: &HttpRequest) -> Fetched {
        Fetched(self.fetch(request).await)
    }

    async fn fetch(self, request: &HttpRequest) -> Result<HttpResponse, DownloadError> {
        let Self { source: Away(mut source), mut manner } = self;
        let delivery = Delivery::of(request).unwrap_or_default().into_owned();
        // A link is signed for one method. HEAD costs us no more than a link does, and is answered by us.
        if source.has_links_for(request)
            && *request.method() == Method::GET
            && (delivery.redirects() || delivery.link_relay(request).is_some())
        {
            let mut found = source.find(Purpose::Link, request).await?;
            if found.local.is_none() {
                manner.known_as(found.media_type.take());
                let called = Called::By(found.file_name.as_deref().map(Cow::Borrowed));
                let mut validators = Cow::Borrowed(&found.validators);
                let mut sheet =
                    manner.head(&Conditions::of(request.head()), &mut validators, &called, None)?;
                if sheet.is_complete() {
                    return Ok(sheet.response);
                }
                sheet.put_validators(&called, &validators);
                if let Some(linked) = linked(&*source, &delivery, request, &manner, sheet.response).await? {
                    return Ok(linked);
                }
            }
        }
        let shelf = Shelf::of(&*source, &manner, &delivery);
        let mut found = source.find(shelf.purpose(), request).await?;
        let mut place = shelf.place(&found, &manner);
        if let Some(looked_at) = source.looked_at()
            && manner.sends_bytes(request, &found.validators)
            && !shelf.has(place.as_ref(), looked_at)
        {
            found = source.find(Purpose::Fill, request).await?;
            place = shelf.place(&found, &manner);
        }
        if place.is_none() && found.local.is_none() && shelf.purpose() == Purpose::Cache {
            found = source.find(Purpose::Send, request).await?;
        }
        manner.known_as(found.media_type.take());
        if let Some(file) = found.local.take() {
            let source = super::Here(Source::Opened(Ok(file), None));
            return Download { source, manner }.answer(request);
        }
        let supply = source.supply();
        let gathers = match supply.size() {
            None if manner.sends_bytes(request, &found.validators) => delivery.gathers(request),
            _ => 0,
        };
        let supply = shelf.through(place, request, &manner, supply, gathers > 0).await;
        let supply = if gathers > 0 { gathered::supply(supply, gathers).await? } else { supply };
        let source = super::Here(Source::Found(Box::new((supply, found))));
        let response = Download { source, manner }.answer(request)?;
        if *request.method() == Method::HEAD { Ok(response) } else { primed(response).await }
    }
}

/// Makes the proxy or the client fetch it. `None` when neither can.
async fn linked(
    source: &dyn Fetch,
    delivery: &Delivery,
    request: &HttpRequest,
    manner: &Manner,
    mut whole: HttpResponse,
) -> Result<Option<HttpResponse>, Unavailable> {
    let text = |name| whole.headers().get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let terms = LinkTerms {
        valid_for: delivery.lifetime(),
        content_type: text(CONTENT_TYPE),
        content_disposition: text(CONTENT_DISPOSITION),
        cache_control: text(CACHE_CONTROL),
    };
    let Some(link) = source.link(terms).await? else { return Ok(None) };
    if let Some(relay) = delivery.link_relay(request) {
        if matches!(manner.etag, Tag::OfSource) && manner.last_modified.is_none() {
            // The place says these itself, of what it gives then. What it told us may be of something else by now.
            whole.headers_mut().remove(ETAG);
            whole.headers_mut().remove(LAST_MODIFIED);
        }
        whole = match relay.relay_link(request, &link, manner.rate_limit, whole) {
            Ok(relayed) => return Ok(Some(relayed)),
            Err(whole) => whole,
        };
    }
    // A client that is sent on is told by the other place what the file is.
    let attached = whole
        .headers()
        .get(CONTENT_DISPOSITION)
        .is_some_and(|disposition| !disposition.as_bytes().starts_with(b"inline"));
    let told = (link.overrides || !(manner.insists() || attached))
        && !whole.headers().contains_key(CONTENT_SECURITY_POLICY);
    // It takes its conditions along, and these would fail there when the validators are not that place's own.
    let conditional = [IF_MATCH, IF_UNMODIFIED_SINCE].iter().any(|name| request.headers().contains_key(name));
    if !(delivery.redirects() && link.public && told && manner.rate_limit.is_none()) || conditional {
        return Ok(None);
    }
    let Ok(location) = HeaderValue::from_str(&link.url) else { return Ok(None) };
    let mut response = HttpResponse::new(StatusCode::TEMPORARY_REDIRECT);
    response.headers_mut().insert(LOCATION, location);
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(Some(response))
}
