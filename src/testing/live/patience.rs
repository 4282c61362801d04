use std::{
    future::Future,
    sync::mpsc::{self, RecvTimeoutError},
    time::Duration,
};

use futures_util::future::{Either, select};
use tokio::sync::oneshot;

/// Waits for something, but not longer than that in real time, whatever the runtime's does.
pub(super) async fn within<T>(patience: Duration, asked: impl Future<Output = T>) -> Option<T> {
    let (_waiting, has_ended) = mpsc::channel::<()>();
    let (sender, is_over) = oneshot::channel::<()>();
    std::thread::spawn(move || {
        if has_ended.recv_timeout(patience) == Err(RecvTimeoutError::Timeout) {
            let _ = sender.send(());
        }
    });
    match select(std::pin::pin!(asked), is_over).await {
        Either::Left((done, _)) => Some(done),
        Either::Right(_) => None,
    }
}
