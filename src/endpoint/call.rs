use std::{any::Any, cell::Cell, marker::PhantomData, panic::AssertUnwindSafe, rc::Rc, sync::Arc};

use actix_web::{
    Error,
    dev::{ServiceRequest, ServiceResponse},
};
use futures_util::{FutureExt, future::LocalBoxFuture};

use super::{Handler, Mounted};
use crate::{
    request::{Call, Reading, Refusal},
    response::Replies,
};

/// What a panic says, for the log.
pub(crate) fn panic_text(panic: &(dyn Any + Send)) -> &str {
    let owned = || panic.downcast_ref::<String>().map(String::as_str);
    panic.downcast_ref::<&str>().copied().or_else(owned).unwrap_or_default()
}

/// A handler with its controller, every type forgotten.
pub(crate) trait Bind: Send + Sync {
    /// For one worker. What is counted there is counted by nobody else.
    fn on_worker(self: Arc<Self>, endpoint: Arc<Mounted>) -> Rc<dyn Run>;
}

/// A mounted endpoint on one worker. One boxed future a request, and no more.
pub(crate) trait Run {
    fn run(
        self: Rc<Self>,
        request: ServiceRequest,
    ) -> LocalBoxFuture<'static, Result<ServiceResponse, Error>>;
}

struct Running<B> {
    bound: Arc<B>,
    endpoint: Arc<Mounted>,
    /// Lent to one call after another: to count how many hold it, all workers would write to the same place at each request.
    reading: Cell<Option<Arc<Reading>>>,
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

impl<B: Send + Sync + 'static> Bind for B
where
    Running<B>: Run,
{
    fn on_worker(self: Arc<Self>, endpoint: Arc<Mounted>) -> Rc<dyn Run> {
        Rc::new(Running { bound: self, endpoint, reading: Cell::default() })
    }
}

impl<C, F, Args, Via, R> Run for Running<Bound<C, F, Args, Via, R>>
where
    C: Send + Sync + 'static,
    F: Handler<C, Args, Via, R>,
    Args: 'static,
    Via: 'static,
    R: Replies + 'static,
{
    fn run(
        self: Rc<Self>,
        request: ServiceRequest,
    ) -> LocalBoxFuture<'static, Result<ServiceResponse, Error>> {
        Box::pin(async move {
            let Self { bound, endpoint, reading } = &*self;
            let (request, payload) = request.into_parts();
            let lent = reading.take().unwrap_or_else(|| Arc::clone(&endpoint.reading));
            let mut call = Call::new(request, payload, lent);
            let outcome = AssertUnwindSafe(async {
                endpoint.admit(&mut call).await?;
                let reply = bound.handler.handle(&bound.controller, &mut call).await?;
                Ok::<_, Refusal>(reply.reply(&endpoint.reply_context(&call)))
            })
            .catch_unwind()
            .await;
            let response = endpoint.finish(&call, outcome);
            reading.set(Some(call.reading));
            Ok(ServiceResponse::new(call.request, response))
        })
    }
}
