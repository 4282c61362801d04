use std::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use futures_util::future::LocalBoxFuture;

/// What an operation of the kit gives when it is awaited.
///
/// # Panics
/// When it did not go well: at the line of the test that awaits it.
#[must_use = "nothing happens until it is awaited"]
pub struct Asked<'a, T>(LocalBoxFuture<'a, Result<T, String>>);

impl<'a, T> Asked<'a, T> {
    pub(super) fn new(asked: impl Future<Output = Result<T, String>> + 'a) -> Self {
        Self(Box::pin(asked))
    }
}

impl<T> Future for Asked<'_, T> {
    type Output = T;

    // An `.await` calls this: the panic is where that stands.
    #[track_caller]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        match self.0.as_mut().poll(cx) {
            Poll::Ready(Ok(done)) => Poll::Ready(done),
            Poll::Ready(Err(why)) => panic!("{why}"),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl<T> fmt::Debug for Asked<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Asked")
    }
}
