use std::{
    borrow::Cow,
    future::{Ready, ready},
    num::NonZeroU64,
    sync::Arc,
    time::Duration,
};

use actix_service::{Service, Transform};
use actix_web::{
    Error, HttpMessage, HttpRequest, HttpResponse,
    body::{EitherBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::StatusCode,
    web::Data,
};
use futures_util::{
    TryFutureExt,
    future::{Either, LocalBoxFuture, MapOk},
};

use super::{
    LocalFile, Relay,
    condition::Conditions,
    gathered::{self, Ungathered},
    offload::Offload,
    sheet::Sheet,
};

/// How long a link that is given away holds unless told.
const LINK_LIFETIME: Duration = Duration::from_secs(60);

/// Who sends the files: said once, by whoever deploys the application, for everything below.
///
/// It is a middleware, for an application, a scope, a [`Router`](crate::router::Router), a controller or an endpoint; the innermost
/// counts, and an empty one turns the outer ones off. Where a middleware is no place for it, it is application data, too, bare or in `web::Data`; only a
/// middleware can [gather](Offload::gather) a stream that a handler answers with. No header of a request has any say in it.
///
/// ```
/// use actix_charter::download::{Delivery, Download, Root, offload::Offload};
/// use actix_web::{App, test, web};
///
/// # #[actix_web::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let media = tempfile::tempdir()?;
/// std::fs::write(media.path().join("large.txt"), vec![b'x'; 10_000])?;
/// let root = Root::new(media.path())?;
/// let delivery = Delivery::new().offload(Offload::nginx().map(media.path(), "/protected/")?);
///
/// let large = move || std::future::ready(Download::path(&root, "large.txt"));
/// let app = App::new()
///     .wrap(delivery)
///     .route("/", web::get().to(large.clone()))
///     .service(web::scope("/by-us").wrap(Delivery::new()).route("", web::get().to(large)));
/// let app = test::init_service(app).await;
///
/// let answer = test::call_service(&app, test::TestRequest::get().to_request()).await;
/// assert!(answer.headers().contains_key("x-accel-redirect"));
/// let answer = test::call_service(&app, test::TestRequest::get().uri("/by-us").to_request()).await;
/// assert!(!answer.headers().contains_key("x-accel-redirect"));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Default)]
pub struct Delivery {
    inner: Arc<Inner>,
}

#[derive(Debug, Clone)]
struct Inner {
    /// Asked in their order.
    relays: Vec<Front>,
    redirect: bool,
    link_lifetime: Duration,
    #[cfg(feature = "download-cache")]
    cache: Option<super::cache::DownloadCache>,
}

/// Who stands in front.
#[derive(Debug, Clone)]
enum Front {
    /// It need not read an answer of ours again.
    Offload(Offload),
    Other(Arc<dyn Relay>),
}

impl Front {
    fn relay(&self) -> &dyn Relay {
        match self {
            Self::Offload(offload) => offload,
            Self::Other(relay) => &**relay,
        }
    }
}

/// A file, and who asks for it how.
#[derive(Debug)]
pub(crate) struct FileAsked<'r> {
    pub(crate) request: &'r HttpRequest,
    pub(crate) conditions: Conditions<'r>,
    pub(crate) file: &'r LocalFile,
    pub(crate) rate_limit: Option<NonZeroU64>,
}

impl Default for Inner {
    fn default() -> Self {
        Self {
            relays: Vec::new(),
            redirect: false,
            link_lifetime: LINK_LIFETIME,
            #[cfg(feature = "download-cache")]
            cache: None,
        }
    }
}

impl Delivery {
    /// This process sends everything.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Hands over to the server in front what it takes. Of several, the first that takes a file is told.
    #[must_use]
    pub fn offload(self, offload: Offload) -> Self {
        self.front(Front::Offload(offload))
    }

    /// As [`offload`](Self::offload), for a server that this crate does not know.
    #[must_use]
    pub fn relay(self, relay: impl Relay) -> Self {
        self.front(Front::Other(Arc::new(relay)))
    }

    fn front(mut self, front: Front) -> Self {
        Arc::make_mut(&mut self.inner).relays.push(front);
        self
    }

    /// Sends clients on, with 307 (RFC 9110 §15.4.8), to the link that an object store signs for them. Files that no client
    /// may be sent to are not.
    #[must_use]
    pub fn redirect(mut self) -> Self {
        Arc::make_mut(&mut self.inner).redirect = true;
        self
    }

    /// How long a link that is given away, to a client or a proxy, holds. Default: a minute.
    #[must_use]
    pub fn link_lifetime(mut self, lifetime: Duration) -> Self {
        Arc::make_mut(&mut self.inner).link_lifetime = lifetime;
        self
    }

