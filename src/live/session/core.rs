use std::{
    cell::{Cell, OnceCell, RefCell},
    collections::VecDeque,
    rc::Rc,
    sync::Arc,
};

use bytes::Bytes;
use tokio::time::Instant;

use super::{Arrival, Expiry, Page, Subscription, Terms, Wire, lean::lean};
use crate::live::{
    broker::{SubscribeOrder, Whom},
    hub::{Metrics, Node, Shard},
    logic::Peer,
    protocol::{Disconnect, DisconnectCode, Push, PushEvent, Reply, ReplyError, ReplyResult, Unsubscribe},
    socket::{Close, Outbox, Refused},
};

/// More frames than this waiting that came by another way than the connection are a flood.
const MOST_INCOMING: usize = 64;

/// A connection, as the hub and its own commands know it.
pub(crate) struct Core {
    pub(crate) node: Arc<Node>,
    pub(crate) shard: Rc<Shard>,
    pub(crate) outbox: Outbox,
    pub(crate) wire: Wire,
    /// Where it is in the shard's list.
    pub(crate) place: Cell<Option<usize>>,
    pub(crate) stage: Cell<Stage>,
    pub(super) arrival: RefCell<Option<Box<Arrival>>>,
    /// Until it is known who it is.
    unknown: RefCell<Option<Box<Unknown>>>,
    pub(super) peer: OnceCell<Rc<Peer>>,
    pub(super) session: OnceCell<Box<str>>,
    pub(super) emulation: OnceCell<Box<str>>,
    /// Of a page's connection.
    pub(crate) page: OnceCell<Box<Page>>,
    pub(super) subscriptions: RefCell<Vec<Rc<Subscription>>>,
    pending: RefCell<Option<Box<Pending>>>,
    pub(super) expires: Cell<Option<Expiry>>,
    /// The next time that something expires.
    pub(super) next_due: Cell<Option<Instant>>,
    pub(super) is_seated: Cell<bool>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Nobody has said who it is.
    New,
    Connecting,
    Connected,
    /// The connect command failed; there is no second one.
    Failed,
    Closed,
}

/// What waits for the session. Most of the time nothing does.
#[derive(Default)]
struct Pending {
    /// Those that ended, of which others are not told yet.
    leaving: Vec<Rc<Subscription>>,
    notes: Vec<Note>,
    /// Commands that came by another way.
    frames: VecDeque<Bytes>,
    frame_bytes: usize,
}

impl Pending {
    fn is_empty(&self) -> bool {
        self.leaving.is_empty() && self.notes.is_empty() && self.frames.is_empty()
    }
}

/// Somebody of whom only the HTTP request tells who they are.
struct Unknown {
    user: Box<str>,
    session: Option<Box<str>>,
    /// What came while it was asked who they are: it may turn out to be about them.
    orders: Vec<Rc<Leave>>,
}

/// An order that some are to leave.
pub(crate) struct Leave {
    pub(crate) whom: Whom,
    pub(crate) why: Disconnect,
}

/// What others want a session to do.
#[derive(Debug)]
pub(crate) enum Note {
    /// A subscription was ended because something was missing.
    Insufficient(Arc<str>),
    /// End a subscription.
    Unsubscribe(Box<str>, Unsubscribe),
    /// Another expiry, other words about the connection.
    Refresh { expired: bool, expire_at: Option<i64>, info: Option<Bytes> },
    /// The server wants it in a channel.
    Subscribe { channel: Box<str>, order: Box<SubscribeOrder> },
}

impl Core {
    pub(crate) fn open(shard: Rc<Shard>, outbox: Outbox, wire: Wire, arrival: Arrival) -> Rc<Self> {
        let unknown = Unknown {
            user: arrival.user.as_str().into(),
            session: arrival.session.as_deref().map(Into::into),
            orders: Vec::new(),
        };
        let core = Rc::new(Self {
            node: Arc::clone(&shard.node),
            outbox,
            wire,
            place: Cell::new(None),
            stage: Cell::new(Stage::New),
            arrival: RefCell::new(Some(Box::new(arrival))),
            unknown: RefCell::new(Some(Box::new(unknown))),
            peer: OnceCell::new(),
            session: OnceCell::new(),
            emulation: OnceCell::new(),
            page: OnceCell::new(),
            subscriptions: RefCell::default(),
            pending: RefCell::default(),
            expires: Cell::new(None),
            next_due: Cell::new(None),
            is_seated: Cell::new(false),
            shard,
        });
        core.shard.open(&core);
        core
    }

    /// The response is under way.
    pub(super) fn lighten(&self) {
        if let Some(arrival) = self.arrival.take() {
            let arrival = *arrival;
            let request = lean(arrival.request);
            self.arrival.replace(Some(Box::new(Arrival { request, ..arrival })));
        }
    }

