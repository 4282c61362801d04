use std::{any::Any, fmt, sync::Arc};

use actix_router::Url;
use actix_web::http::{
    Method, StatusCode, Uri,
    header::{ALLOW, CONTENT_TYPE},
};
use serde_json::Value;

use super::{Contract, Exchange, answer::Answer, schemas::Compiled};
use crate::{
    document::{Document, Info},
    router::{MountErrors, Plan, Router, SoundRouter, TrailingSlash},
};

/// The OpenAPI document of a router as the contract of its tests: path, method, status, media type, required headers, and
/// the body against its schema.
///
/// [`TestClient::new`](super::TestClient::new) holds every answer of a [`Router`] to it by itself; this is for clients of a
/// real socket, and of applications that are more than one router.
///
/// - A status that the operation does not declare is a breach, a 500 above all. A test that provokes one says
///   [`unchecked`](super::RequestBuilder::unchecked).
/// - A path below the router's prefix that leads nowhere is not answered with a success; neither is a method that the path does
///   not have. 405 has `Allow`.
/// - Paths outside of the router's prefix, and operations that are `hidden`, are none of its business.
///
/// ```
/// use actix_charter::{prelude::*, testing::{DocumentContract, TestClient}};
/// use actix_web::App;
///
/// struct Pings;
///
/// #[controller(path = "/ping")]
/// impl Pings {
///     #[get]
///     async fn ping(&self) -> NoContent {
///         NoContent
///     }
/// }
///
/// # #[actix_web::main] async fn main() {
/// let api = Router::new("/api").controller(Pings);
/// let contract = DocumentContract::of(&api).unwrap();
/// let server = actix_test::start(move || App::new().service(api.clone()));
///
/// let client = TestClient::at(&format!("http://{}", server.addr())).contract(contract);
/// client.get("/api/ping").send().await.assert_status(204);
/// # }
/// ```
pub struct DocumentContract {
    plan: Arc<Plan>,
    document: Value,
    outer: String,
    compiled: Compiled,
}

impl fmt::Debug for DocumentContract {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DocumentContract").field("plan", &self.plan).finish_non_exhaustive()
    }
}

impl DocumentContract {
    /// The contract of a router.
    ///
    /// # Errors
    /// What keeps the router from being mounted, or its operations from standing in one document.
    pub fn of(router: &Router) -> Result<Self, MountErrors> {
        Self::of_plan(router.plan()?)
    }

    /// The same for a router that is mounted below `prefix`, by `web::scope(prefix)` for one.
    #[must_use]
    pub fn below(mut self, prefix: &str) -> Self {
        prefix.trim_end_matches('/').clone_into(&mut self.outer);
        self
    }

    fn of_plan(plan: Arc<Plan>) -> Result<Self, MountErrors> {
        let document =
            Document::build(&Info::new("The contract", "0"), &plan.operations, &plan.scheme_documents());
        let document = document.map_err(|faults| MountErrors::of(faults.iter()))?;
        let document = document.to_value().clone();
        Ok(Self { compiled: Compiled::new(&document), plan, document, outer: String::new() })
    }

    /// The contract of anything that an application mounts, if that is a router of ours.
    pub(super) fn of_service(service: &dyn Any) -> Option<Result<Self, MountErrors>> {
        if let Some(router) = service.downcast_ref::<Router>() {
            return Some(Self::of(router));
        }
        service.downcast_ref::<SoundRouter>().map(|router| Self::of_plan(Arc::clone(router.plan())))
    }

    /// The route that a request's path leads to: `None` outside of the router, `Some(None)` when it leads nowhere.
    fn route(&self, path: &str) -> Option<Option<usize>> {
        let path = path.strip_prefix(&self.outer)?;
        let url = Url::new(path.parse::<Uri>().ok()?);
        let length = self.plan.prefix.prefix_def().find_match(url.path())?;
        let rest = url.path().get(length..)?;
        let found = self.plan.table.find(rest).or_else(|| match self.plan.slash {
            TrailingSlash::Ignore => self.plan.table.find(&match rest.strip_suffix('/') {
                Some(bare) => bare.to_owned(),
                None => format!("{rest}/"),
            }),
            TrailingSlash::Strict | TrailingSlash::Redirect => None,
        });
        Some(found.map(|found| found.route))
    }

