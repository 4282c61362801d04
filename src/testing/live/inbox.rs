use std::{
    cell::RefCell,
    collections::{HashMap, VecDeque},
    rc::Rc,
    time::Duration,
};

use serde_json::{Value, json};
use tokio::sync::Notify;

use super::{LiveClosed, LiveEvent, clock::settle, patience};
use crate::live::seam::InProcess;

/// What a client has heard, and what it knows of its subscriptions: as the clients' libraries do, it remembers where it is in each
/// channel from connection to connection.
#[derive(Default)]
pub(super) struct Inbox {
    state: RefCell<State>,
    changed: Notify,
}

#[derive(Default)]
pub(super) struct State {
    pub(super) events: VecDeque<LiveEvent>,
    pub(super) seats: Vec<Seat>,
    pub(super) closed: Option<LiveClosed>,
    replies: HashMap<u32, Value>,
    /// Subscriptions that were asked for, by the id of their command.
    asked: HashMap<u32, Seat>,
}

/// One subscription.
#[derive(Debug, Clone, Default)]
pub(super) struct Seat {
    pub(super) channel: String,
    /// The server made it.
    pub(super) by_server: bool,
    /// The server has not ended it.
    pub(super) is_live: bool,
    /// What was said to subscribe.
    pub(super) data: Value,
    pub(super) is_recoverable: bool,
    pub(super) epoch: Value,
    pub(super) offset: u64,
}

impl Seat {
    /// What is said to go on from where one is.
    pub(super) fn since(&self) -> Value {
        json!({"recover": true, "epoch": self.epoch, "offset": self.offset})
    }

    fn begin(&mut self, result: &Value) {
        self.is_live = true;
        self.is_recoverable = result["recoverable"].as_bool().unwrap_or_default();
        self.epoch = result["epoch"].clone();
        self.offset = result["offset"].as_u64().unwrap_or_default();
    }
}

impl State {
    pub(super) fn seat(&self, channel: &str) -> Option<&Seat> {
        self.seats.iter().find(|seat| seat.channel == channel)
    }

    pub(super) fn leave(&mut self, channel: &str) {
        self.seats.retain(|seat| seat.channel != channel);
    }

    fn enter(&mut self, mut seat: Seat, result: &Value) {
        seat.begin(result);
        self.leave(&seat.channel);
        let channel = seat.channel.clone();
        self.seats.push(seat);
        for publication in result["publications"].as_array().into_iter().flatten() {
            self.event(LiveEvent::published(channel.clone(), publication));
        }
    }

    fn event(&mut self, event: LiveEvent) {
        let seat = self.seats.iter_mut().find(|seat| Some(seat.channel.as_str()) == event.channel());
        match (&event, seat) {
            (LiveEvent::Publication { offset, .. }, Some(seat)) => seat.offset = seat.offset.max(*offset),
            // Clients subscribe again by themselves, and recover.
            (LiveEvent::Unsubscribed { code: 2500.., .. }, Some(seat)) => seat.is_live = false,
            (LiveEvent::Unsubscribed { channel, .. }, Some(_)) => {
                let channel = channel.clone();
                self.leave(&channel);
            }
            _ => {}
        }
        self.events.push_back(event);
    }

    fn take_in(&mut self, message: Value) {
        if let Some(push) = message.get("push") {
            if let Some(event) = LiveEvent::of(push) {
                self.event(event);
            }
            return;
        }
        let id = message["id"].as_u64().and_then(|id| u32::try_from(id).ok()).unwrap_or_default();
        if let (Some(seat), Some(result)) = (self.asked.remove(&id), message.get("subscribe")) {
            self.enter(seat, result);
        }
        for (channel, result) in message["connect"]["subs"].as_object().into_iter().flatten() {
            let seat = Seat { channel: channel.clone(), by_server: true, ..Seat::default() };
            self.enter(seat, result);
        }
        self.replies.insert(id, message);
    }
}

impl Inbox {
    pub(super) fn with<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        act(&mut self.state.borrow_mut())
    }

    /// The subscription begins when the reply to this command comes.
    pub(super) fn asked(&self, id: u32, seat: Seat) {
        self.with(|state| state.asked.insert(id, seat));
    }

    /// Waits until that finds something. Nothing is found when everything rests and patience is at its end.
    pub(super) async fn wait<T>(
        &self,
        patience: Duration,
        mut find: impl FnMut(&mut State) -> Option<T>,
    ) -> Option<T> {
        if let Some(found) = self.with(&mut find) {
            return Some(found);
        }
        settle().await;
        if let Some(found) = self.with(&mut find) {
            return Some(found);
        }
        patience::within(patience, async {
            loop {
                let changed = self.changed.notified();
                if let Some(found) = self.with(&mut find) {
                    return found;
                }
                changed.await;
            }
        })
        .await
    }

    /// The reply to a command; `None` when the connection ended, or nobody answered.
    pub(super) async fn reply(&self, patience: Duration, id: u32) -> Option<Value> {
        let found = self.wait(patience, |state| match state.replies.remove(&id) {
            Some(reply) => Some(Some(reply)),
            None => state.closed.is_some().then_some(None),
        });
        found.await.flatten()
    }

    /// Reads all that a connection gets, and answers its pings.
    pub(super) async fn read(self: Rc<Self>, connection: Rc<InProcess>) {
        while let Some(text) = connection.next().await {
            let Ok(message) = serde_json::from_str::<Value>(&text) else { continue };
            if message.as_object().is_some_and(serde_json::Map::is_empty) {
                connection.send("{}");
                continue;
            }
            self.with(|state| state.take_in(message));
            self.changed.notify_waiters();
        }
        let (code, reason) = connection.closed().unwrap_or_else(|| (1006, "lost".to_owned()));
        self.with(|state| state.closed = Some(LiveClosed { code, reason }));
        self.changed.notify_waiters();
    }

    /// A connection begins: nothing of the one before it is waited for.
    pub(super) fn begin(&self) {
        self.with(|state| {
            state.closed = None;
            state.replies.clear();
            state.asked.clear();
        });
    }
}
