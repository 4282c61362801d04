//! The one actor of a process that speaks with the broker for everybody who is not a connection, and that damps leaves.

use std::{
    collections::HashMap, future::Future, panic::AssertUnwindSafe, pin::pin, sync::Arc, time::Duration,
};

use futures_util::{
    FutureExt as _,
    future::{BoxFuture, Either, select},
};
use tokio::{
    sync::{Semaphore, mpsc, oneshot},
    task::JoinHandle,
    time::Instant,
};

use crate::live::{
    ClientInfo,
    broker::{BrokerError, BrokerEvents, Engine, LeaveDamping, NodeId, ToldLeave},
    hub::Dispatch,
};

/// How many orders wait for the actor.
const MAILBOX: usize = 4096;
/// How many it has under way at once.
const AT_ONCE: usize = 256;

type Call = Box<dyn FnOnce(Engine) -> BoxFuture<'static, ()> + Send>;

enum Order {
    /// Something with an answer of its own.
    Call(Call),
    Join {
        channel: Arc<str>,
        info: Arc<ClientInfo>,
        delay: Duration,
    },
    Leave {
        channel: Arc<str>,
        info: Arc<ClientInfo>,
        delay: Duration,
        presence: bool,
    },
}

/// The way to the actor: a bounded mailbox.
#[derive(Debug, Clone)]
pub(crate) struct Actor {
    orders: mpsc::Sender<Order>,
    /// How long the broker may take.
    patience: Duration,
}

/// The other end.
pub(crate) struct Mailbox {
    orders: mpsc::Receiver<Order>,
    patience: Duration,
}

impl Actor {
    pub(crate) fn new(patience: Duration) -> (Self, Mailbox) {
        let (sender, receiver) = mpsc::channel(MAILBOX);
        (Self { orders: sender, patience }, Mailbox { orders: receiver, patience })
    }

    /// Has the actor do something with the engine.
    pub(crate) async fn call<T: Send + 'static, F>(
        &self,
        call: impl FnOnce(Engine) -> F + Send + 'static,
    ) -> Result<T, BrokerError>
    where
        F: Future<Output = Result<T, BrokerError>> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let order = order(call, self.patience, answer);
        let gone = || BrokerError::unavailable("The live channels of this process have ended.");
        self.orders.send(order).await.map_err(|_| gone())?;
        answered.await.map_err(|_| BrokerError::unavailable("The broker panicked."))?
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
        self.orders.try_send(order(call, self.patience, answer)).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => BrokerError::full("Too much waits to be published."),
            mpsc::error::TrySendError::Closed(_) => {
                BrokerError::unavailable("The live channels of this process have ended.")
            }
        })
    }

    pub(crate) async fn join(&self, channel: &Arc<str>, info: &Arc<ClientInfo>, delay: Duration) {
        let order = Order::Join { channel: Arc::clone(channel), info: Arc::clone(info), delay };
        let _ = self.orders.send(order).await;
    }

    pub(crate) async fn leave(
        &self,
        channel: &Arc<str>,
        info: &Arc<ClientInfo>,
        delay: Duration,
        presence: bool,
    ) {
        let order = Order::Leave { channel: Arc::clone(channel), info: Arc::clone(info), delay, presence };
        let _ = self.orders.send(order).await;
    }
}

fn order<T: Send + 'static, F>(
    call: impl FnOnce(Engine) -> F + Send + 'static,
    patience: Duration,
    answer: oneshot::Sender<Result<T, BrokerError>>,
) -> Order
where
    F: Future<Output = Result<T, BrokerError>> + Send + 'static,
{
    Order::Call(Box::new(move |engine| {
        Box::pin(async move {
            let _ = answer.send(within(patience, call(engine)).await);
        })
    }))
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
    let room = Arc::new(Semaphore::new(AT_ONCE));
    // Each delay has its own: most applications have one or two.
    let mut dampings: HashMap<Duration, LeaveDamping> = HashMap::new();
    loop {
        let next = dampings.values().filter_map(LeaveDamping::next_due).min();
        let order = {
            let come = pin!(mailbox.orders.recv());
            match next {
                None => come.await.map(Some),
                Some(next) => match select(come, pin!(tokio::time::sleep_until(next))).await {
                    Either::Left((order, _)) => order.map(Some),
                    Either::Right(_) => Some(None),
                },
            }
        };
        let Some(order) = order else { return };
        match order {
            None => {}
            Some(Order::Call(call)) => {
                let Ok(permit) = Arc::clone(&room).acquire_owned().await else { return };
                let engine = engine.clone();
                tokio::spawn(async move {
                    call(engine).await;
                    drop(permit);
                });
            }
            Some(Order::Join { channel, info, delay }) => {
                let damping = dampings.entry(delay).or_insert_with(|| LeaveDamping::new(delay).by_user());
                if damping.join(&channel, &info) {
                    let told = within(mailbox.patience, engine.broker.publish_join(&channel, info)).await;
                    warn(told);
                }
            }
            Some(Order::Leave { channel, info, delay, presence }) => {
                let told = dampings
                    .get_mut(&delay)
                    .and_then(|damping| damping.leave_known(&channel, &info, presence, Instant::now()));
                if let Some(told) = told {
                    tell(engine, mailbox.patience, told).await;
                }
            }
        }
        let now = Instant::now();
        let due: Vec<ToldLeave> =
            dampings.values_mut().flat_map(|damping| std::iter::from_fn(move || damping.due(now))).collect();
        for told in due {
            tell(engine, mailbox.patience, told).await;
        }
    }
}

/// Tells a leave, unless the user is there through another node.
async fn tell(engine: &Engine, patience: Duration, told: ToldLeave) {
    let ToldLeave { channel, info, presence } = told;
    if presence && !info.user.is_empty() {
        let connections = within(patience, engine.presence.connections(&channel, &info.user)).await;
        if connections.is_ok_and(|connections| connections > 0) {
            return;
        }
    }
    warn(within(patience, engine.broker.publish_leave(&channel, info)).await);
}

/// Waits for the broker, but not for ever: it would keep all others waiting.
async fn within<T>(
    patience: Duration,
    asked: impl Future<Output = Result<T, BrokerError>>,
) -> Result<T, BrokerError> {
    let late = || BrokerError::unavailable("The broker did not answer in time.");
    tokio::time::timeout(patience, asked).await.unwrap_or_else(|_| Err(late()))
}

fn warn(told: Result<(), BrokerError>) {
    if let Err(error) = told {
        tracing::warn!(target: "actix_charter::live", %error, "a join or leave was not told");
    }
}
