use std::{
    any::type_name,
    borrow::Cow,
    fmt,
    sync::{Arc, OnceLock},
};

use actix_web::dev::Extensions;

use super::{Charter, Controller, MountErrors, build, controller::BoundController, plan::Plan};
use crate::{
    document::{Document, Info},
    endpoint::{MountedOperation, Options, Wrap},
    security::{ErasedScheme, Requirement, Scheme},
};

/// Controllers and other routers under one prefix; an ordinary Actix service.
///
/// `App::service`, `Scope::service` and `ServiceConfig::service` take it. Build it once, outside the factory closure of
/// `HttpServer`, and clone it inside: the route table and the document are made once and shared by all workers.
///
/// Which route wins does not depend on the order of registration. Patterns are compared segment by segment: literal text
/// says more than a parameter with a regex or with text around it, that more than `{name}`, that more than `{rest}*`; the
/// pattern that says more in the first segment in which two differ wins. Only of two that say the same, such as
/// `{a:[0-9]+}` and `{b:[0-9a-f]+}`, the first wins.
///
/// Below its prefix the router answers everything, 404 included. A router with an empty prefix leaves alone what
/// neither it nor a router with a prefix inside it knows, when it stands in an `App`; in a `web::scope` it takes all of the
/// scope.
///
/// `match_pattern()`, `match_name()` and `url_for()` know all routes; a route's name is its `operationId`. Actix answers the
/// first two by the path as it was sent, not by the route that was taken: of several methods on one path the first tells its
/// name, and a needlessly encoded path (`/%61` for `/a`) may be told another pattern. Do not decide by them who may call.
///
/// ```
/// use actix_charter::prelude::*;
/// use actix_web::{App, test};
///
/// struct Pings;
///
/// #[controller(path = "/ping")]
/// impl Pings {
///     /// Are you there?
///     #[get]
///     async fn ping(&self) -> NoContent {
///         NoContent
///     }
/// }
///
/// # actix_web::rt::System::new().block_on(async {
/// let api = Router::new("/api").controller(Pings);
/// let app = test::init_service(App::new().service(api.clone())).await;
/// let answer = test::call_service(&app, test::TestRequest::get().uri("/api/ping").to_request()).await;
/// assert_eq!(answer.status(), 204);
/// # });
/// ```
#[derive(Clone)]
pub struct Router {
    pub(crate) prefix: Cow<'static, str>,
    pub(crate) tags: Vec<Cow<'static, str>>,
    pub(crate) deprecated: bool,
    pub(crate) hidden: bool,
    pub(crate) options: Options,
    pub(crate) wraps: Vec<Wrap>,
    pub(crate) data: Vec<DataFactory>,
    pub(crate) schemes: Vec<Arc<dyn ErasedScheme>>,
    pub(crate) items: Vec<Item>,
    pub(crate) slash: TrailingSlash,
    pub(crate) documents: Vec<DocumentAt>,
    #[cfg(feature = "live")]
    pub(crate) asyncapis: Vec<AsyncApiAt>,
    /// The outermost layer of options.
    pub(crate) application: Options,
    /// Made at the first use and shared by all clones made since.
    plan: Arc<OnceLock<Result<Arc<Plan>, MountErrors>>>,
}

/// What stands in a router.
#[derive(Debug, Clone)]
pub(crate) enum Item {
    Controller(Box<BoundController>),
    Router(Box<Router>),
}

/// Puts a value into a worker's application data.
#[derive(Clone)]
pub(crate) struct DataFactory(pub(crate) Arc<dyn Fn(&mut Extensions) + Send + Sync>);

