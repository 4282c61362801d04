use std::{future::poll_fn, pin::Pin, task::Poll};
#[cfg(feature = "multipart")]
use std::{io, task::Context, time::Duration};

use actix_rt::time::{Sleep, sleep};
use actix_web::http::{StatusCode, header::CONTENT_LENGTH};
#[cfg(feature = "multipart")]
use actix_web::{dev::Payload, error::PayloadError};
use bytes::{Bytes, BytesMut};
#[cfg(feature = "multipart")]
use futures_util::Stream;
use futures_util::StreamExt;

use super::{Call, foreign::payload_words};
use crate::problem::Problem;

/// The whole body. A body that came in one piece is not copied.
///
/// # Errors
/// 413 past the limit, 408 when it takes too long, 400 when it breaks off.
pub(crate) async fn read_body(call: &mut Call) -> Result<Bytes, Problem> {
    let limit = call.reading.body_limit;
    let announced =
        call.request.headers().get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    if announced.is_some_and(|length: u64| length > limit as u64) {
        return Err(too_large(limit));
    }
    let mut whole = Whole::default();
    let mut timer: Option<Pin<Box<Sleep>>> = None;
    loop {
        let chunk = poll_fn(|context| match call.payload.poll_next_unpin(context) {
            Poll::Ready(chunk) => Poll::Ready(Some(chunk)),
            // Only a body that is not there yet costs a timer.
            Poll::Pending => timer
                .get_or_insert_with(|| Box::pin(sleep(call.reading.body_timeout)))
                .as_mut()
                .poll(context)
                .map(|()| None),
        })
        .await;
        match chunk {
            Some(Some(Ok(chunk))) => {
                if whole.len() + chunk.len() > limit {
                    return Err(too_large(limit));
                }
                whole.push(chunk);
            }
            Some(Some(Err(error))) => {
                let (code, detail) = payload_words(&error);
                return Err(Problem::new(StatusCode::BAD_REQUEST).code(code).detail(detail));
            }
            Some(None) => return Ok(whole.into_bytes()),
            None => return Err(too_slow()),
        }
    }
}

/// 408.
pub(crate) fn too_slow() -> Problem {
    Problem::new(StatusCode::REQUEST_TIMEOUT).code("timeout").detail("the body did not arrive in time")
}

/// The payload, which ends with [`io::ErrorKind::TimedOut`] when it takes longer than this to arrive completely. For
/// readers of other crates.
#[cfg(feature = "multipart")]
pub(crate) fn in_time(payload: Payload, time: Duration) -> Payload {
    Payload::Stream { payload: Box::pin(InTime { payload, time, timer: None }) }
}

#[cfg(feature = "multipart")]
struct InTime {
    payload: Payload,
    time: Duration,
    /// Only a body that is not there yet costs a timer.
    timer: Option<Pin<Box<Sleep>>>,
}

#[cfg(feature = "multipart")]
impl Stream for InTime {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        if let Poll::Ready(item) = this.payload.poll_next_unpin(context) {
            return Poll::Ready(item);
        }
        let timer = this.timer.get_or_insert_with(|| Box::pin(sleep(this.time)));
        timer.as_mut().poll(context).map(|()| Some(Err(PayloadError::Io(io::ErrorKind::TimedOut.into()))))
    }
}

pub(crate) fn too_large(limit: usize) -> Problem {
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE)
        .code("too-large")
        .detail(format!("the body may have {limit} bytes"))
}

/// A body in pieces; one piece stays as it is.
#[derive(Default)]
struct Whole {
    first: Bytes,
    /// The first and all later ones, once there is a second.
    all: BytesMut,
}

impl Whole {
    fn len(&self) -> usize {
        if self.all.is_empty() { self.first.len() } else { self.all.len() }
    }

    fn push(&mut self, chunk: Bytes) {
        if self.first.is_empty() {
            self.first = chunk;
            return;
        }
        if self.all.is_empty() {
            self.all.extend_from_slice(&self.first);
        }
        self.all.extend_from_slice(&chunk);
    }

    fn into_bytes(self) -> Bytes {
        if self.all.is_empty() { self.first } else { self.all.freeze() }
    }
}