    /// Somebody leaves: this connection, too, if it was opened as theirs.
    pub(crate) fn leave_unknown(&self, order: &Rc<Leave>) {
        if order.whom.client.is_some() {
            // Nobody was told its name.
            return;
        }
        let is_meant = {
            let mut unknown = self.unknown.borrow_mut();
            let Some(unknown) = &mut *unknown else { return };
            let is_meant = order.whom.means(&unknown.user, "", unknown.session.as_deref());
            if !is_meant && self.stage.get() == Stage::Connecting {
                unknown.orders.push(Rc::clone(order));
            }
            is_meant
        };
        if is_meant {
            self.disconnect(&order.why);
        }
    }

    /// It is known who it is, and others find it. Why it has to leave, when it was told so meanwhile.
    pub(super) fn become_known(self: &Rc<Self>) -> Result<(), Disconnect> {
        self.shard.know(self);
        let Some(unknown) = self.unknown.take() else { return Ok(()) };
        let Some(peer) = self.peer() else { return Ok(()) };
        let mut orders = unknown.orders.iter();
        match orders.find(|order| order.whom.means(&peer.user, "", self.session())) {
            Some(order) => Err(order.why.clone()),
            None => Ok(()),
        }
    }

    pub(crate) fn peer(&self) -> Option<&Rc<Peer>> {
        self.peer.get()
    }

    pub(crate) fn session(&self) -> Option<&str> {
        self.session.get().map(|session| &**session)
    }

    pub(crate) fn emulation(&self) -> Option<&str> {
        self.emulation.get().map(|session| &**session)
    }

    pub(crate) fn subscription(&self, channel: &str) -> Option<Rc<Subscription>> {
        let subscriptions = self.subscriptions.borrow();
        subscriptions.iter().find(|subscription| *subscription.channel == *channel).cloned()
    }

    /// One that is made, whose terms hold.
    pub(crate) fn running(&self, channel: &str) -> Option<Rc<Subscription>> {
        self.subscription(channel).filter(|subscription| subscription.is_running())
    }

    /// Takes this one out, whichever came after it. [`farewell`](Self::farewell) tells the others, or the connection's end does.
    pub(crate) fn drop_subscription(&self, subscription: &Rc<Subscription>) {
        self.give_up(subscription);
        self.pending.borrow_mut().get_or_insert_default().leaving.push(Rc::clone(subscription));
    }

    /// Takes one out that never began.
    pub(super) fn give_up(&self, subscription: &Rc<Subscription>) {
        subscription.end();
        self.shard.leave(subscription);
        let mut subscriptions = self.subscriptions.borrow_mut();
        subscriptions.retain(|other| !Rc::ptr_eq(other, subscription));
        if subscriptions.is_empty() {
            *subscriptions = Vec::new();
        }
    }

    /// Takes something of what waits, and the room of all of it when that was the last.
    fn take_pending<T: Default>(&self, take: impl FnOnce(&mut Pending) -> T) -> T {
        let mut pending = self.pending.borrow_mut();
        let Some(all) = &mut *pending else { return T::default() };
        let taken = take(all);
        if all.is_empty() {
            *pending = None;
        }
        taken
    }

    pub(crate) fn note(&self, note: Note) {
        self.pending.borrow_mut().get_or_insert_default().notes.push(note);
        self.outbox.wake();
    }

    pub(super) fn take_notes(&self) -> Vec<Note> {
        self.take_pending(|pending| std::mem::take(&mut pending.notes))
    }

    /// Commands that came by another way.
    pub(crate) fn take_in(&self, data: Bytes) {
        let is_flood = {
            let mut pending = self.pending.borrow_mut();
            let pending = pending.get_or_insert_default();
            pending.frame_bytes += data.len();
            pending.frames.push_back(data);
            let (count, bytes) = (pending.frames.len(), pending.frame_bytes);
            count > MOST_INCOMING || (count > 1 && bytes > self.node.settings.waiting)
        };
        if is_flood {
            self.take_pending(|pending| {
                pending.frames = VecDeque::new();
                pending.frame_bytes = 0;
            });
            return self.disconnect(&DisconnectCode::TOO_MANY_REQUESTS.into());
        }
        self.outbox.wake();
    }

    pub(super) fn next_incoming(&self) -> Option<Bytes> {
        self.take_pending(|pending| {
            let frame = pending.frames.pop_front()?;
            pending.frame_bytes -= frame.len();
            Some(frame)
        })
    }

    pub(crate) fn reply(&self, id: u32, result: Result<ReplyResult, ReplyError>) {
        if !self.wire.is_bare() {
            self.send(self.wire.reply(&Reply { id, result }));
        }
    }

    /// Pushes something to this connection alone.
    pub(crate) fn push(&self, push: &Push) {
        if self.stage.get() == Stage::Connected {
            self.send(self.wire.push(push));
        }
    }

    pub(crate) fn push_event(&self, channel: &str, event: PushEvent) {
        self.push(&Push::in_channel(channel, event));
    }

    /// Sends a frame that is to be delivered; a client that has no room for it is disconnected.
    pub(crate) fn send(&self, frame: Bytes) {
        if self.outbox.push(frame) == Err(Refused::Full) {
            Metrics::count(&self.node.metrics.slow);
            self.disconnect_now(&DisconnectCode::SLOW.into());
        }
    }