/// A document to be served, and where.
#[derive(Debug, Clone)]
pub(crate) struct DocumentAt {
    pub(crate) info: Info,
    /// The path without its ending: `/openapi` gives `/openapi.json` and `/openapi.yaml`.
    pub(crate) path: Cow<'static, str>,
    #[cfg(feature = "_pages")]
    pub(crate) pages: Vec<(crate::document::Ui, Cow<'static, str>)>,
}

/// A document of live channels to be served, and where.
#[cfg(feature = "live")]
#[derive(Debug, Clone)]
pub(crate) struct AsyncApiAt {
    pub(crate) info: Info,
    /// The path without its ending.
    pub(crate) path: Cow<'static, str>,
}

/// What a router does with a path that differs from a route in nothing but a slash at its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TrailingSlash {
    /// It is another path: 404. The default, and what Actix does.
    #[default]
    Strict,
    /// It is the same path.
    Ignore,
    /// 308 to the path of the route, the query kept.
    Redirect,
}

impl fmt::Debug for DataFactory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DataFactory")
    }
}

impl fmt::Debug for Router {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Router")
            .field("prefix", &self.prefix)
            .field("items", &self.items)
            .finish_non_exhaustive()
    }
}

impl Router {
    /// An empty router below `prefix`, such as `/api`; the prefix may have parameters, `/{tenant}`.
    #[must_use]
    pub fn new(prefix: impl Into<Cow<'static, str>>) -> Self {
        Self {
            prefix: prefix.into(),
            tags: Vec::new(),
            deprecated: false,
            hidden: false,
            options: Options::new(),
            wraps: Vec::new(),
            data: Vec::new(),
            schemes: Vec::new(),
            items: Vec::new(),
            slash: TrailingSlash::default(),
            documents: Vec::new(),
            #[cfg(feature = "live")]
            asyncapis: Vec::new(),
            application: Options::new(),
            plan: Arc::default(),
        }
    }

    /// What was planned before a change is not valid after it.
    fn changed(mut self, change: impl FnOnce(&mut Self)) -> Self {
        self.plan = Arc::default();
        change(&mut self);
        self
    }

    /// Adds a controller.
    #[must_use]
    pub fn controller<C: Controller>(self, controller: C) -> Self {
        let bound = Charter::<C>::bind(C::charter(), controller);
        self.changed(|router| router.items.push(Item::Controller(Box::new(bound))))
    }

    /// Adds another router below this one. Its tags, options, data and schemes go on top of these.
    ///
    /// ```
    /// # use actix_charter::prelude::*;
    /// # struct Pings;
    /// # #[controller(path = "/ping")]
    /// # impl Pings {
    /// #     #[get]
    /// #     fn ping(&self) -> NoContent { NoContent }
    /// # }
    /// let version = Router::new("/v1").tag("v1").controller(Pings);
    /// let operations = Router::new("/api").tag("all").nest(version).operations().unwrap();
    /// assert_eq!(operations[0].path, "/api/v1/ping");
    /// assert_eq!(operations[0].tags, ["all", "v1"]);
    /// ```
    #[must_use]
    pub fn nest(self, inner: Self) -> Self {
        self.changed(|router| router.items.push(Item::Router(Box::new(inner))))
    }

    /// One more tag for all operations below.
    #[must_use]
    pub fn tag(self, tag: impl Into<Cow<'static, str>>) -> Self {
        let tag = tag.into();
        self.changed(|router| router.tags.push(tag))
    }

    /// Clients should stop using any of it.
    #[must_use]
    pub fn deprecated(self) -> Self {
        self.changed(|router| router.deprecated = true)
    }

    /// Serves all of it without a word in the document.
    #[must_use]
    pub fn hidden(self) -> Self {
        self.changed(|router| router.hidden = true)
    }

    /// This layer's options.
    #[must_use]
    pub fn options(self, options: Options) -> Self {
        self.changed(|router| router.options = options)
    }

    /// The outermost layer of options, meant to be shared by all routers of an application.
    #[must_use]
    pub fn application(self, options: &Options) -> Self {
        self.changed(|router| router.application = options.clone())
    }

    /// Who may call what says nothing of its own. The same as `Options::security` in [`options`](Self::options).
    #[must_use]
    pub fn security(self, requirement: Requirement) -> Self {
        self.changed(|router| router.options.security = Some(requirement))
    }

