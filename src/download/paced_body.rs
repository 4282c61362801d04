use std::{
    future::Future,
    num::NonZeroU64,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use actix_web::{
    body::{BodySize, BoxBody, MessageBody},
    rt::time::{Instant, Sleep, sleep_until},
};
use bytes::Bytes;

/// Pieces a second: small enough that a slow download flows, large enough that the timer is not the work.
const PIECES: u64 = 8;

/// A body that is sent no faster than so many bytes a second.
pub(crate) struct PacedBody {
    body: BoxBody,
    rate: NonZeroU64,
    /// Read and not sent yet.
    left: Bytes,
    /// Nothing is sent before.
    sleep: Pin<Box<Sleep>>,
}

impl PacedBody {
    pub(crate) fn new(body: BoxBody, rate: NonZeroU64) -> Self {
        Self { body, rate, left: Bytes::new(), sleep: Box::pin(sleep_until(Instant::now())) }
    }
}

impl MessageBody for PacedBody {
    type Error = Box<dyn std::error::Error>;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        ready!(self.sleep.as_mut().poll(context));
        if self.left.is_empty() {
            match ready!(Pin::new(&mut self.body).poll_next(context)) {
                Some(Ok(chunk)) => self.left = chunk,
                end => return Poll::Ready(end),
            }
        }
        let piece =
            usize::try_from(self.rate.get().div_ceil(PIECES)).unwrap_or(usize::MAX).min(self.left.len());
        let piece = self.left.split_to(piece);
        let pause = Duration::from_secs_f64(piece.len() as f64 / self.rate.get() as f64);
        // From now on, not from the last deadline: a client that was slow before is not owed a burst.
        self.sleep.as_mut().reset(Instant::now() + pause);
        Poll::Ready(Some(Ok(piece)))
    }
}

#[cfg(test)]
mod tests {
    use std::{future::poll_fn, time::Duration};

    use super::*;

    #[test]
    fn the_pace_is_kept() {
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let began = tokio::time::Instant::now();
            let body = BoxBody::new(Bytes::from(vec![0; 10_000]));
            let mut body = PacedBody::new(body, NonZeroU64::new(1000).unwrap());
            assert_eq!(body.size(), BodySize::Sized(10_000));
            let mut sent = 0;
            while let Some(chunk) = poll_fn(|context| Pin::new(&mut body).poll_next(context)).await {
                let elapsed = began.elapsed();
                sent += chunk.unwrap().len();
                // One piece ahead of the clock, never more.
                assert!(sent as f64 <= 1000.0 * elapsed.as_secs_f64() + 126.0, "{sent} after {elapsed:?}");
            }
            assert_eq!(sent, 10_000);
            let elapsed = began.elapsed();
            assert!(
                elapsed >= Duration::from_secs(10) && elapsed < Duration::from_millis(10_200),
                "{elapsed:?}"
            );
        });
    }
}
