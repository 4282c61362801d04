//! The task of a shard.

use std::{cell::Cell, panic::AssertUnwindSafe, pin::pin, rc::Rc, sync::Arc, time::Duration};

use futures_util::{
    FutureExt as _,
    future::{Either, select},
};
use tokio::time::Instant;

use super::{Metrics, Shard, ShardEvent, inbox::Mailboxes};
use crate::live::{
    broker::{BrokerError, HistoryQuery},
    protocol::DisconnectCode,
    session::Terms,
};

/// How many events are taken before connections have their turn.
const TURN: usize = 64;
/// A position that seems to lack something is looked at again after this.
const SECOND_LOOK: Duration = Duration::from_secs(1);

/// Keeps the shard's task going. One that panics is begun anew, and its clients told to come again: whatever it was in the
/// middle of, they recover.
pub(super) fn start(shard: Rc<Shard>, mut mailboxes: Mailboxes) {
    struct Over(Rc<Shard>);
    impl Drop for Over {
        fn drop(&mut self) {
            self.0.is_over();
        }
    }
    actix_rt::spawn(async move {
        let over = Over(shard);
        let shard = &over.0;
        while AssertUnwindSafe(run(shard, &mut mailboxes)).catch_unwind().await.is_err() {
            tracing::error!(target: "actix_charter::live", "a shard of the hub panicked; its clients connect again");
            Metrics::count(&shard.node.metrics.restarts);
            for core in shard.connections() {
                core.disconnect(&DisconnectCode::FORCE_RECONNECT.into());
            }
        }
    });
}

async fn run(shard: &Rc<Shard>, mailboxes: &mut Mailboxes) {
    let Mailboxes { events, orders } = mailboxes;
    let settings = &shard.node.settings;
    let passes = Passes::default();
    let mut presence_at = Instant::now() + settings.presence_refresh;
    let mut positions_at = Instant::now() + settings.position_check;
    let mut batch = Vec::with_capacity(TURN);
    let mut ordered = Vec::new();
    // How many events were there before what was ordered: they have their turn before it, as what is published before a
    // disconnect is for those who are disconnected.
    let mut before = 0;
    loop {
        let due = shard.next_release().into_iter().fold(presence_at.min(positions_at), Instant::min);
        let has_order = {
            let is_ordered = !ordered.is_empty();
            let turn = if is_ordered { TURN.min(before) } else { TURN };
            let order = pin!(async {
                if is_ordered {
                    std::future::pending().await
                } else {
                    orders.recv_many(&mut ordered, TURN).await
                }
            });
            let come = pin!(events.recv_many(&mut batch, turn));
            let changed = pin!(shard.changed.notified());
            let time = pin!(tokio::time::sleep_until(due));
            match select(order, select(come, select(changed, time))).await {
                Either::Left((0, _)) | Either::Right((Either::Left((0, _)), _)) => return,
                Either::Left(_) => true,
                Either::Right(_) => false,
            }
        };
        before = if has_order { events.len() } else { before.saturating_sub(batch.len()) };
        let is_busy = batch.len() == TURN;
        for event in batch.drain(..) {
            handle(shard, event);
        }
        if before == 0 {
            for order in ordered.drain(..) {
                handle(shard, order);
            }
        }
        shard.node.dispatch.room.0.notify_waiters();
        let now = Instant::now();
        for channel in shard.released(now) {
            let node = Arc::clone(&shard.node);
            actix_rt::spawn(async move {
                let _ = node.within(node.engine.broker.unsubscribe(&channel)).await;
            });
        }
        if presence_at <= now {
            presence_at = now + settings.presence_refresh;
            passes.presence(shard);
        }
        let is_due = positions_at <= now;
        if is_due {
            positions_at = now + settings.position_check;
        }
        if is_due || shard.inbox.has_lost() {
            passes.positions(shard, now.checked_sub(settings.position_check));
        }
        if is_busy {
            tokio::task::yield_now().await;
        }
    }
}

