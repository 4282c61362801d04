//! The document of the live channels below a router.

use std::sync::{Arc, OnceLock};

use actix_web::{HttpRequest, HttpResponse, http::StatusCode};

use super::{
    Charter, Controller, MountErrors, controller::BoundController, plan::scheme_documents, router::AsyncApiAt,
};
use crate::{
    document::{Format, Served},
    endpoint::{ContractMode, MountedOperation, Operation, Options, Output, OutputContent},
    live::Mount,
    problem::Problem,
    security::{ErasedScheme, Requirement},
};

/// Live channels as they stand in the router.
pub(super) struct PlacedLive {
    pub(super) mount: Arc<Mount>,
    /// How to connect.
    pub(super) websocket: MountedOperation,
    /// The documents that tell of it.
    pub(super) documents: Vec<usize>,
}

/// Serves one document, which is filled in once it is known what it tells of.
#[derive(Debug, Default)]
pub(super) struct AsyncApiPages(OnceLock<Served>);

impl AsyncApiPages {
    /// Tells of the one that is `told`.
    ///
    /// # Errors
    /// A sentence each.
    pub(super) fn fill(
        &self,
        at: &AsyncApiAt,
        told: &[&PlacedLive],
        schemes: &[Arc<dyn ErasedScheme>],
    ) -> Result<(), Vec<String>> {
        let [live] = told else {
            return Err(vec![match told {
                [] => "tells of no live channels: none are mounted here with a `/websocket`".to_owned(),
                _ => "would tell of several mounts; say `.asyncapi(..)` on a router with one of them"
                    .to_owned(),
            }]);
        };
        let Some(declared) = live.mount.declared() else {
            return Err(vec!["tells of live channels that were started without `Live::start`".to_owned()]);
        };
        let schemes = scheme_documents(schemes, std::slice::from_ref(&live.websocket));
        let document = declared.live.asyncapi(&at.info, &live.websocket.path, &schemes);
        let document =
            document.map_err(|faults: MountErrors| faults.iter().map(str::to_owned).collect::<Vec<_>>())?;
        let _ = self.0.set(Served::of(
            document.to_value().to_string(),
            #[cfg(feature = "yaml")]
            document.to_yaml(),
        ));
        Ok(())
    }

    fn answer(&self, request: &HttpRequest, format: Format) -> Result<HttpResponse, Problem> {
        let served = self.0.get().ok_or_else(|| Problem::new(StatusCode::SERVICE_UNAVAILABLE))?;
        Ok(served.respond(request, format))
    }

    /// As [`DocumentPages::controller`](super::pages::DocumentPages::controller).
    pub(super) fn controller(at: &AsyncApiAt, shared: Arc<Self>) -> BoundController {
        let any = || Output::new(Some(200), OutputContent::Any);
        let charter =
            Charter::<Shared>::new("document")
                .hidden()
                .options(Options::new().contract(ContractMode::Off).security(Requirement::Public))
                .operation(Operation::get(format!("{}.json", at.path)).declares(any()).handle(
                    async |this: &Shared, request: HttpRequest| this.0.answer(&request, Format::Json),
                ));
        #[cfg(feature = "yaml")]
        let charter = charter.operation(
            Operation::get(format!("{}.yaml", at.path))
                .declares(any())
                .handle(async |this: &Shared, request: HttpRequest| this.0.answer(&request, Format::Yaml)),
        );
        charter.bind(Shared(shared))
    }
}

#[derive(Debug)]
struct Shared(Arc<AsyncApiPages>);

impl Controller for Shared {
    fn charter() -> Charter<Self> {
        Charter::new("document")
    }
}
