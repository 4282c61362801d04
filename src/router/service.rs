use std::{
    cell::OnceCell,
    future::ready,
    panic::{AssertUnwindSafe, catch_unwind},
    rc::{Rc, Weak},
    sync::Arc,
};

use actix_service::{Service, ServiceFactory, boxed};
use actix_web::{
    Error, HttpMessage, HttpRequest, HttpResponse,
    dev::{AppService, Extensions, HttpServiceFactory, ResourceMap, ServiceRequest, ServiceResponse},
    error::ErrorInternalServerError,
    guard::{Guard, GuardContext},
    http::{
        Method, StatusCode,
        header::{ALLOW, HeaderValue, LOCATION},
    },
};
use futures_util::{FutureExt, future::LocalBoxFuture};

use super::{Router, TrailingSlash, head, plan::Plan, table::Slot, unread::Unread};
use crate::{
    endpoint::{Boxed, MadeHere, Run, Snapshot},
    problem::Problem,
    request::Refusal,
};

type Answer = LocalBoxFuture<'static, Result<ServiceResponse, Error>>;

impl HttpServiceFactory for Router {
    /// # Panics
    /// When the router is not sound, with the whole report, as Actix does for a bad path. `Router::try_mount` is the
    /// form without.
    #[allow(
        clippy::panic,
        reason = "the trait cannot return an error, and a half-mounted API would be worse"
    )]
    fn register(self, config: &mut AppService) {
        match self.plan() {
            Ok(plan) => SoundRouter::new(plan).register(config),
            Err(errors) => panic!("{errors}"),
        }
    }
}

/// A router that was checked: mounting it cannot panic.
#[derive(Debug, Clone)]
pub struct SoundRouter {
    plan: Arc<Plan>,
}

impl SoundRouter {
    pub(crate) fn new(plan: Arc<Plan>) -> Self {
        Self { plan }
    }

    #[cfg(feature = "testing")]
    pub(crate) fn plan(&self) -> &Arc<Plan> {
        &self.plan
    }
}

impl HttpServiceFactory for SoundRouter {
    fn register(self, config: &mut AppService) {
        let plan = self.plan;
        let prefix = plan.prefix.prefix_def();
        let mut map = ResourceMap::new(prefix.clone());
        // `match_pattern()` takes the first that fits, so the map has the table's order.
        let mut named: Vec<_> = plan
            .endpoints
            .iter()
            .filter_map(|endpoint| {
                let route = plan.table.routes.get(endpoint.route)?;
                Some((endpoint.route, &route.pattern, &endpoint.mounted.operation_id))
            })
            .collect();
        named.sort_by_key(|(route, ..)| *route);
        for (_, pattern, name) in named {
            let mut def = pattern.map_def();
            def.set_name(name.as_str());
            map.add(&mut def, None);
        }
        let guards = (plan.prefix.actix.is_empty() && config.is_root())
            .then(|| vec![Box::new(Known(Arc::clone(&plan))) as Box<dyn Guard>]);
        config.register_service(prefix, guards, Factory(plan), Some(Rc::new(map)));
    }
}

/// Lets requests pass that a router without a prefix knows nothing of, so that it can stand beside other services. What lies
/// below a router inside that has a prefix is known: its 404 is that router's.
struct Known(Arc<Plan>);

impl Guard for Known {
    fn check(&self, context: &GuardContext<'_>) -> bool {
        let url = actix_router::Url::new(context.head().uri.clone());
        let path = url.path();
        self.0.table.find(path).is_some()
            || self.0.is_below_prefix(path)
            || (self.0.slash != TrailingSlash::Strict && self.0.table.find(&toggled(path)).is_some())
    }
}

struct Factory(Arc<Plan>);

impl ServiceFactory<ServiceRequest> for Factory {
    type Response = ServiceResponse;
    type Error = Error;
    type Config = ();
    type Service = TableService;
    type InitError = ();
    type Future = LocalBoxFuture<'static, Result<TableService, ()>>;

