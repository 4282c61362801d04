use std::{fmt, sync::Arc};

use actix_service::{
    Service, Transform,
    boxed::{self, BoxService},
};
use actix_web::{
    Error,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
};
use futures_util::future::LocalBoxFuture;

/// A service of one worker, its type forgotten.
pub(crate) type Boxed = BoxService<ServiceRequest, ServiceResponse, Error>;

/// An Actix middleware, made anew for each worker.
///
/// Actix middlewares are often not `Send` (`Logger` is not), while a router is shared by all workers: so what is kept is
/// the way to make one.
///
/// ```
/// use actix_charter::endpoint::Wrap;
/// use actix_web::middleware::Logger;
/// let wrap = Wrap::new(Logger::default);
/// ```
#[derive(Clone)]
pub struct Wrap(Arc<dyn Fn(Boxed) -> LocalBoxFuture<'static, Result<Boxed, ()>> + Send + Sync>);

impl Wrap {
    /// A middleware that `make` makes.
    pub fn new<M, B>(make: impl Fn() -> M + Send + Sync + 'static) -> Self
    where
        M: Transform<Boxed, ServiceRequest, Response = ServiceResponse<B>, Error = Error, InitError = ()>
            + 'static,
        M::Transform: 'static,
        M::Future: 'static,
        B: MessageBody + 'static,
    {
        Self(Arc::new(move |inner| {
            let transform = make().new_transform(inner);
            Box::pin(async move {
                let service = transform.await?;
                Ok(boxed::service(Erased { service }))
            })
        }))
    }

    pub(crate) async fn around(&self, inner: Boxed) -> Result<Boxed, ()> {
        (self.0)(inner).await
    }
}

impl fmt::Debug for Wrap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Wrap")
    }
}

/// Forgets the body type of a middleware's answers.
struct Erased<S> {
    service: S,
}

impl<S, B> Service<ServiceRequest> for Erased<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    S::Future: 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse;
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<ServiceResponse, Error>>;

    actix_service::forward_ready!(service);

    fn call(&self, request: ServiceRequest) -> Self::Future {
        let answer = self.service.call(request);
        Box::pin(async move { answer.await.map(ServiceResponse::map_into_boxed_body) })
    }
}