    /// Registers a security scheme; endpoints below ask for it by its type.
    #[must_use]
    pub fn scheme<S: Scheme>(self, scheme: S) -> Self {
        self.changed(|router| router.schemes.push(Arc::new(scheme)))
    }

    /// Puts an Actix middleware around everything below, 404 and 405 included; the one named last is the outermost.
    ///
    /// Takes the way to make it, as Actix middlewares are made once a worker: `.wrap(Logger::default)`. The route is
    /// looked up before the middleware runs, so that its answers too can be held to the endpoint's contract. Its errors are
    /// told in the API's format, and so is a panic: as a 500.
    #[must_use]
    pub fn wrap<M, B>(self, make: impl Fn() -> M + Send + Sync + 'static) -> Self
    where
        M: actix_web::dev::Transform<
                super::Inner,
                actix_web::dev::ServiceRequest,
                Response = actix_web::dev::ServiceResponse<B>,
                Error = actix_web::Error,
                InitError = (),
            > + 'static,
        M::Transform: 'static,
        M::Future: 'static,
        B: actix_web::body::MessageBody + 'static,
    {
        let wrap = Wrap::new(make);
        self.changed(|router| router.wraps.push(wrap))
    }

    /// Application data for everything below, as in `Scope::app_data`. Each worker gets a clone.
    #[must_use]
    pub fn app_data<T: Clone + Send + Sync + 'static>(self, data: T) -> Self {
        let factory = DataFactory(Arc::new(move |extensions| {
            extensions.insert(data.clone());
        }));
        self.changed(|router| router.data.push(factory))
    }

    /// What to do with a slash too many or too few. Default: [`TrailingSlash::Strict`]. The outermost router decides.
    #[must_use]
    pub fn trailing_slash(self, policy: TrailingSlash) -> Self {
        self.changed(|router| router.slash = policy)
    }

    /// Serves the document of everything below at `/openapi.json` and `/openapi.yaml`.
    #[must_use]
    pub fn openapi(self, info: Info) -> Self {
        self.openapi_at("/openapi", info)
    }

    /// Serves the document at `path` + `.json` and `path` + `.yaml`.
    #[must_use]
    pub fn openapi_at(self, path: impl Into<Cow<'static, str>>, info: Info) -> Self {
        let at = DocumentAt {
            info,
            path: path.into(),
            #[cfg(feature = "_pages")]
            pages: Vec::new(),
        };
        self.changed(|router| router.documents.push(at))
    }

    /// Mounts live channels below `path`: `/live/websocket` and the other ways of [`LiveEndpoints`](crate::live::LiveEndpoints).
    ///
    /// They are operations as any other: the router's schemes find out who connects, its middlewares stand around them, and the
    /// OpenAPI document lists them.
    ///
    /// ```
    /// use actix_charter::{prelude::*, security::{BearerToken, Secret}};
    /// use actix_web::HttpRequest;
    ///
    /// struct Rooms;
    ///
    /// #[channel("room:{id}")]
    /// impl Rooms {
    ///     /// Whoever is known may listen.
    ///     #[subscribe]
    ///     async fn enter(&self, _who: Identity<u32>) {}
    /// }
    ///
    /// let session = BearerToken::new(async |_: &HttpRequest, token: Secret| token.expose().parse::<u32>().ok());
    /// let live = Live::new().channel(Rooms).start()?;
    /// let api = Router::new("/api").scheme(session).live("/live", live.endpoints());
    /// // Everything that does not fit is told when it is mounted.
    /// assert!(api.check().unwrap_err().to_string().contains("nobody finds out who connects"));
    /// # Ok::<(), actix_charter::live::StartError>(())
    /// ```
    #[cfg(feature = "live")]
    #[must_use]
    pub fn live(self, path: impl Into<String>, endpoints: crate::live::LiveEndpoints) -> Self {
        let bound = endpoints.bind(path.into());
        self.changed(|router| router.items.push(Item::Controller(Box::new(bound))))
    }

