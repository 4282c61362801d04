//! Who came and who left: damped, and told in order within a channel, while channels do not wait for each other.

use std::{
    collections::{HashMap, VecDeque},
    panic::AssertUnwindSafe,
    pin::pin,
    sync::Arc,
    time::Duration,
};

use futures_util::{
    FutureExt as _, StreamExt as _,
    future::{BoxFuture, Either, pending, select},
    stream::FuturesUnordered,
};
use tokio::{sync::OwnedSemaphorePermit, time::Instant};

use super::{
    actor::{late, within},
    lane::{AT_ONCE, Come, FAR, LaneEnd},
};
use crate::live::{
    ClientInfo,
    broker::{BrokerError, Engine, LeaveDamping, ToldLeave},
};

pub(super) enum Attended {
    Join { channel: Arc<str>, info: Arc<ClientInfo>, delay: Duration },
    Leave { channel: Arc<str>, info: Arc<ClientInfo>, delay: Duration, presence: bool },
}

/// Something that the others are to know. What cannot be begun in time they are not told: it is news.
struct Tell {
    what: What,
    deadline: Instant,
    /// A leave that waited has given its room back.
    _room: Option<OwnedSemaphorePermit>,
}

enum What {
    Join(Arc<ClientInfo>),
    Leave { info: Arc<ClientInfo>, presence: bool },
}

/// What is told now and next.
#[derive(Default)]
struct Telling {
    /// What waits in the channels that are under way or in line.
    channels: HashMap<Arc<str>, VecDeque<Tell>>,
    line: VecDeque<Arc<str>>,
    /// One of each channel.
    under_way: FuturesUnordered<BoxFuture<'static, Arc<str>>>,
}

/// Goes on until nobody can send any more.
pub(super) async fn run(engine: &Engine, patience: Duration, attended: &mut LaneEnd<Attended>) {
    // Each delay has its own: most applications have one or two.
    let mut dampings: HashMap<Duration, LeaveDamping> = HashMap::new();
    let mut telling = Telling::default();
    loop {
        telling.begin(engine, patience);
        let next = dampings.values().filter_map(LeaveDamping::next_due).min();
        let come = {
            let come = pin!(attended.next());
            let due = pin!(async {
                match next {
                    Some(next) => tokio::time::sleep_until(next).await,
                    None => pending().await,
                }
            });
            let told = pin!(telling.told());
            match select(come, select(told, due)).await {
                Either::Left((None, _)) => return,
                Either::Left((come, _)) => come,
                Either::Right(_) => None,
            }
        };
        if let Some(Come { what, deadline, room }) = come {
            match what {
                Attended::Join { channel, info, delay } => {
                    let damping = dampings.entry(delay).or_insert_with(|| LeaveDamping::new(delay).by_user());
                    if damping.join(&channel, &info) {
                        telling.add(channel, Tell { what: What::Join(info), deadline, _room: Some(room) });
                    }
                }
                Attended::Leave { channel, info, delay, presence } => {
                    let told = dampings
                        .get_mut(&delay)
                        .and_then(|damping| damping.leave_known(&channel, &info, presence, Instant::now()));
                    if let Some(told) = told {
                        telling.leave(told, deadline, Some(room));
                    }
                }
            }
        }
        let now = Instant::now();
        let deadline = now + patience.min(FAR);
        for damping in dampings.values_mut() {
            while let Some(told) = damping.due(now) {
                telling.leave(told, deadline, None);
            }
        }
    }
}

impl Telling {
    fn add(&mut self, channel: Arc<str>, tell: Tell) {
        if let Some(waiting) = self.channels.get_mut(&channel) {
            waiting.push_back(tell);
        } else {
            self.channels.insert(Arc::clone(&channel), VecDeque::from([tell]));
            self.line.push_back(channel);
        }
    }

    fn leave(&mut self, told: ToldLeave, deadline: Instant, room: Option<OwnedSemaphorePermit>) {
        let ToldLeave { channel, info, presence } = told;
        self.add(channel, Tell { what: What::Leave { info, presence }, deadline, _room: room });
    }

    /// Begins what may be under way at once.
    fn begin(&mut self, engine: &Engine, patience: Duration) {
        while self.under_way.len() < AT_ONCE
            && let Some(channel) = self.line.pop_front()
        {
            let Some(waiting) = self.channels.get_mut(&channel) else { continue };
            let now = Instant::now();
            let mut next = waiting.pop_front();
            while next.as_ref().is_some_and(|tell| tell.deadline <= now) {
                warn(Err(late()));
                next = waiting.pop_front();
            }
            if let Some(tell) = next {
                self.under_way.push(told(engine.clone(), patience, channel, tell));
            } else {
                self.channels.remove(&channel);
            }
        }
    }

    /// Waits until something is told: its channel is in line again.
    async fn told(&mut self) {
        match self.under_way.next().await {
            Some(channel) => self.line.push_back(channel),
            None => pending().await,
        }
    }
}

fn told(engine: Engine, patience: Duration, channel: Arc<str>, tell: Tell) -> BoxFuture<'static, Arc<str>> {
    Box::pin(async move {
        let asked = AssertUnwindSafe(async {
            match tell.what {
                What::Join(info) => within(patience, engine.broker.publish_join(&channel, info)).await,
                What::Leave { info, presence } => {
                    if presence && is_elsewhere(&engine, patience, &channel, &info).await {
                        return Ok(());
                    }
                    within(patience, engine.broker.publish_leave(&channel, info)).await
                }
            }
        });
        let told = asked.catch_unwind().await;
        warn(told.unwrap_or_else(|_| Err(BrokerError::unavailable("The broker panicked."))));
        channel
    })
}

/// Whether the user is there through another node.
async fn is_elsewhere(engine: &Engine, patience: Duration, channel: &str, info: &ClientInfo) -> bool {
    if info.user.is_empty() {
        return false;
    }
    let connections = within(patience, engine.presence.connections(channel, &info.user)).await;
    connections.is_ok_and(|connections| connections > 0)
}

fn warn(told: Result<(), BrokerError>) {
    if let Err(error) = told {
        tracing::warn!(target: "actix_charter::live", %error, "a join or leave was not told");
    }
}
