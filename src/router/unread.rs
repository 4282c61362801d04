use std::{
    cell::RefCell,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll},
};

use actix_web::{
    Error,
    body::{BodySize, BoxBody, MessageBody},
    dev::{Payload, ServiceRequest, ServiceResponse},
    error::{InternalError, PayloadError},
    http::header::TRANSFER_ENCODING,
};
use bytes::Bytes;
use futures_util::{Stream, future::LocalBoxFuture};

/// A chunked body that may never be read to its end.
///
/// Once such a body is dropped, Actix reads and discards what the client still sends, without bound, to use the connection
/// again. While it is alive, Actix closes the connection after the answer instead. So the answer keeps it alive. A body of a
/// known length needs nothing of the kind, and one that was read to its end changes nothing.
pub(super) struct Unread {
    _payload: Rc<RefCell<Payload>>,
}

impl Unread {
    /// Takes the payload's place, if it is one of that kind.
    pub(super) fn of(request: &mut ServiceRequest) -> Option<Self> {
        let (head, payload) = request.parts_mut();
        if !matches!(payload, Payload::H1 { .. }) || !head.headers().contains_key(TRANSFER_ENCODING) {
            return None;
        }
        let shared = Rc::new(RefCell::new(payload.take()));
        *payload = Payload::Stream { payload: Box::pin(Shared(Rc::clone(&shared))) };
        Some(Self { _payload: shared })
    }

    /// Lets the answer keep the body.
    pub(super) fn held_by(
        self,
        answer: LocalBoxFuture<'static, Result<ServiceResponse, Error>>,
    ) -> LocalBoxFuture<'static, Result<ServiceResponse, Error>> {
        Box::pin(async move {
            let hold = |body| BoxBody::new(Holding { body, _unread: self });
            match answer.await {
                Ok(answer) => Ok(answer.map_body(|_, body| hold(body))),
                Err(error) => {
                    let text = error.to_string();
                    let response = error.error_response().map_body(|_, body| hold(body));
                    Err(InternalError::from_response(text, response).into())
                }
            }
        })
    }
}

/// What the endpoint reads.
struct Shared(Rc<RefCell<Payload>>);

impl Stream for Shared {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Pin::new(&mut *self.0.borrow_mut()).poll_next(context)
    }
}

/// An answer's body, and the request's.
struct Holding {
    body: BoxBody,
    _unread: Unread,
}

impl MessageBody for Holding {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Pin::new(&mut self.body).poll_next(context)
    }
}