fn handle(shard: &Rc<Shard>, event: ShardEvent) {
    match event {
        ShardEvent::Outgoing(outgoing, load) => {
            shard.fan_out(&outgoing);
            drop(load);
        }
        ShardEvent::Control(message) => shard.control(&message),
        ShardEvent::Commands { session, data } => {
            if let Some(core) = shard.emulated(&session) {
                core.take_in(data);
            }
        }
        ShardEvent::Census(answer) => {
            let _ = answer.send(shard.census());
        }
        ShardEvent::Drain(over) => drain(shard, over),
        ShardEvent::Panic => std::panic::resume_unwind(Box::new("asked for")),
    }
}

fn drain(shard: &Rc<Shard>, over: Duration) {
    let connections = shard.connections();
    let start = Instant::now();
    actix_rt::spawn(async move {
        let count = u32::try_from(connections.len()).unwrap_or(u32::MAX).max(1);
        let each = over / count;
        let mut at = start;
        for core in connections {
            if !each.is_zero() {
                tokio::time::sleep_until(at).await;
                at += each;
            }
            core.disconnect(&DisconnectCode::SHUTDOWN.into());
        }
    });
}

/// What goes on beside the events, each one at a time.
#[derive(Default)]
struct Passes {
    presence: Rc<Cell<bool>>,
    positions: Rc<Cell<bool>>,
}

/// Whether one goes on.
struct Going(Rc<Cell<bool>>);

impl Going {
    fn begin(flag: &Rc<Cell<bool>>) -> Option<Self> {
        (!flag.replace(true)).then(|| Self(Rc::clone(flag)))
    }
}

impl Drop for Going {
    fn drop(&mut self) {
        self.0.set(false);
    }
}

/// A pass over positions: at its end the shard looks whether there is to be another.
struct Again {
    shard: Rc<Shard>,
    _going: Going,
}

impl Drop for Again {
    fn drop(&mut self) {
        self.shard.changed.notify_one();
    }
}

impl Passes {
    /// Says that those who are here still are.
    fn presence(&self, shard: &Rc<Shard>) {
        let present = shard.present();
        if present.is_empty() {
            return;
        }
        let Some(going) = Going::begin(&self.presence) else { return };
        let node = Arc::clone(&shard.node);
        actix_rt::spawn(async move {
            let _going = going;
            for subscription in present {
                if let Some(info) = subscription.terms().and_then(Terms::info)
                    && subscription.is_present.get()
                {
                    let add = node.engine.presence.add(&subscription.channel, Arc::clone(&info));
                    if let Err(error) = node.within(add).await {
                        tracing::warn!(target: "actix_charter::live", %error, "presence could not be refreshed");
                    }
                    // It left while that went on: what was added is taken back.
                    if !subscription.is_present.get() {
                        let _ = node.within(node.engine.presence.remove(&subscription.channel, &info)).await;
                    }
                }
                tokio::task::coop::consume_budget().await;
            }
        });
    }

    /// Compares the positions in quiet channels with the broker's; in all of them when something was lost.
    fn positions(&self, shard: &Rc<Shard>, quiet: Option<Instant>) {
        // What was lost while one goes on, the next one sees: it was not forgotten.
        let Some(going) = Going::begin(&self.positions) else { return };
        let is_lost = shard.inbox.take_lost();
        let channels = shard.quiet(quiet.filter(|_| !is_lost));
        if channels.is_empty() {
            return;
        }
        let again = Again { shard: Rc::clone(shard), _going: going };
        actix_rt::spawn(async move {
            let shard = &again.shard;
            let mut suspects = Vec::new();
            for channel in channels {
                let positioned = shard.subscribers(&channel);
                if !positioned.iter().any(|subscription| subscription.position().is_some()) {
                    continue;
                }
                let Ok(top) = top(shard, &channel).await else { continue };
                suspects.extend(positioned.into_iter().filter_map(|subscription| {
                    let lacks = subscription.position().is_some_and(|position| position.lacks(&top));
                    lacks.then(|| (subscription, top.clone()))
                }));
                tokio::task::coop::consume_budget().await;
            }
            if suspects.is_empty() {
                return;
            }
            tokio::time::sleep(SECOND_LOOK).await;
            for (subscription, top) in suspects {
                if subscription.position().is_some_and(|position| position.lacks(&top)) {
                    subscription.lack();
                }
            }
        });
    }
}

async fn top(shard: &Shard, channel: &str) -> Result<crate::live::Position, BrokerError> {
    let node = &shard.node;
    Ok(node.within(node.engine.broker.history(channel, HistoryQuery::position())).await?.position)
}