    fn new_service(&self, (): ()) -> Self::Future {
        let plan = Arc::clone(&self.0);
        Box::pin(async move { Worker::new(plan).await.map(TableService) })
    }
}

/// What one worker has of a router: its middlewares, guards and data, which Actix does not let us share.
struct Worker {
    plan: Arc<Plan>,
    data: Vec<Rc<Extensions>>,
    guards: Vec<Vec<Box<dyn Guard>>>,
    endpoints: Vec<Rc<dyn Run>>,
    nodes: OnceCell<Vec<Boxed>>,
}

impl Worker {
    async fn new(plan: Arc<Plan>) -> Result<Rc<Self>, ()> {
        let data = plan.data.iter().map(|factories| {
            let mut extensions = Extensions::new();
            factories.iter().for_each(|factory| (factory.0)(&mut extensions));
            Rc::new(extensions)
        });
        let guards =
            plan.endpoints.iter().map(|endpoint| endpoint.guards.iter().map(|guard| (guard.0)()).collect());
        let endpoints = plan
            .endpoints
            .iter()
            .map(|endpoint| Arc::clone(&endpoint.bound).on_worker(Arc::clone(&endpoint.mounted)));
        let worker = Rc::new(Self {
            data: data.collect(),
            guards: guards.collect(),
            endpoints: endpoints.collect(),
            nodes: OnceCell::new(),
            plan: Arc::clone(&plan),
        });
        let mut nodes = Vec::with_capacity(plan.nodes.len());
        for wraps in &plan.nodes {
            let mut service: Boxed = boxed::service(Through(Rc::downgrade(&worker)));
            for wrap in wraps {
                service = wrap.around(service).await?;
            }
            nodes.push(service);
        }
        let _ = worker.nodes.set(nodes);
        Ok(worker)
    }

    /// Where a request goes. Writes its path parameters into the request.
    fn route(&self, request: &mut ServiceRequest) -> Target {
        let path = request.match_info().unprocessed();
        let found = match self.plan.table.find(path) {
            Some(found) => found,
            None => match self.other_slash(request) {
                Ok(found) => found,
                Err(target) => return target,
            },
        };
        let Some(route) = self.plan.table.routes.get(found.route) else { return Target::NotFound(0) };
        let whole = path.len();
        let matched = request.match_info_mut();
        matched.skip(u16::try_from(whole).unwrap_or(u16::MAX));
        for (name, value) in route.names.iter().zip(found.values) {
            matched.add_static(*name, value);
        }
        let method = request.method();
        let mut slot = route.slot(method);
        let mut from_get = false;
        if slot.is_empty() && method == Method::HEAD && route.head {
            slot = route.slot(&Method::GET);
            from_get = true;
        }
        let chosen = match slot {
            Slot::Empty if method == Method::OPTIONS && route.options => return Target::Options(found.route),
            Slot::Empty => return Target::NotAllowed(found.route),
            Slot::One(endpoint) => Some(*endpoint).filter(|&endpoint| self.agrees(endpoint, request)),
            Slot::Many(all) => all.iter().copied().find(|&endpoint| self.agrees(endpoint, request)),
        };
        match chosen {
            Some(endpoint) => Target::Endpoint { endpoint, from_get },
            None => Target::NotFound(route.level),
        }
    }

    fn agrees(&self, endpoint: usize, request: &ServiceRequest) -> bool {
        self.guards.get(endpoint).is_none_or(|guards| {
            guards.is_empty() || {
                let context = request.guard_ctx();
                guards.iter().all(|guard| guard.check(&context))
            }
        })
    }

