use std::sync::{Arc, OnceLock};

use actix_web::{HttpRequest, HttpResponse, http::StatusCode};

use super::{Charter, Controller, controller::BoundController, router::DocumentAt};
use crate::{
    document::{Format, Served, Ui},
    endpoint::{ContractMode, Operation, Options, Output, OutputContent},
    problem::Problem,
    request::Path,
    security::Requirement,
};

/// Serves one document and the pages that show it. The document is filled in once every operation is known.
#[derive(Debug)]
pub(crate) struct DocumentPages {
    title: String,
    served: OnceLock<Served>,
}

impl DocumentPages {
    pub(crate) fn new(at: &DocumentAt) -> Self {
        Self { title: at.info.title().to_owned(), served: OnceLock::new() }
    }

    pub(crate) fn fill(&self, served: Served) {
        let _ = self.served.set(served);
    }

    fn document(&self, request: &HttpRequest, format: Format) -> Result<HttpResponse, Problem> {
        let served = self.served.get().ok_or_else(|| Problem::new(StatusCode::SERVICE_UNAVAILABLE))?;
        Ok(served.respond(request, format))
    }

    /// Ordinary, hidden operations: middleware, HEAD, 405 and the error model come with them. Public unless the
    /// application asks for a scheme, in which case hiding the document would be a surprise as well: it stays public.
    pub(crate) fn controller(at: &DocumentAt, shared: Arc<Self>) -> BoundController {
        let any = || Output::new(Some(200), OutputContent::Any);
        let mut charter =
            Charter::<Shared>::new("document")
                .hidden()
                .options(Options::new().contract(ContractMode::Off).security(Requirement::Public))
                .operation(Operation::get(format!("{}.json", at.path)).declares(any()).handle(
                    async |this: &Shared, request: HttpRequest| this.0.document(&request, Format::Json),
                ))
                .operation(Operation::get(format!("{}.yaml", at.path)).declares(any()).handle(
                    async |this: &Shared, request: HttpRequest| this.0.document(&request, Format::Yaml),
                ));
        for (ui, path) in &at.pages {
            let (ui, page, document) = (*ui, path.to_string(), format!("{}.json", at.path));
            charter = charter
                .operation(Operation::get(page.clone()).declares(any()).handle(
                    async move |this: &Shared, request: HttpRequest| -> Result<HttpResponse, Problem> {
                        Ok(show(ui, &request, &page, &document, &this.0.title))
                    },
                ))
                .operation(Operation::get(format!("{path}/{{asset}}")).declares(any()).handle(
                    async move |_: &Shared, request: HttpRequest, asset: Path<String>| {
                        crate::document::asset(ui, &asset.0, &request)
                            .ok_or_else(|| Problem::new(StatusCode::NOT_FOUND).code("not-found"))
                    },
                ));
        }
        charter.bind(Shared(shared))
    }
}

/// The page. Its links are absolute, so that it works with and without a slash at the end of its own URL.
fn show(ui: Ui, request: &HttpRequest, page: &str, document: &str, title: &str) -> HttpResponse {
    let prefix =
        request.path().trim_end_matches('/').strip_suffix(page.trim_end_matches('/')).unwrap_or_default();
    crate::document::page(ui, &format!("{prefix}{page}"), &format!("{prefix}{document}"), title, request)
}

#[derive(Debug)]
struct Shared(Arc<DocumentPages>);

impl Controller for Shared {
    fn charter() -> Charter<Self> {
        Charter::new("document")
    }
}