    /// Serves the AsyncAPI document of the live channels below at `/asyncapi.json` and `/asyncapi.yaml`.
    #[cfg(feature = "live")]
    #[must_use]
    pub fn asyncapi(self, info: Info) -> Self {
        self.asyncapi_at("/asyncapi", info)
    }

    /// Serves the AsyncAPI document at `path` + `.json` and `path` + `.yaml`.
    #[cfg(feature = "live")]
    #[must_use]
    pub fn asyncapi_at(self, path: impl Into<Cow<'static, str>>, info: Info) -> Self {
        let at = AsyncApiAt { info, path: path.into() };
        self.changed(|router| router.asyncapis.push(at))
    }

    /// Shows the document with Swagger UI, whose assets are inside the binary. Call it after [`openapi`](Self::openapi).
    #[cfg(feature = "swagger-ui")]
    #[must_use]
    pub fn swagger_ui(self, path: impl Into<Cow<'static, str>>) -> Self {
        self.page(crate::document::Ui::SwaggerUi, path.into())
    }

    /// Shows the document with Scalar, whose assets are inside the binary. Call it after [`openapi`](Self::openapi).
    #[cfg(feature = "scalar")]
    #[must_use]
    pub fn scalar(self, path: impl Into<Cow<'static, str>>) -> Self {
        self.page(crate::document::Ui::Scalar, path.into())
    }

    #[cfg(feature = "_pages")]
    fn page(self, ui: crate::document::Ui, path: Cow<'static, str>) -> Self {
        self.changed(|router| match router.documents.last_mut() {
            Some(document) => document.pages.push((ui, path)),
            None => router.documents.push(DocumentAt {
                info: Info::new("API", "0.0.0"),
                path: Cow::Borrowed("/openapi"),
                pages: vec![(ui, path)],
            }),
        })
    }

    /// Whether the router can be mounted. Meant for a test of one line: `app::api().check().unwrap()`.
    ///
    /// # Errors
    /// Everything that is wrong, all at once.
    pub fn check(&self) -> Result<(), MountErrors> {
        self.plan().map(|_| ())
    }

    /// Panics with the whole report when the router cannot be mounted.
    ///
    /// # Panics
    /// When [`check`](Self::check) finds anything.
    #[track_caller]
    #[allow(clippy::panic, reason = "it is what the method is for; `check` is the form without")]
    pub fn assert_sound(&self) {
        if let Err(errors) = self.check() {
            panic!("{errors}");
        }
    }

    /// Makes sure that mounting cannot panic.
    ///
    /// # Errors
    /// Everything that is wrong, all at once.
    pub fn try_mount(self) -> Result<super::SoundRouter, MountErrors> {
        let plan = self.plan()?;
        Ok(super::SoundRouter::new(plan))
    }

    /// The document, without a server: for export, or for tests.
    ///
    /// ```
    /// use actix_charter::prelude::*;
    /// let document = Router::new("/api").document(&Info::new("Team board", "1.0")).unwrap();
    /// assert_eq!(document.to_value()["info"]["title"], "Team board");
    /// ```
    ///
    /// # Errors
    /// What keeps the router from being mounted.
    pub fn document(&self, info: &Info) -> Result<Document, MountErrors> {
        let plan = self.plan()?;
        Document::build(info, &plan.operations, &plan.scheme_documents()).map_err(|faults| {
            MountErrors::from_faults(faults.iter().map(ToString::to_string).collect()).err().unwrap_or_else(
                || MountErrors::one(format!("the document of {} cannot be built", type_name::<Self>())),
            )
        })
    }

    /// Every operation below, as mounted.
    ///
    /// # Errors
    /// What keeps the router from being mounted.
    pub fn operations(&self) -> Result<Vec<MountedOperation>, MountErrors> {
        Ok(self.plan()?.operations.clone())
    }

    pub(crate) fn plan(&self) -> Result<Arc<Plan>, MountErrors> {
        self.plan.get_or_init(|| build::plan(self).map(Arc::new)).clone()
    }
}
