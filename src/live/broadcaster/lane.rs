//! Calls in their order, so many at once.

use std::{collections::VecDeque, pin::pin, sync::Arc, time::Duration};

use futures_util::future::{BoxFuture, Either, pending, select};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, TryAcquireError, mpsc},
    time::Instant,
};

use crate::live::broker::{BrokerError, Engine};

/// How many are under way at once.
pub(super) const AT_ONCE: usize = 256;
/// No deadline is further away.
pub(super) const FAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// Something with an answer of its own, until that moment.
pub(super) type Call = Box<dyn FnOnce(Engine, Instant) -> BoxFuture<'static, ()> + Send>;

/// A way to the actor, with its own room: what waits in one takes none from another.
pub(super) struct Lane<T> {
    sender: mpsc::UnboundedSender<Waiting<T>>,
    /// A permit goes with each until it is done.
    room: Arc<Semaphore>,
}

/// The other end.
pub(super) struct LaneEnd<T> {
    receiver: mpsc::UnboundedReceiver<Waiting<T>>,
    patience: Duration,
}

struct Waiting<T> {
    what: T,
    /// Not Tokio's: it is asked for in any runtime, whose time may stand still.
    asked: std::time::Instant,
    room: OwnedSemaphorePermit,
}

/// What came, and how long it may take.
pub(super) struct Come<T> {
    pub(super) what: T,
    pub(super) deadline: Instant,
    pub(super) room: OwnedSemaphorePermit,
}

impl<T> Lane<T> {
    pub(super) fn new(room: usize, patience: Duration) -> (Self, LaneEnd<T>) {
        let (sender, receiver) = mpsc::unbounded_channel();
        (Self { sender, room: Arc::new(Semaphore::new(room)) }, LaneEnd { receiver, patience })
    }

    /// Waits for room. The time counts.
    pub(super) async fn send(&self, what: T) -> Result<(), BrokerError> {
        let asked = std::time::Instant::now();
        let room = Arc::clone(&self.room).acquire_owned().await.map_err(|_| gone())?;
        self.sender.send(Waiting { what, asked, room }).map_err(|_| gone())
    }

    pub(super) fn try_send(&self, what: T) -> Result<(), BrokerError> {
        let asked = std::time::Instant::now();
        let room = Arc::clone(&self.room).try_acquire_owned().map_err(|error| match error {
            TryAcquireError::NoPermits => BrokerError::full("Too much waits for the broker."),
            TryAcquireError::Closed => gone(),
        })?;
        self.sender.send(Waiting { what, asked, room }).map_err(|_| gone())
    }
}

impl<T> Clone for Lane<T> {
    fn clone(&self) -> Self {
        Self { sender: self.sender.clone(), room: Arc::clone(&self.room) }
    }
}

impl<T> LaneEnd<T> {
    pub(super) async fn next(&mut self) -> Option<Come<T>> {
        let Waiting { what, asked, room } = self.receiver.recv().await?;
        let left = self.patience.saturating_sub(asked.elapsed()).min(FAR);
        Some(Come { what, deadline: Instant::now() + left, room })
    }
}

/// Begins one after another, until nobody can send any more.
pub(super) async fn run(engine: &Engine, calls: &mut LaneEnd<Call>) {
    let at_once = Arc::new(Semaphore::new(AT_ONCE));
    let mut waiting = VecDeque::new();
    let mut is_open = true;
    while is_open || !waiting.is_empty() {
        let (is_still_open, has_waiting) = (is_open, !waiting.is_empty());
        let come = pin!(async { if is_still_open { calls.next().await } else { pending().await } });
        let free = pin!(async {
            if has_waiting { Arc::clone(&at_once).acquire_owned().await } else { pending().await }
        });
        match select(come, free).await {
            Either::Left((Some(come), _)) => waiting.push_back(come),
            Either::Left((None, _)) => is_open = false,
            Either::Right((permit, _)) => {
                let (Ok(permit), Some(Come { what, deadline, room })) = (permit, waiting.pop_front()) else {
                    continue;
                };
                let done = what(engine.clone(), deadline);
                tokio::spawn(async move {
                    done.await;
                    drop((permit, room));
                });
            }
        }
    }
}

fn gone() -> BrokerError {
    BrokerError::unavailable("The live channels of this process have ended.")
}
