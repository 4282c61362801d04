use std::{
    collections::HashMap,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use actix_web::{HttpRequest, HttpResponse, http::StatusCode};

use super::{Charter, Controller, controller::BoundController, router::DocumentAt};
use crate::{
    document::{Document, Format, Served},
    endpoint::{ContractMode, Operation, Options, Output, OutputContent},
    problem::Problem,
    security::Requirement,
};

/// How many prefixes that only requests tell of get a document of their own; further ones get the router's.
const MAX_BELOW: usize = 16;

/// Serves one document and the pages that show it. The document is filled in once every operation is known.
#[derive(Debug)]
pub(crate) struct DocumentPages {
    /// The path as far as the router knows it, without its ending.
    path: String,
    filled: OnceLock<Filled>,
}

#[derive(Debug)]
struct Filled {
    served: Arc<Served>,
    document: Document,
    /// Whether the application says itself where it is served.
    has_servers: bool,
    /// For clients that reach the router below a prefix of Actix's, such as a `web::scope`'s.
    below: Mutex<HashMap<String, Arc<Served>>>,
}

impl Filled {
    /// The document that is right for this request.
    fn served(&self, request: &HttpRequest, path: &str) -> Arc<Served> {
        // As it was matched, so that one prefix has one spelling, however a client encodes it.
        let asked = request.match_info().as_str();
        let outer = asked.rsplit_once('.').and_then(|(bare, _)| bare.strip_suffix(path));
        let Some(outer) = outer.filter(|outer| !outer.is_empty() && !self.has_servers) else {
            return Arc::clone(&self.served);
        };
        let below = || self.below.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = below().get(outer) {
            return Arc::clone(known);
        }
        if below().len() >= MAX_BELOW {
            // A prefix with a parameter has no end of spellings; making a document for each would be a gift to floods.
            return Arc::clone(&self.served);
        }
        let made = Arc::new(Served::new(&self.document.below(outer)));
        below().insert(outer.to_owned(), Arc::clone(&made));
        made
    }
}

impl DocumentPages {
    pub(crate) const fn new(path: String) -> Self {
        Self { path, filled: OnceLock::new() }
    }

    pub(crate) fn fill(&self, document: Document, has_servers: bool) {
        let served = Arc::new(Served::new(&document));
        let _ = self.filled.set(Filled { served, document, has_servers, below: Mutex::default() });
    }

    fn document(&self, request: &HttpRequest, format: Format) -> Result<HttpResponse, Problem> {
        let filled = self.filled.get().ok_or_else(|| Problem::new(StatusCode::SERVICE_UNAVAILABLE))?;
        Ok(filled.served(request, &self.path).respond(request, format))
    }

    /// Ordinary, hidden operations: middleware, HEAD, 405 and the error model come with them. Always public; put an
    /// application's own guard or middleware around the router to hide a document.
    pub(crate) fn controller(at: &DocumentAt, shared: Arc<Self>) -> BoundController {
        let charter =
            Charter::<Shared>::new("document")
                .hidden()
                .options(Options::new().contract(ContractMode::Off).security(Requirement::Public))
                .operation(Operation::get(format!("{}.json", at.path)).declares(any()).handle(
                    async |this: &Shared, request: HttpRequest| this.0.document(&request, Format::Json),
                ));
        #[cfg(feature = "yaml")]
        let charter = charter.operation(
            Operation::get(format!("{}.yaml", at.path))
                .declares(any())
                .handle(async |this: &Shared, request: HttpRequest| this.0.document(&request, Format::Yaml)),
        );
        #[cfg(feature = "_pages")]
        let charter = at.pages.iter().fold(charter, |charter, (ui, path)| shown(charter, at, *ui, path));
        charter.bind(Shared(shared))
    }
}

fn any() -> Output {
    Output::new(Some(200), OutputContent::Any)
}

/// One page with its assets.
#[cfg(feature = "_pages")]
fn shown(charter: Charter<Shared>, at: &DocumentAt, ui: crate::document::Ui, path: &str) -> Charter<Shared> {
    use crate::{
        document::{asset, page},
        request::Path,
    };
    let info = at.info.clone();
    let document = format!("{}.json", at.path);
    let below = path.trim_end_matches('/').to_owned();
    charter
        .operation(Operation::get(path.to_owned()).declares(any()).handle(
            async move |_: &Shared, request: HttpRequest| {
                let prefix = request.path().trim_end_matches('/').strip_suffix(&below).unwrap_or_default();
                page(ui, &request, &format!("{prefix}{document}"), &info.title, &info.servers)
            },
        ))
        .operation(
            Operation::get(format!("{}/{{asset}}", path.trim_end_matches('/'))).declares(any()).handle(
                async move |_: &Shared, request: HttpRequest, name: Path<String>| {
                    asset(ui, &request, &name)
                        .ok_or_else(|| Problem::new(StatusCode::NOT_FOUND).code("not-found"))
                },
            ),
        )
}

#[derive(Debug)]
struct Shared(Arc<DocumentPages>);

impl Controller for Shared {
    fn charter() -> Charter<Self> {
        Charter::new("document")
    }
}
