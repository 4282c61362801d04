use std::{future::poll_fn, pin::Pin, task::Poll};

use actix_rt::time::{Sleep, sleep};
use actix_web::http::{StatusCode, header::CONTENT_LENGTH};
use bytes::{Bytes, BytesMut};
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
            None => {
                let problem = Problem::new(StatusCode::REQUEST_TIMEOUT).code("timeout");
                return Err(problem.detail("the body did not arrive in time"));
            }
        }
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
