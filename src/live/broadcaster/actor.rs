//! The one actor of a process that speaks with the broker for everybody who is not a connection, and that damps leaves.

use std::{future::Future, panic::AssertUnwindSafe, sync::Arc, time::Duration};

use futures_util::{FutureExt as _, future::join3};
use tokio::{sync::oneshot, task::JoinHandle, time::Instant};

use super::{
    attendance::{self, Attended},
    lane::{self, Call, Lane, LaneEnd},
};
use crate::live::{
    ClientInfo,
    broker::{BrokerError, BrokerEvents, Engine, NodeId},
    hub::Dispatch,
};

/// How many calls there are room for; as many joins and leaves.
const CALLS: usize = 4096;
/// How many orders about connections there is room for.
const ORDERS: usize = 1024;

/// The ways to the actor, each bounded: publications wait neither for joins nor orders for publications.
#[derive(Clone)]
pub(crate) struct Actor {
    calls: Lane<Call>,
    orders: Lane<Call>,
    attended: Lane<Attended>,
}

/// The other end.
pub(crate) struct Mailbox {
    calls: LaneEnd<Call>,
    orders: LaneEnd<Call>,
    attended: LaneEnd<Attended>,
    /// How long the broker may take.
    patience: Duration,
}

impl Actor {
    pub(crate) fn new(patience: Duration) -> (Self, Mailbox) {
        let (calls, calls_end) = Lane::new(CALLS, patience);
        let (orders, orders_end) = Lane::new(ORDERS, patience);
        let (attended, attended_end) = Lane::new(CALLS, patience);
        let mailbox = Mailbox { calls: calls_end, orders: orders_end, attended: attended_end, patience };
        (Self { calls, orders, attended }, mailbox)
    }

    /// Has the actor do something with the engine. Calls are begun in their order.
    pub(crate) async fn call<T: Send + 'static, F>(
        &self,
        call: impl FnOnce(Engine) -> F + Send + 'static,
    ) -> Result<T, BrokerError>
    where
        F: Future<Output = Result<T, BrokerError>> + Send + 'static,
    {
        ask(&self.calls, call).await
    }

    /// As [`call`](Self::call), waiting for no call: for orders about connections.
    pub(crate) async fn order<T: Send + 'static, F>(
        &self,
        order: impl FnOnce(Engine) -> F + Send + 'static,
    ) -> Result<T, BrokerError>
    where
        F: Future<Output = Result<T, BrokerError>> + Send + 'static,
    {
        ask(&self.orders, order).await
    }

    /// As [`call`](Self::call), without waiting for room or for the answer.
    pub(crate) fn try_call<T: Send + 'static, F>(
        &self,
        call: impl FnOnce(Engine) -> F + Send + 'static,
    ) -> Result<(), BrokerError>
    where
        F: Future<Output = Result<T, BrokerError>> + Send + 'static,
    {
        let (answer, _) = oneshot::channel();
        self.calls.try_send(boxed(call, answer))
    }

    pub(crate) async fn join(&self, channel: &Arc<str>, info: &Arc<ClientInfo>, delay: Duration) {
        let join = Attended::Join { channel: Arc::clone(channel), info: Arc::clone(info), delay };
        let _ = self.attended.send(join).await;
    }

    pub(crate) async fn leave(
        &self,
        channel: &Arc<str>,
        info: &Arc<ClientInfo>,
        delay: Duration,
        presence: bool,
    ) {
        let leave = Attended::Leave { channel: Arc::clone(channel), info: Arc::clone(info), delay, presence };
        let _ = self.attended.send(leave).await;
    }
}

async fn ask<T: Send + 'static, F>(
    lane: &Lane<Call>,
    call: impl FnOnce(Engine) -> F + Send + 'static,
) -> Result<T, BrokerError>
where
    F: Future<Output = Result<T, BrokerError>> + Send + 'static,
{
    let (answer, answered) = oneshot::channel();
    lane.send(boxed(call, answer)).await?;
    answered.await.map_err(|_| BrokerError::unavailable("The broker panicked."))?
}

fn boxed<T: Send + 'static, F>(
    call: impl FnOnce(Engine) -> F + Send + 'static,
    answer: oneshot::Sender<Result<T, BrokerError>>,
) -> Call
where
    F: Future<Output = Result<T, BrokerError>> + Send + 'static,
{
    Box::new(move |engine, deadline| {
        Box::pin(async move {
            // What waited too long is not begun: nobody is to wonder whether it was done.
            let done = if deadline <= Instant::now() {
                Err(late())
            } else {
                tokio::time::timeout_at(deadline, call(engine)).await.unwrap_or_else(|_| Err(late()))
            };
            let _ = answer.send(done);
        })
    })
}

/// Starts the broker, says so, and keeps the actor going until nobody can send it anything. An actor that panics is begun anew
/// with the mailbox it has.
pub(crate) async fn supervise(
    engine: Engine,
    node: NodeId,
    dispatch: Arc<Dispatch>,
    mut mailbox: Mailbox,
    started: oneshot::Sender<Result<(), BrokerError>>,
) {
    let events: Arc<dyn BrokerEvents> = dispatch;
    let begun = async {
        engine.broker.start(Arc::clone(&events)).await?;
        engine.control.listen(node, events).await
    };
    let begun = begun.await;
    let has_begun = begun.is_ok();
    if started.send(begun).is_err() || !has_begun {
        return;
    }
    let broker = Arc::clone(&engine.broker);
    let presence = Arc::clone(&engine.presence);
    let _upkeep = [
        Upkeep::start(move || {
            let broker = Arc::clone(&broker);
            async move { broker.maintain().await }
        }),
        Upkeep::start(move || {
            let presence = Arc::clone(&presence);
            async move { presence.maintain().await }
        }),
    ];
    while AssertUnwindSafe(run(&engine, &mut mailbox)).catch_unwind().await.is_err() {
        tracing::error!(target: "actix_charter::live", "the broker's actor panicked and was begun anew");
    }
}

/// What goes on beside the orders; ends with this.
struct Upkeep(JoinHandle<()>);

impl Upkeep {
    fn start<F: Future<Output = ()> + Send + 'static>(make: impl Fn() -> F + Send + Sync + 'static) -> Self {
        Self(tokio::spawn(async move {
            while AssertUnwindSafe(make()).catch_unwind().await.is_err() {
                tracing::error!(target: "actix_charter::live", "the upkeep of a broker panicked and was begun anew");
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        }))
    }
}

impl Drop for Upkeep {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn run(engine: &Engine, mailbox: &mut Mailbox) {
    let Mailbox { calls, orders, attended, patience } = mailbox;
    let (calls, orders) = (lane::run(engine, calls), lane::run(engine, orders));
    // Calls first: unless many wait, what was published without waiting comes before a disconnect.
    join3(calls, orders, attendance::run(engine, *patience, attended)).await;
}

/// Waits for the broker, but not for ever.
pub(super) async fn within<T>(
    patience: Duration,
    asked: impl Future<Output = Result<T, BrokerError>>,
) -> Result<T, BrokerError> {
    tokio::time::timeout(patience, asked).await.unwrap_or_else(|_| Err(late()))
}

pub(super) fn late() -> BrokerError {
    BrokerError::unavailable("The broker did not answer in time.")
}
