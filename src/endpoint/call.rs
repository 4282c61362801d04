use std::{any::Any, marker::PhantomData, panic::AssertUnwindSafe, sync::Arc};

use actix_web::{
    Error,
    dev::{ServiceRequest, ServiceResponse},
};
use futures_util::{FutureExt, future::LocalBoxFuture};

use super::{Handler, Mounted};
use crate::{
    request::{Call, Refusal},
    response::Replies,
};

/// What a panic says, for the log.
pub(crate) fn panic_text(panic: &(dyn Any + Send)) -> &str {
    let owned = || panic.downcast_ref::<String>().map(String::as_str);
    panic.downcast_ref::<&str>().copied().or_else(owned).unwrap_or_default()
}

/// A handler with its controller, every type forgotten. One boxed future a request, and no more.
pub(crate) trait Run: Send + Sync {
    fn run(
        self: Arc<Self>,
        endpoint: Arc<Mounted>,
        request: ServiceRequest,
    ) -> LocalBoxFuture<'static, Result<ServiceResponse, Error>>;
}

pub(crate) struct Bound<C, F, Args, Via, R> {
    controller: Arc<C>,
    handler: F,
    #[allow(clippy::type_complexity, reason = "only the types are kept")]
    types: PhantomData<fn() -> (Args, Via, R)>,
}

impl<C, F, Args, Via, R> Bound<C, F, Args, Via, R> {
    pub(crate) const fn new(controller: Arc<C>, handler: F) -> Self {
        Self { controller, handler, types: PhantomData }
    }
}

impl<C, F, Args, Via, R> Run for Bound<C, F, Args, Via, R>
where
    C: Send + Sync + 'static,
    F: Handler<C, Args, Via, R>,
    Args: 'static,
    Via: 'static,
    R: Replies + 'static,
{
    fn run(
        self: Arc<Self>,
        endpoint: Arc<Mounted>,
        request: ServiceRequest,
    ) -> LocalBoxFuture<'static, Result<ServiceResponse, Error>> {
        Box::pin(async move {
            let (request, payload) = request.into_parts();
            let mut call = Call::new(request, payload, Arc::clone(&endpoint.reading));
            let outcome = AssertUnwindSafe(async {
                endpoint.admit(&mut call).await?;
                let reply = self.handler.handle(&self.controller, &mut call).await?;
                Ok::<_, Refusal>(reply.reply(&endpoint.reply_context(&call)))
            })
            .catch_unwind()
            .await;
            let response = endpoint.finish(&call, outcome);
            Ok(ServiceResponse::new(call.request, response))
        })
    }
}