    /// The path with a slash more or less, when the policy says so.
    fn other_slash(&self, request: &ServiceRequest) -> Result<super::table::Found, Target> {
        let path = request.match_info().unprocessed();
        let miss = || Target::NotFound(self.plan.level_of(path));
        if self.plan.slash == TrailingSlash::Strict {
            return Err(miss());
        }
        let found = self.plan.table.find(&toggled(path)).ok_or_else(miss)?;
        if self.plan.slash == TrailingSlash::Ignore {
            return Ok(found);
        }
        let uri = request.uri();
        let mut location = toggled(uri.path());
        if let Some(query) = uri.query() {
            location.push('?');
            location.push_str(query);
        }
        // `//host` would lead to another host, and browsers take a backslash for a slash.
        if location.starts_with("//") || location.starts_with("/\\") {
            return Err(miss());
        }
        HeaderValue::from_str(&location)
            .map_or_else(|_| Err(miss()), |location| Err(Target::Redirect(location)))
    }

    /// The answer to a request that no endpoint takes.
    fn miss(&self, request: &HttpRequest, target: &Target) -> HttpResponse {
        let allow = |route: usize| self.plan.table.routes.get(route).map(|route| route.allow.clone());
        let problem = match target {
            Target::Options(route) => {
                let mut response = HttpResponse::new(StatusCode::NO_CONTENT);
                if let Some(allow) = allow(*route) {
                    response.headers_mut().insert(ALLOW, allow);
                }
                return response;
            }
            Target::Redirect(location) => {
                let mut response = HttpResponse::new(StatusCode::PERMANENT_REDIRECT);
                response.headers_mut().insert(LOCATION, location.clone());
                return response;
            }
            Target::NotAllowed(route) => {
                let problem = Problem::new(StatusCode::METHOD_NOT_ALLOWED).code("method-not-allowed");
                match allow(*route) {
                    Some(allow) => problem
                        .detail(format!("this path takes {}", allow.to_str().unwrap_or_default()))
                        .header(ALLOW, allow),
                    None => problem,
                }
            }
            Target::NotFound(_) | Target::Endpoint { .. } => {
                Problem::new(StatusCode::NOT_FOUND).code("not-found").detail("there is nothing at this path")
            }
        };
        match self.plan.levels.get(self.level(target)) {
            Some(level) => {
                let rendering = level.voice.choose_for_error(request.headers());
                level.voice.problem(request, rendering, problem)
            }
            None => HttpResponse::new(problem.status()),
        }
    }

    fn level(&self, target: &Target) -> usize {
        match target {
            Target::NotFound(level) => *level,
            Target::NotAllowed(route) | Target::Options(route) => {
                self.plan.table.routes.get(*route).map_or(0, |route| route.level)
            }
            Target::Redirect(_) | Target::Endpoint { .. } => 0,
        }
    }

    /// The nodes and the data that a request passes on its way.
    fn way(&self, target: &Target) -> (&[usize], &[usize]) {
        match target {
            Target::Endpoint { endpoint, .. } => {
                self.plan.endpoints.get(*endpoint).map(|endpoint| (&*endpoint.nodes, &*endpoint.data))
            }
            other => self.plan.levels.get(self.level(other)).map(|level| (&*level.nodes, &*level.data)),
        }
        .unwrap_or_default()
    }

    /// The end of the way: the endpoint itself, or the answer that there is none.
    fn arrive(&self, request: ServiceRequest, target: &Target) -> Answer {
        let endpoint = match target {
            Target::Endpoint { endpoint, .. } => self.endpoints.get(*endpoint),
            _ => None,
        };
        match endpoint {
            Some(endpoint) => Rc::clone(endpoint).run(request),
            None => {
                let (request, _) = request.into_parts();
                let response = self.miss(&request, target);
                Box::pin(ready(Ok(ServiceResponse::new(request, response))))
            }
        }
    }

    /// Calls the node at `depth` of the way, or arrives.
    fn step(&self, request: ServiceRequest, target: Target, depth: usize) -> Answer {
        let (nodes, _) = self.way(&target);
        let node = nodes.get(depth).and_then(|&node| self.nodes.get()?.get(node));
        match node {
            Some(node) => {
                request.request().extensions_mut().insert(Ahead { target, depth: depth + 1 });
                node.call(request)
            }
            None => self.arrive(request, &target),
        }
    }