    /// Keeps what is fetched, and what is [said to be kept](super::Download::cached), in this directory. Map it for the
    /// server in front, and that one sends it: see [`cache`](super::cache).
    ///
    /// What clients or the proxy fetch by a link does not go through the cache.
    #[cfg(feature = "download-cache")]
    #[must_use]
    pub fn cache(mut self, cache: super::cache::DownloadCache) -> Self {
        Arc::make_mut(&mut self.inner).cache = Some(cache);
        self
    }

    pub(crate) fn of(request: &HttpRequest) -> Option<Cow<'_, Self>> {
        let told = || {
            let shared = || request.app_data::<Data<Self>>().map(|data| &***data);
            request.app_data::<Self>().or_else(shared).map(Cow::Borrowed)
        };
        Self::around(request).map(Cow::Owned).or_else(told)
    }

    /// That of a middleware around the handler, which sees its answer.
    pub(crate) fn around(request: &HttpRequest) -> Option<Self> {
        request.extensions().get::<Self>().cloned()
    }

    /// How many bytes of a file of unknown length are gathered before any is sent.
    pub(crate) fn gathers(&self, request: &HttpRequest) -> usize {
        self.inner.relays.iter().map(|front| front.relay().gathers(request)).max().unwrap_or(0)
    }

    pub(crate) fn takes(
        &self,
        request: &HttpRequest,
        file: &LocalFile,
        rate_limit: Option<NonZeroU64>,
    ) -> bool {
        self.inner.relays.iter().any(|front| front.relay().takes(request, file, rate_limit))
    }

    /// Who is asked first, if it tells the validators of files by itself.
    pub(crate) fn teller(&self) -> Option<&Offload> {
        match self.inner.relays.first() {
            Some(Front::Offload(offload)) if offload.has_validators_told() => Some(offload),
            _ => None,
        }
    }

    /// Makes somebody in front send the file in place of the answer that we wrote. Whether anybody does.
    pub(crate) fn relay_file(&self, asked: &FileAsked<'_>, sheet: &mut Sheet) -> bool {
        let mut is_ours = true;
        self.inner.relays.iter().any(|front| {
            if let Front::Offload(offload) = front
                && is_ours
            {
                return offload.relay_sheet(asked, sheet);
            }
            // Whoever declines may have put something there all the same.
            is_ours = false;
            let whole = std::mem::replace(&mut sheet.response, HttpResponse::new(StatusCode::OK));
            let relayed = front.relay().relay(asked.request, asked.file, asked.rate_limit, whole);
            let is_relayed = relayed.is_ok();
            sheet.response = relayed.unwrap_or_else(|whole| whole);
            is_relayed
        })
    }

    /// Who passes on what lies behind a link.
    pub(crate) fn link_relay(&self, request: &HttpRequest) -> Option<&dyn Relay> {
        self.inner.relays.iter().map(Front::relay).find(|relay| relay.takes_links(request))
    }

    pub(crate) fn redirects(&self) -> bool {
        self.inner.redirect
    }

    #[cfg(feature = "download-cache")]
    pub(crate) fn cached(&self) -> Option<&super::cache::DownloadCache> {
        self.inner.cache.as_ref()
    }

    pub(crate) fn lifetime(&self) -> Duration {
        self.inner.link_lifetime
    }
}

impl From<Offload> for Delivery {
    fn from(offload: Offload) -> Self {
        Self::new().offload(offload)
    }
}

impl<S, B> Transform<S, ServiceRequest> for Delivery
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type Transform = Delivering<S>;
    type InitError = ();
    type Future = Ready<Result<Self::Transform, ()>>;

    fn new_transform(&self, service: S) -> Self::Future {
        ready(Ok(Delivering { service, delivery: self.clone() }))
    }
}

/// [`Delivery`] as a middleware.
#[derive(Debug)]
pub struct Delivering<S> {
    service: S,
    delivery: Delivery,
}

type Passed<B> = fn(ServiceResponse<B>) -> ServiceResponse<EitherBody<B>>;
type Gathering<B> = LocalBoxFuture<'static, Result<ServiceResponse<EitherBody<B>>, Error>>;

impl<S, B> Service<ServiceRequest> for Delivering<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    S::Future: 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type Future = Either<MapOk<S::Future, Passed<B>>, Gathering<B>>;

    actix_service::forward_ready!(service);

    fn call(&self, request: ServiceRequest) -> Self::Future {
        request.extensions_mut().insert(self.delivery.clone());
        let gathers = self.delivery.gathers(request.request()) > 0;
        let answer = self.service.call(request);
        if !gathers {
            return Either::Left(answer.map_ok(ServiceResponse::map_into_left_body));
        }
        Either::Right(Box::pin(async move {
            let (request, mut response) = answer.await?.into_parts();
            let ungathered = response.extensions_mut().remove::<Ungathered>();
            let response = match ungathered {
                Some(ungathered) => gathered::answer(response, ungathered).await?.map_into_right_body(),
                None => response.map_into_left_body(),
            };
            Ok(ServiceResponse::new(request, response))
        }))
    }
}