    /// Ends the connection after what is queued.
    pub(crate) fn disconnect(&self, why: &Disconnect) {
        if !self.wire.is_socket() && self.outbox.is_open() {
            let push = Push::from(PushEvent::Disconnect(why.clone()));
            let _ = self.outbox.push(self.wire.push(&push));
        }
        self.outbox.close(self.close_of(why));
    }

    /// Ends the connection, and what is queued is not sent.
    pub(crate) fn disconnect_now(&self, why: &Disconnect) {
        self.outbox.close_now(self.close_of(why));
    }

    fn close_of(&self, why: &Disconnect) -> Close {
        let code = match (self.wire, why.code()) {
            // Pages know WebSocket's own codes: try again later, restart, policy.
            (Wire::HtmlSocket, DisconnectCode::SLOW | DisconnectCode::TOO_MANY_REQUESTS) => 1013,
            (Wire::HtmlSocket, code) if code.reconnects() => 1012,
            (Wire::HtmlSocket, _) => 1008,
            (_, code) => code.get(),
        };
        Close::new(code, why.reason().to_owned())
    }

    /// The connection is at its end: nothing of it stays.
    pub(crate) fn close(self: &Rc<Self>) {
        if self.stage.replace(Stage::Closed) == Stage::Closed {
            return;
        }
        self.shard.forget(self);
        if self.is_seated.take()
            && let Some(peer) = self.peer()
        {
            self.node.unseat(&peer.user);
        }
        let mut subscriptions = std::mem::take(&mut *self.subscriptions.borrow_mut());
        for subscription in &subscriptions {
            subscription.end();
            self.shard.leave(subscription);
        }
        subscriptions.append(&mut self.take_pending(|pending| std::mem::take(&mut pending.leaving)));
        subscriptions.retain(|subscription| subscription.is_seen());
        if !subscriptions.is_empty() {
            let core = Rc::clone(self);
            actix_rt::spawn(async move {
                for subscription in subscriptions {
                    core.tell_leave(&subscription).await;
                }
            });
        }
    }

    /// Tells presence and the others that it is gone. Once begun, it is done even if the connection ends meanwhile.
    pub(crate) async fn farewell(self: &Rc<Self>, subscription: &Rc<Subscription>) {
        self.take_pending(|pending| pending.leaving.retain(|other| !Rc::ptr_eq(other, subscription)));
        if subscription.is_seen() {
            let (core, subscription) = (Rc::clone(self), Rc::clone(subscription));
            let _ = actix_rt::spawn(async move { core.tell_leave(&subscription).await }).await;
        }
    }

    async fn tell_leave(&self, subscription: &Subscription) {
        let Some(terms) = subscription.terms() else { return };
        let Some(info) = &terms.info() else { return };
        let channel = &subscription.channel;
        if subscription.is_present.take() {
            let removed = self.node.engine.presence.remove(channel, info);
            if let Err(error) = self.node.within(removed).await {
                tracing::warn!(target: "actix_charter::live", %error, "presence was not told of a leave");
            }
        }
        if subscription.is_joined.take() {
            self.node.actor.leave(channel, info, terms.leave_delay, terms.presence).await;
        }
    }

    /// Others see these words about the connection from now on. Whether any do.
    pub(super) fn set_info(&self, info: &Bytes) -> bool {
        let Some(peer) = self.peer() else { return false };
        *peer.info.borrow_mut() = Some(info.clone());
        let subscriptions = self.subscriptions.borrow();
        for terms in subscriptions.iter().filter_map(|subscription| subscription.terms()) {
            terms.set_connection(info);
        }
        subscriptions.iter().any(|subscription| subscription.is_present.get())
    }

    /// Tells presence what is known of the connection now, wherever it is.
    pub(super) async fn tell_presence(&self) {
        let all = self.subscriptions.borrow().clone();
        for subscription in all {
            let Some(info) = subscription.terms().and_then(Terms::info) else { continue };
            if subscription.is_present.get() {
                let added = self.node.engine.presence.add(&subscription.channel, info);
                if let Err(error) = self.node.within(added).await {
                    tracing::warn!(target: "actix_charter::live", %error, "presence was not told of new words");
                }
            }
        }
    }

    /// Tells presence and the others that it came, unless it has ended already.
    pub(crate) async fn welcome(&self, subscription: &Subscription) {
        if !subscription.is_running() {
            return;
        }
        let Some(terms) = subscription.terms() else { return };
        let Some(info) = &terms.info() else { return };
        let channel = &subscription.channel;
        if terms.presence {
            subscription.is_present.set(true);
            let added = self.node.engine.presence.add(channel, Arc::clone(info));
            if let Err(error) = self.node.within(added).await {
                tracing::warn!(target: "actix_charter::live", %error, "presence was not told of a join");
            }
        }
        if terms.join_leave {
            self.node.actor.join(channel, info, terms.leave_delay).await;
            subscription.is_joined.set(true);
        }
    }
}