    /// The operations that may have answered, as indices.
    fn operations(&self, route: usize, method: &Method) -> Vec<usize> {
        let of_method = |method: &Method| -> Vec<usize> {
            let endpoints = self.plan.endpoints.iter().zip(&self.plan.operations).enumerate();
            endpoints
                .filter(|(_, (endpoint, operation))| {
                    endpoint.route == route && operation.spec.method == *method
                })
                .map(|(index, _)| index)
                .collect()
        };
        let own = of_method(method);
        if own.is_empty() && method == Method::HEAD { of_method(&Method::GET) } else { own }
    }

    fn check_operation(&self, exchange: &Exchange<'_>, operation: usize, breaches: &mut Vec<String>) {
        let Some(operation) = self.plan.operations.get(operation) else { return };
        let method = operation.spec.method.as_str();
        let item = self.document.get("paths").and_then(|paths| paths.get(&operation.path));
        let shown = item.and_then(|item| {
            item.get(method.to_ascii_lowercase())
                .or_else(|| item.get("x-additionalOperations").and_then(|others| others.get(method)))
        });
        let Some(shown) = shown else {
            return breaches.push(format!("the document does not tell of {method} {}", operation.path));
        };
        let guarded = self.plan.endpoints.iter().zip(&self.plan.operations).any(|(endpoint, other)| {
            other.operation_id == operation.operation_id && !endpoint.guards.is_empty()
        });
        let answer = Answer { exchange, title: format!("{method} {}", operation.path), operation: shown };
        match answer.declared() {
            Some(response) => answer.check(response, &self.compiled, breaches),
            // No guard agreed, so that nothing is there.
            None if guarded && exchange.status == StatusCode::NOT_FOUND => {}
            None => breaches.push(answer.undeclared()),
        }
    }
}

impl Contract for DocumentContract {
    fn check(&self, exchange: &Exchange<'_>) -> Result<(), Vec<String>> {
        let mut breaches = Vec::new();
        let status = exchange.status;
        let Some(route) = self.route(exchange.path) else { return Ok(()) };
        let operations = route.map_or_else(Vec::new, |route| self.operations(route, exchange.method));
        let hidden = |index: &usize| self.plan.operations.get(*index).is_some_and(|o| o.spec.hidden);
        match (route, operations.first()) {
            // A router without a prefix leaves to others what it does not know.
            (None, _) if self.plan.prefix.actix.is_empty() => {}
            (None, _) => {
                if status.is_success() || status.is_server_error() {
                    breaches
                        .push(format!("there is nothing at this path, and it was answered with {status}"));
                }
            }
            (Some(_), None) if *exchange.method == Method::OPTIONS && status.is_success() => {}
            (Some(_), None) => {
                if status.is_success() || status.is_server_error() {
                    breaches.push(format!(
                        "the path has no {}, and it was answered with {status}",
                        exchange.method
                    ));
                }
                if status == StatusCode::METHOD_NOT_ALLOWED && !exchange.headers.contains_key(ALLOW) {
                    breaches.push("405 lacks `Allow` (RFC 9110 §15.5.6)".to_owned());
                }
            }
            (Some(_), Some(_)) if operations.iter().any(hidden) => {}
            (Some(_), Some(&operation)) => self.check_operation(exchange, operation, &mut breaches),
        }
        if matches!(status.as_u16(), 100..=199 | 204 | 205 | 304)
            && (!exchange.body.is_empty() || (status != 304 && exchange.headers.contains_key(CONTENT_TYPE)))
        {
            breaches.push(format!("{} has neither a body nor a Content-Type", status.as_u16()));
        }
        if breaches.is_empty() { Ok(()) } else { Err(breaches) }
    }
}
