use std::{
    collections::VecDeque,
    error::Error as StdError,
    future::poll_fn,
    io,
    pin::Pin,
    task::{Context, Poll},
};

use actix_web::{
    HttpResponse,
    body::{BodySize, BoxBody, MessageBody},
    http::{StatusCode, header::CONTENT_RANGE},
};
use bytes::Bytes;

use super::{DownloadError, Unavailable};

/// Waits for the first bytes of the file, so that what fails before them is told with a status.
///
/// # Errors
/// What the first bytes failed with.
pub(crate) async fn primed(response: HttpResponse) -> Result<HttpResponse, DownloadError> {
    if matches!(response.body().size(), BodySize::None | BodySize::Sized(0)) {
        return Ok(response);
    }
    // The first chunk of several ranges is what stands before the first of them.
    let several =
        response.status() == StatusCode::PARTIAL_CONTENT && !response.headers().contains_key(CONTENT_RANGE);
    let wanted = if several { 2 } else { 1 };
    let (response, mut body) = response.into_parts();
    // Some bodies tell what is left.
    let size = body.size();
    let mut first = VecDeque::with_capacity(wanted);
    while first.len() < wanted {
        match poll_fn(|context| Pin::new(&mut body).poll_next(context)).await {
            Some(Ok(chunk)) => first.push_back(chunk),
            Some(Err(error)) => return Err(told(&*error)),
            None => {
                return Ok(response.set_body(Primed { first, rest: None, size }).map_into_boxed_body());
            }
        }
    }
    Ok(response.set_body(Primed { first, rest: Some(body), size }).map_into_boxed_body())
}

/// What a file that failed before any byte of it was sent is answered with.
pub(super) fn told(error: &(dyn StdError + 'static)) -> DownloadError {
    let inner = match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(inner) => inner as &(dyn StdError + 'static),
        None => error,
    };
    if let Some(unavailable) = inner.downcast_ref::<Unavailable>() {
        return (*unavailable).into();
    }
    tracing::error!(target: "actix_charter::download", %error, "a file failed before its first byte");
    DownloadError::Internal
}

/// A body of which something was read already.
pub(super) struct Primed {
    pub(super) first: VecDeque<Bytes>,
    /// `None` after the end.
    pub(super) rest: Option<BoxBody>,
    pub(super) size: BodySize,
}

impl MessageBody for Primed {
    type Error = Box<dyn StdError>;

    fn size(&self) -> BodySize {
        self.size
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        if let Some(chunk) = self.first.pop_front() {
            return Poll::Ready(Some(Ok(chunk)));
        }
        match &mut self.rest {
            Some(rest) => Pin::new(rest).poll_next(context),
            None => Poll::Ready(None),
        }
    }
}
