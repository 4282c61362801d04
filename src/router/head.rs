use std::{
    pin::Pin,
    task::{Context, Poll},
};

use actix_web::{
    Error,
    body::{BodySize, BoxBody, MessageBody},
    dev::ServiceResponse,
};
use bytes::Bytes;
use futures_util::future::LocalBoxFuture;

/// The answer to HEAD: that to GET with its length and without its body (RFC 9110 §9.3.2).
pub(crate) fn without_body(
    answer: LocalBoxFuture<'static, Result<ServiceResponse, Error>>,
) -> LocalBoxFuture<'static, Result<ServiceResponse, Error>> {
    Box::pin(async move { Ok(answer.await?.map_body(|_, body| BoxBody::new(Bodiless(body.size())))) })
}

/// Says how long a body would be, and sends nothing.
pub(crate) struct Bodiless(pub(crate) BodySize);

impl MessageBody for Bodiless {
    type Error = std::convert::Infallible;

    fn size(&self) -> BodySize {
        self.0
    }

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Poll::Ready(None)
    }
}
