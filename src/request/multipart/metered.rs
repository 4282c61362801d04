use std::{
    cell::RefCell,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll},
};

use actix_web::{dev::Payload, error::PayloadError};
use bytes::Bytes;
use futures_util::{Stream, StreamExt};

/// A request's body that ends with an error once it is longer than allowed.
///
/// Shared: one end is read by the multipart parser, the other tells why it failed and reads what the parser leaves behind.
#[derive(Clone)]
pub(super) struct Metered(Rc<RefCell<State>>);

struct State {
    /// `None` at the end of the body: the parser polls again after that.
    payload: Option<Payload>,
    left: u64,
    over: bool,
}

impl Metered {
    pub(super) fn new(payload: Payload, limit: u64) -> Self {
        Self(Rc::new(RefCell::new(State { payload: Some(payload), left: limit, over: false })))
    }

    /// Whether the body was longer than allowed.
    pub(super) fn is_over(&self) -> bool {
        self.0.borrow().over
    }

    /// Reads what follows the last boundary, so that the connection can be used again.
    pub(super) async fn drain(mut self) {
        while let Some(Ok(_)) = self.next().await {}
    }
}

impl Stream for Metered {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut state = self.0.borrow_mut();
        let Some(payload) = state.payload.as_mut() else { return Poll::Ready(None) };
        let item = std::task::ready!(Pin::new(payload).poll_next(cx));
        let item = match item {
            Some(Ok(chunk)) => match state.left.checked_sub(chunk.len() as u64) {
                Some(left) => {
                    state.left = left;
                    return Poll::Ready(Some(Ok(chunk)));
                }
                None => {
                    state.over = true;
                    Some(Err(PayloadError::Overflow))
                }
            },
            ended => ended,
        };
        state.payload = None;
        Poll::Ready(item)
    }
}
