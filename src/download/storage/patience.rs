use std::{future::Future, sync::Arc, time::Duration};

use actix_web::rt::time::timeout;
use bytes::Bytes;
use futures_util::{Stream, StreamExt, stream};

use super::{ByteStream, Unavailable};

/// How long a store may say nothing, whether it is to answer or to go on with what it began.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Patience(pub(crate) Duration);

impl Patience {
    pub(crate) const USUAL: Self = Self(Duration::from_secs(10));

    /// # Errors
    /// [`Unavailable::Timeout`].
    pub(crate) async fn wait<F: Future>(self, storage: &str, answer: F) -> Result<F::Output, Unavailable> {
        timeout(self.0, answer).await.map_err(|_| {
            tracing::error!(target: "actix_charter::download", storage, "a storage does not answer in time");
            Unavailable::Timeout
        })
    }

    /// The stream, which fails when it says nothing for too long while somebody waits for it. A client that takes its time is
    /// not waiting.
    pub(crate) fn stream<S>(self, storage: Arc<str>, stream: S) -> ByteStream
    where
        S: Stream<Item = Result<Bytes, Unavailable>> + Send + Unpin + 'static,
    {
        let stream = stream::unfold(Some(stream), move |stream| {
            let storage = Arc::clone(&storage);
            async move {
                let mut stream = stream?;
                match self.wait(&storage, stream.next()).await.transpose()?.flatten() {
                    Ok(chunk) => Some((Ok(chunk), Some(stream))),
                    Err(error) => Some((Err(error.into()), None)),
                }
            }
        });
        stream.boxed()
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[actix_web::test]
    async fn silence_ends_a_stream_and_a_slow_reader_does_not() {
        tokio::time::pause();
        let patience = Patience(Duration::from_secs(5));
        let chunks = stream::iter(["a", "b"]).map(|chunk| Ok(Bytes::from(chunk)));
        let mut chunks = patience.stream("test".into(), chunks.chain(stream::pending()));
        assert_eq!(chunks.next().await.unwrap().unwrap(), "a");
        tokio::time::advance(Duration::from_secs(60)).await;
        assert_eq!(chunks.next().await.unwrap().unwrap(), "b");
        assert!(chunks.next().now_or_never().is_none());
        tokio::time::advance(Duration::from_secs(4)).await;
        assert!(chunks.next().now_or_never().is_none());
        tokio::time::advance(Duration::from_secs(2)).await;
        let error = chunks.next().now_or_never().unwrap().unwrap().unwrap_err();
        assert_eq!(error.downcast_ref(), Some(&Unavailable::Timeout));
        assert!(chunks.next().await.is_none());
    }
}
