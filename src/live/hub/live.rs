use std::{
    collections::HashMap,
    fmt,
    pin::pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use futures_util::future::select;
use tokio::sync::oneshot;

use super::{Dispatch, LiveMetrics, LiveSettings, Metrics, Node, ShardEvent, signals::EndSignals};
use crate::live::{
    broadcaster::{Actor, Broadcaster, Mailbox, supervise},
    broker::{BrokerError, Engine, NodeId},
    logic::Channels,
    mount::{Declared, StartError},
    session::Admission,
};

/// The live channels of an application; one a process. A clone is the same.
#[derive(Clone)]
pub struct LiveNode {
    node: Arc<Node>,
    /// What it was declared with, when it was not started by hand.
    declared: Option<Arc<Declared>>,
}

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
    ) -> Result<Self, StartError> {
        let (live, mailbox) = Self::new(channels, admission, engine, settings);
        let (engine, id) = (live.node.engine.clone(), live.node.id.clone());
        let dispatch = Arc::clone(&live.node.dispatch);
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(StartError::Thread)?;
        let (started, has_started) = oneshot::channel();
        let run = move || runtime.block_on(supervise(engine, id, dispatch, mailbox, started));
        std::thread::Builder::new().name("live-broker".to_owned()).spawn(run).map_err(StartError::Thread)?;
        // The thread has a runtime of its own: waiting for it here waits for nobody who waits for us.
        wait_for(has_started).map_err(StartError::Broker)?;
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
        let (engine, id) = (live.node.engine.clone(), live.node.id.clone());
        let (started, has_started) = oneshot::channel();
        actix_rt::spawn(supervise(engine, id, Arc::clone(&live.node.dispatch), mailbox, started));
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
            started: std::time::Instant::now(),
            draining: AtomicBool::new(false),
            users: Mutex::new(HashMap::new()),
            sessions: Mutex::new(HashMap::new()),
        };
        (Self { node: Arc::new(node), declared: None }, mailbox)
    }

    /// Publishes, from anywhere.
    #[must_use]
    pub fn broadcaster(&self) -> Broadcaster {
        Broadcaster::new(&self.node)
    }

    /// What happened, and what there is now.
    #[must_use]
    pub fn metrics(&self) -> LiveMetrics {
        self.node.metrics.snapshot()
    }

    /// Takes no more connections, and closes those there are (3001, "shutdown"), spread over this time so that they do not all come
    /// to another node at once. Done when all have ended, or some seconds later.
    pub async fn drain(&self, over: Duration) {
        self.node.draining.store(true, Ordering::Release);
        let mut untold = self.node.dispatch.shards();
        let all = async {
            loop {
                // A worker that has no room now has some later.
                untold.retain(|inbox| {
                    !inbox.send(ShardEvent::Drain(over), &self.node.metrics) && !inbox.is_closed()
                });
                if self.node.metrics.snapshot().connections == 0 {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let _ = tokio::time::timeout(over + Duration::from_secs(5), all).await;
    }

    /// For [`HttpServer::shutdown_signal`](actix_web::HttpServer::shutdown_signal): waits until the process is asked to end (SIGTERM,
    /// SIGINT or SIGQUIT; Ctrl-C where there are no signals), and [drains](Self::drain). Then the server stops, gracefully, and
    /// without open connections to wait for. A second signal ends the wait at once.
    ///
    /// By itself Actix does not close them: it would wait for its `shutdown_timeout` and cut them off without a word. That timeout is
    /// for other requests now, and begins when this is done: whoever kills the process that does not end must wait for the sum
    /// of both, and some seconds more. Meanwhile the server answers, so that clients can be told where else to go.
    ///
    /// ```no_run
    /// use std::time::Duration;
    /// use actix_charter::prelude::*;
    /// use actix_web::{App, HttpServer};
    ///
    /// # #[actix_web::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let live = Live::new().personal("user:{user}").start()?;
    /// let api = Router::new("/api").live("/live", live.endpoints()).try_mount()?;
    /// HttpServer::new(move || App::new().service(api.clone()))
    ///     .shutdown_signal(live.drain_on_shutdown(Duration::from_secs(10)))
    ///     .shutdown_timeout(5)
    ///     .bind(("127.0.0.1", 8080))?
    ///     .run()
    ///     .await?;
    /// # Ok(()) }
    /// ```
    pub fn drain_on_shutdown(&self, over: Duration) -> impl Future<Output = ()> + Send + use<> {
        let live = self.clone();
        async move {
            let mut signals = EndSignals::new();
            signals.next().await;
            tracing::info!(target: "actix_charter::live", "asked to end: the live connections are closed");
            let drained = pin!(live.drain(over));
            let again = pin!(signals.next());
            select(drained, again).await;
        }
    }

    /// Has all shards panic, for tests of their supervision.
    #[doc(hidden)]
    pub fn panic_shards(&self) {
        for inbox in self.node.dispatch.shards() {
            inbox.send(ShardEvent::Panic, &self.node.metrics);
        }
    }

    pub(crate) fn declared(mut self, declared: Declared) -> Self {
        self.declared = Some(Arc::new(declared));
        self
    }

    pub(crate) fn get_declared(&self) -> Option<&Arc<Declared>> {
        self.declared.as_ref()
    }

    pub(crate) fn node(&self) -> &Arc<Node> {
        &self.node
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
        f.debug_struct("LiveNode").field("node", &self.node.id).finish_non_exhaustive()
    }
}
