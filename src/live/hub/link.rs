use std::{cell::Cell, rc::Rc, sync::Arc, task::Poll};

use futures_util::future::LocalBoxFuture;
use tokio::sync::Notify;

use super::Node;
use crate::live::broker::BrokerError;

/// Whether the broker sends a channel's events to this worker.
#[derive(Debug, Default)]
pub(crate) struct Link {
    state: Cell<State>,
    changed: Notify,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum State {
    #[default]
    Down,
    Rising,
    Up,
}

impl Link {
    pub(crate) fn is_rising(&self) -> bool {
        self.state.get() == State::Rising
    }

    pub(crate) fn is_up(&self) -> bool {
        self.state.get() == State::Up
    }

    /// Waits until the broker sends the events. The first one asks it, the others wait for what comes of that. Whoever gives
    /// up waiting leaves the asking to go on.
    pub(crate) async fn raise(
        self: &Rc<Self>,
        channel: &Arc<str>,
        node: &Arc<Node>,
    ) -> Result<(), BrokerError> {
        match self.state.get() {
            State::Up => return Ok(()),
            State::Rising => self.changed.notified().await,
            State::Down => {
                self.state.set(State::Rising);
                let mut asking = self.asking(Arc::clone(channel), Arc::clone(node));
                // Most brokers in a process answer at once.
                let done = std::future::poll_fn(|cx| Poll::Ready(asking.as_mut().poll(cx))).await;
                if done.is_pending() {
                    let changed = self.changed.notified();
                    actix_rt::spawn(asking);
                    changed.await;
                }
            }
        }
        if self.is_up() {
            Ok(())
        } else {
            Err(BrokerError::unavailable("The broker could not be asked for the channel."))
        }
    }

    fn asking(self: &Rc<Self>, channel: Arc<str>, node: Arc<Node>) -> LocalBoxFuture<'static, ()> {
        let rising = Rising(Rc::clone(self));
        Box::pin(async move {
            let asked = node.within(node.engine.broker.subscribe(&channel)).await;
            if let Err(error) = &asked {
                tracing::warn!(target: "actix_charter::live", %error, "a channel could not be subscribed to");
            } else {
                rising.0.state.set(State::Up);
            }
        })
    }
}

/// However it ends, those who wait are told.
struct Rising(Rc<Link>);

impl Drop for Rising {
    fn drop(&mut self) {
        if self.0.is_rising() {
            self.0.state.set(State::Down);
        }
        self.0.changed.notify_waiters();
    }
}