    /// Through the middlewares, and the contract around them.
    fn through(self: Rc<Self>, request: ServiceRequest, target: Target) -> Answer {
        let mounted = match target {
            Target::Endpoint { endpoint, .. } => {
                self.plan.endpoints.get(endpoint).map(|e| Arc::clone(&e.mounted))
            }
            _ => None,
        };
        let level = self.level(&target);
        let snapshot = Snapshot::of(request.request());
        // The endpoint catches its own panics; this is for those of a middleware.
        let answer = catch_unwind(AssertUnwindSafe(|| self.step(request, target, 0)));
        Box::pin(async move {
            let answer = match answer {
                Ok(answer) => AssertUnwindSafe(answer).catch_unwind().await,
                Err(panic) => Err(panic),
            };
            let answer = answer.unwrap_or_else(|_| Err(ErrorInternalServerError("a middleware panicked")));
            match (answer, mounted) {
                (Ok(answer), Some(mounted)) if answer.response().extensions().get::<MadeHere>().is_none() => {
                    let (request, response) = answer.into_parts();
                    let response = mounted.hold_outside(&request, response);
                    Ok(ServiceResponse::new(request, response))
                }
                (Ok(answer), _) => Ok(answer),
                (Err(error), mounted) => {
                    let Some(level) = self.plan.levels.get(level) else { return Err(error) };
                    let problem = Refusal::Actix(error).into_problem();
                    Err(match mounted {
                        Some(mounted) => snapshot.error(&mounted.voice, mounted.hold_problem(problem)),
                        None => snapshot.error(&level.voice, problem),
                    })
                }
            }
        })
    }
}

fn toggled(path: &str) -> String {
    match path.strip_suffix('/') {
        Some(bare) => bare.to_owned(),
        None => format!("{path}/"),
    }
}

/// Where a request goes.
#[derive(Debug, Clone)]
enum Target {
    Endpoint {
        endpoint: usize,
        /// HEAD that a GET endpoint answers.
        from_get: bool,
    },
    NotFound(usize),
    NotAllowed(usize),
    Options(usize),
    Redirect(HeaderValue),
}

/// What the innermost service of a node needs to go on.
struct Ahead {
    target: Target,
    depth: usize,
}

/// The innermost service of every node: goes on with the way.
struct Through(Weak<Worker>);

impl Service<ServiceRequest> for Through {
    type Response = ServiceResponse;
    type Error = Error;
    type Future = Answer;

    actix_service::always_ready!();

    fn call(&self, request: ServiceRequest) -> Answer {
        let ahead = request.request().extensions_mut().remove::<Ahead>();
        match (self.0.upgrade(), ahead) {
            (Some(worker), Some(Ahead { target, depth })) => worker.step(request, target, depth),
            _ => Box::pin(ready(Ok(
                request.into_response(HttpResponse::new(StatusCode::INTERNAL_SERVER_ERROR))
            ))),
        }
    }
}

/// The one Actix service that a router is.
pub(crate) struct TableService(Rc<Worker>);

impl Service<ServiceRequest> for TableService {
    type Response = ServiceResponse;
    type Error = Error;
    type Future = Answer;

    actix_service::always_ready!();

    fn call(&self, mut request: ServiceRequest) -> Answer {
        let worker = &self.0;
        let unread = Unread::of(&mut request);
        let target = worker.route(&mut request);
        let (nodes, data) = worker.way(&target);
        for &index in data {
            if let Some(container) = worker.data.get(index) {
                request.add_data_container(Rc::clone(container));
            }
        }
        let from_get = matches!(target, Target::Endpoint { from_get: true, .. });
        let answer = if nodes.is_empty() {
            worker.arrive(request, &target)
        } else {
            Rc::clone(worker).through(request, target)
        };
        let answer = if from_get { head::without_body(answer) } else { answer };
        match unread {
            Some(unread) => unread.held_by(answer),
            None => answer,
        }
    }
}
