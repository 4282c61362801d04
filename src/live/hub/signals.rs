use std::{future::poll_fn, task::Poll};

/// What asks this process to end: SIGTERM, SIGINT and SIGQUIT, as Actix listens for; Ctrl-C where there are none.
pub(super) struct EndSignals {
    #[cfg(unix)]
    signals: Vec<actix_rt::signal::unix::Signal>,
}

#[cfg(unix)]
impl EndSignals {
    /// Listens from now on.
    pub(super) fn new() -> Self {
        use actix_rt::signal::unix::{SignalKind, signal};

        let listen = |kind| match signal(kind) {
            Ok(signal) => Some(signal),
            Err(error) => {
                tracing::error!(target: "actix_charter::live", %error, "a signal cannot be listened for");
                None
            }
        };
        let kinds = [SignalKind::terminate(), SignalKind::interrupt(), SignalKind::quit()];
        Self { signals: kinds.into_iter().filter_map(listen).collect() }
    }

    /// The next one.
    pub(super) async fn next(&mut self) {
        poll_fn(|context| {
            let came = self.signals.iter_mut().any(|signal| signal.poll_recv(context).is_ready());
            if came { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
    }
}

#[cfg(not(unix))]
impl EndSignals {
    pub(super) fn new() -> Self {
        Self {}
    }

    pub(super) async fn next(&mut self) {
        if let Err(error) = actix_rt::signal::ctrl_c().await {
            tracing::error!(target: "actix_charter::live", %error, "Ctrl-C cannot be listened for");
            poll_fn(|_| Poll::<()>::Pending).await;
        }
    }
}
