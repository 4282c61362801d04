use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    fmt,
    pin::Pin,
    rc::Rc,
    sync::Arc,
    task::Poll,
};

use actix_web::body::MessageBody as _;
use bytes::Bytes;
use tokio::sync::Notify;

use super::{Arrival, Core, Manner, Session, Wire};
use crate::live::{
    LiveNode,
    hub::Shard,
    protocol::Codec,
    socket::{SocketSettings, StreamBody},
};

/// A connection without a network, for tests: JSON commands go in, JSON replies and pushes come out. It runs as a task of its
/// own, so that its deadlines come while the test waits for something else.
pub struct InProcess {
    core: Rc<Core>,
    inner: Rc<Inner>,
    task: actix_rt::task::JoinHandle<()>,
}

#[derive(Default)]
struct Inner {
    messages: RefCell<VecDeque<String>>,
    come: Notify,
    is_over: Cell<bool>,
    is_paused: Cell<bool>,
    changed: Notify,
}

impl InProcess {
    /// Opens one; it has not sent its connect command.
    #[must_use]
    pub fn open(live: &LiveNode, arrival: Arrival) -> Self {
        Self::with(live, arrival, SocketSettings::new())
    }

    /// Opens one whose queue has these limits.
    #[must_use]
    pub fn with(live: &LiveNode, arrival: Arrival, settings: SocketSettings) -> Self {
        let shard = Shard::of(live.node());
        let mut opened = None;
        let body = StreamBody::open(Arc::new(settings), |outbox| {
            let core = Core::open(shard, outbox.clone(), Wire::Stream(Codec::Json), arrival);
            opened = Some(Rc::clone(&core));
            Session::new(core, Manner::PingPong)
        });
        let inner = Rc::<Inner>::default();
        let task = actix_rt::spawn(drive(body, Rc::clone(&inner)));
        #[expect(clippy::unwrap_used, reason = "the session was made")]
        Self { core: opened.unwrap(), inner, task }
    }

    /// Sends a frame: one or more commands, one a line.
    pub fn send(&self, frame: impl Into<String>) {
        self.core.take_in(Bytes::from(frame.into()));
    }

    /// The next message; `None` when the connection has ended and all was read.
    pub async fn next(&self) -> Option<String> {
        loop {
            let come = self.inner.come.notified();
            if let Some(message) = self.inner.messages.borrow_mut().pop_front() {
                return Some(message);
            }
            if self.inner.is_over.get() {
                return None;
            }
            come.await;
        }
    }

    /// A message that has come already.
    #[must_use]
    pub fn try_next(&self) -> Option<String> {
        self.inner.messages.borrow_mut().pop_front()
    }

    /// Why the server closed it: what the close code of a WebSocket would tell. `None` when it did not.
    #[must_use]
    pub fn closed(&self) -> Option<(u16, String)> {
        let close = self.core.outbox.close_begun()?;
        Some((close.code(), close.reason().to_owned()))
    }

    /// Stops reading, as a client that hangs does, or goes on.
    pub fn pause(&self, is_paused: bool) {
        self.inner.is_paused.set(is_paused);
        self.inner.changed.notify_one();
    }
}

impl Drop for InProcess {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl fmt::Debug for InProcess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InProcess").finish_non_exhaustive()
    }
}

async fn drive(body: StreamBody<Session>, inner: Rc<Inner>) {
    let mut body = Box::pin(body);
    let mut read = String::new();
    loop {
        while inner.is_paused.get() {
            inner.changed.notified().await;
        }
        let chunk = {
            let mut changed = std::pin::pin!(inner.changed.notified());
            std::future::poll_fn(|cx| {
                if changed.as_mut().poll(cx).is_ready() {
                    return Poll::Ready(Some(None));
                }
                Pin::as_mut(&mut body).poll_next(cx).map(|chunk| chunk.map(Result::ok))
            })
            .await
        };
        match chunk {
            Some(Some(chunk)) => {
                read.push_str(&String::from_utf8_lossy(&chunk));
                while let Some(end) = read.find('\n') {
                    let rest = read.split_off(end + 1);
                    let line = std::mem::replace(&mut read, rest);
                    inner.messages.borrow_mut().push_back(line.trim_end().to_owned());
                }
                inner.come.notify_waiters();
            }
            Some(None) => {}
            None => break,
        }
    }
    // What was open is closed before anybody is told.
    drop(body);
    inner.is_over.set(true);
    inner.come.notify_waiters();
}
