use std::{
    collections::HashMap,
    fmt, io,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::sync::oneshot;

use super::{Dispatch, LiveMetrics, LiveSettings, Metrics, Node, ShardEvent};
use crate::live::{
    broadcaster::{Actor, Broadcaster, Mailbox, supervise},
    broker::{BrokerError, Engine, NodeId},
    logic::Channels,
    session::Admission,
};

/// The live channels of an application; one a process. A clone is the same.
#[derive(Clone)]
pub struct LiveNode(Arc<Node>);

impl LiveNode {
    /// Begins, with a thread for the broker's actor.
    ///
    /// # Errors
    ///
    /// When the thread or the broker cannot be started.
    #[doc(hidden)]
    pub fn start(
        channels: Arc<dyn Channels>,
        admission: Arc<dyn Admission>,
        engine: Engine,
        settings: LiveSettings,
    ) -> io::Result<Self> {
        let (live, mailbox) = Self::new(channels, admission, engine, settings);
        let (engine, id) = (live.0.engine.clone(), live.0.id.clone());
        let dispatch = Arc::clone(&live.0.dispatch);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (started, has_started) = oneshot::channel();
        std::thread::Builder::new().name("live-broker".to_owned()).spawn(move || {
            runtime.block_on(supervise(engine, id, dispatch, mailbox, started));
        })?;
        // The thread has a runtime of its own: waiting for it here waits for nobody who waits for us.
        let begun = wait_for(has_started);
        begun.map_err(io::Error::other)?;
        Ok(live)
    }

    /// Begins, with the broker's actor as a task of the current runtime: for tests on paused time.
    ///
    /// # Errors
    ///
    /// When the broker cannot be started.
    #[doc(hidden)]
    pub async fn start_here(
        channels: Arc<dyn Channels>,
        admission: Arc<dyn Admission>,
        engine: Engine,
        settings: LiveSettings,
    ) -> Result<Self, BrokerError> {
        let (live, mailbox) = Self::new(channels, admission, engine, settings);
        let (engine, id) = (live.0.engine.clone(), live.0.id.clone());
        let (started, has_started) = oneshot::channel();
        actix_rt::spawn(supervise(engine, id, Arc::clone(&live.0.dispatch), mailbox, started));
        has_started.await.map_err(|_| BrokerError::permanent("The broker's actor ended."))??;
        Ok(live)
    }

    fn new(
        channels: Arc<dyn Channels>,
        admission: Arc<dyn Admission>,
        engine: Engine,
        settings: LiveSettings,
    ) -> (Self, Mailbox) {
        let (actor, mailbox) = Actor::new(settings.broker_timeout);
        let metrics = Arc::new(Metrics::default());
        let node = Node {
            id: NodeId::random(),
            channels,
            admission,
            engine,
            settings,
            dispatch: Arc::new(Dispatch::new(Arc::clone(&metrics))),
            metrics,
            actor,
            draining: AtomicBool::new(false),
            users: Mutex::new(HashMap::new()),
            sessions: Mutex::new(HashMap::new()),
        };
        (Self(Arc::new(node)), mailbox)
    }

    /// Publishes, from anywhere.
    #[must_use]
    pub fn broadcaster(&self) -> Broadcaster {
        Broadcaster::new(&self.0)
    }

    /// What happened, and what there is now.
    #[must_use]
    pub fn metrics(&self) -> LiveMetrics {
        self.0.metrics.snapshot()
    }

    /// Takes no more connections, and closes those there are (3001, "shutdown"), spread over this time so that they do not all come
    /// to another node at once. Done when all have ended, or some seconds later.
    pub async fn drain(&self, over: Duration) {
        self.0.draining.store(true, Ordering::Release);
        for inbox in self.0.dispatch.shards() {
            inbox.send(ShardEvent::Drain(over), &self.0.metrics);
        }
        let all = async {
            while self.0.metrics.snapshot().connections > 0 {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let _ = tokio::time::timeout(over + Duration::from_secs(5), all).await;
    }

    /// Has all shards panic, for tests of their supervision.
    #[doc(hidden)]
    pub fn panic_shards(&self) {
        for inbox in self.0.dispatch.shards() {
            inbox.send(ShardEvent::Panic, &self.0.metrics);
        }
    }

    pub(crate) fn node(&self) -> &Arc<Node> {
        &self.0
    }
}

fn wait_for(started: oneshot::Receiver<Result<(), BrokerError>>) -> Result<(), BrokerError> {
    // Not `blocking_recv`: that panics within a runtime, where applications may well start this.
    let (sender, receiver) = std::sync::mpsc::channel();
    std::thread::scope(|scope| {
        scope.spawn(move || sender.send(started.blocking_recv()));
        receiver.recv()
    })
    .ok()
    .and_then(Result::ok)
    .unwrap_or_else(|| Err(BrokerError::permanent("The broker's actor ended.")))
}

impl fmt::Debug for LiveNode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LiveNode").field("node", &self.0.id).finish_non_exhaustive()
    }
}
