use std::{
    borrow::Borrow,
    cell::{Cell, RefCell},
    collections::{HashMap, HashSet, VecDeque},
    hash::{Hash, Hasher},
    rc::Rc,
    sync::Arc,
};

use tokio::{sync::Notify, time::Instant};

use super::{Census, Inbox, Metrics, Node, Outgoing, link::Link, run};
use crate::live::{
    broker::{BrokerError, ControlMessage, Whom},
    protocol::{Disconnect, DisconnectCode, Push, PushEvent, Unsubscribe, UnsubscribeCode},
    session::{Core, Leave, Note, Subscription},
};

thread_local! {
    /// The shards of this thread: one for each application that has live channels; most have one.
    static SHARDS: RefCell<Vec<Rc<Shard>>> = const { RefCell::new(Vec::new()) };
}

/// The connections of one worker, and who of them is in which channel.
pub(crate) struct Shard {
    pub(crate) node: Arc<Node>,
    pub(crate) inbox: Arc<Inbox>,
    channels: RefCell<HashMap<Arc<str>, Channel>>,
    /// All that are open; each knows its place.
    connections: RefCell<Vec<Rc<Core>>>,
    clients: RefCell<HashSet<ByClient>>,
    users: RefCell<Many>,
    /// By the application's session.
    sessions: RefCell<Many>,
    /// Those of whom only the HTTP request tells who they are: who leaves may have opened one, too.
    arriving: RefCell<HashMap<*const Core, Rc<Core>>>,
    /// By the name that commands come under by another way.
    emulated: RefCell<HashMap<Box<str>, Rc<Core>>>,
    /// Channels that lost their last subscriber, and when the broker is told.
    releases: RefCell<VecDeque<(Instant, Arc<str>)>>,
    /// There is something for the shard's task to do.
    pub(super) changed: Notify,
    is_alive: Cell<bool>,
}

type Many = HashMap<Box<str>, Vec<Rc<Core>>>;

/// A connection that is found by its client's id, which is kept once.
struct ByClient(Rc<Core>);

impl ByClient {
    fn core(&self) -> Rc<Core> {
        Rc::clone(&self.0)
    }
}

impl Borrow<str> for ByClient {
    fn borrow(&self) -> &str {
        self.0.peer().map_or("", |peer| &peer.client)
    }
}

impl PartialEq for ByClient {
    fn eq(&self, other: &Self) -> bool {
        Borrow::<str>::borrow(self) == Borrow::<str>::borrow(other)
    }
}

impl Eq for ByClient {}

impl Hash for ByClient {
    fn hash<H: Hasher>(&self, state: &mut H) {
        Borrow::<str>::borrow(self).hash(state);
    }
}

/// A channel with subscribers here, or that had some a moment ago.
struct Channel {
    subscribers: Vec<Rc<Subscription>>,
    link: Rc<Link>,
    /// When something came for it.
    heard: Cell<Instant>,
}

impl Shard {
    /// This thread's; begun when it is the first time. Has to be called within Actix's runtime.
    pub(crate) fn of(node: &Arc<Node>) -> Rc<Self> {
        SHARDS.with_borrow_mut(|shards| {
            shards.retain(|shard| shard.is_alive.get());
            if let Some(shard) = shards.iter().find(|shard| Arc::ptr_eq(&shard.node, node)) {
                return Rc::clone(shard);
            }
            let (inbox, events) = Inbox::new(node.settings.mailbox, node.settings.mailbox_bytes);
            node.dispatch.add_shard(&inbox);
            let shard = Rc::new(Self {
                node: Arc::clone(node),
                inbox,
                channels: RefCell::default(),
                connections: RefCell::default(),
                clients: RefCell::default(),
                users: RefCell::default(),
                sessions: RefCell::default(),
                arriving: RefCell::default(),
                emulated: RefCell::default(),
                releases: RefCell::default(),
                changed: Notify::new(),
                is_alive: Cell::new(true),
            });
            shards.push(Rc::clone(&shard));
            run::start(Rc::clone(&shard), events);
            shard
        })
    }

    /// Its task is at its end, and most often its thread: the actor gives back what the broker counts.
    pub(super) fn is_over(&self) {
        self.is_alive.set(false);
        self.node.dispatch.remove_shard(&self.inbox);
        let mut channels = std::mem::take(&mut *self.channels.borrow_mut());
        channels.retain(|_, room| room.link.is_up());
        if channels.is_empty() {
            return;
        }
        let linked: Vec<_> = channels.into_keys().collect();
        let given_back = self.node.actor.try_call(move |engine| async move {
            for channel in &linked {
                engine.broker.unsubscribe(channel).await?;
            }
            Ok(())
        });
        if let Err(error) = given_back {
            tracing::warn!(target: "actix_charter::live", %error, "the channels of a worker that ended are still sent");
        }
    }

    /// The channel's name, shared with those who have it already.
    pub(crate) fn name(&self, channel: &str) -> Arc<str> {
        match self.channels.borrow().get_key_value(channel) {
            Some((name, _)) => Arc::clone(name),
            None => channel.into(),
        }
    }

    /// Puts a subscription among the channel's, and waits until the broker sends its events.
    pub(crate) async fn attach(&self, subscription: &Rc<Subscription>) -> Result<(), BrokerError> {
        let channel = &subscription.channel;
        let link = {
            let mut channels = self.channels.borrow_mut();
            let room = channels.entry(Arc::clone(channel)).or_insert_with(|| {
                self.node.dispatch.want(channel, &self.inbox);
                Channel { subscribers: Vec::new(), link: Rc::default(), heard: Cell::new(Instant::now()) }
            });
            subscription.place.set(Some(room.subscribers.len()));
            room.subscribers.push(Rc::clone(subscription));
            Rc::clone(&room.link)
        };
        Metrics::count(&self.node.metrics.subscriptions);
        link.raise(channel, &self.node).await
    }

    /// Takes a subscription out, if it is there.
    pub(crate) fn leave(&self, subscription: &Subscription) {
        let Some(place) = subscription.place.take() else { return };
        Metrics::uncount(&self.node.metrics.subscriptions);
        let mut channels = self.channels.borrow_mut();
        let Some(room) = channels.get_mut(&subscription.channel) else { return };
        if place < room.subscribers.len() {
            room.subscribers.swap_remove(place);
        }
        if let Some(moved) = room.subscribers.get(place) {
            moved.place.set(Some(place));
        }
        if room.subscribers.is_empty() {
            room.subscribers = Vec::new();
            let at = Instant::now() + self.node.settings.release;
            self.releases.borrow_mut().push_back((at, Arc::clone(&subscription.channel)));
            self.changed.notify_one();
        } else if room.subscribers.capacity() > 64 && room.subscribers.len() < room.subscribers.capacity() / 4
        {
            let to = room.subscribers.len() * 2;
            room.subscribers.shrink_to(to);
        }
    }

    pub(super) fn next_release(&self) -> Option<Instant> {
        self.releases.borrow().front().map(|(at, _)| *at)
    }

    /// The channels that nobody here is subscribed to any more, and whether the broker sends their events.
    pub(super) fn released(&self, now: Instant) -> Vec<Arc<str>> {
        let mut linked = Vec::new();
        let mut releases = self.releases.borrow_mut();
        while releases.front().is_some_and(|(at, _)| *at <= now) {
            let Some((_, channel)) = releases.pop_front() else { break };
            let mut channels = self.channels.borrow_mut();
            let Some(room) = channels.get(&channel) else { continue };
            if !room.subscribers.is_empty() {
                continue;
            }
            if room.link.is_rising() {
                releases.push_back((now + self.node.settings.release, channel));
                continue;
            }
            let is_up = room.link.is_up();
            channels.remove(&channel);
            if channels.capacity() > 64 && channels.len() < channels.capacity() / 4 {
                let to = channels.len() * 2;
                channels.shrink_to(to);
            }
            self.node.dispatch.unwant(&channel, &self.inbox);
            if is_up {
                linked.push(channel);
            }
        }
        linked
    }

    /// Gives it to the channel's subscribers.
    pub(super) fn fan_out(&self, outgoing: &Arc<Outgoing>) {
        let channels = self.channels.borrow();
        let Some(room) = channels.get(&outgoing.channel) else { return };
        room.heard.set(Instant::now());
        let metrics = &*self.node.metrics;
        let mut delivered = 0;
        for subscription in &room.subscribers {
            delivered += u64::from(subscription.deliver(outgoing, metrics));
        }
        Metrics::add(&metrics.deliveries, delivered);
        Metrics::add(&metrics.skipped, room.subscribers.len() as u64 - delivered);
    }

    /// The channels in which nothing came since then.
    pub(super) fn quiet(&self, since: Option<Instant>) -> Vec<Arc<str>> {
        let channels = self.channels.borrow();
        let quiet = channels.iter().filter(|(_, room)| since.is_none_or(|since| room.heard.get() <= since));
        quiet.map(|(name, _)| Arc::clone(name)).collect()
    }

    pub(super) fn subscribers(&self, channel: &str) -> Vec<Rc<Subscription>> {
        self.channels.borrow().get(channel).map(|room| room.subscribers.clone()).unwrap_or_default()
    }

    /// All that presence knows of.
    pub(super) fn present(&self) -> Vec<Rc<Subscription>> {
        let channels = self.channels.borrow();
        let all = channels.values().flat_map(|room| &room.subscribers);
        all.filter(|subscription| subscription.is_present.get()).cloned().collect()
    }

    pub(crate) fn open(&self, core: &Rc<Core>) {
        let mut connections = self.connections.borrow_mut();
        core.place.set(Some(connections.len()));
        connections.push(Rc::clone(core));
        self.arriving.borrow_mut().insert(Rc::as_ptr(core), Rc::clone(core));
        Metrics::count(&self.node.metrics.connections);
    }

    /// A connection is known now: by its client, its user, its session.
    pub(crate) fn know(&self, core: &Rc<Core>) {
        let Some(peer) = core.peer() else { return };
        self.arrived(core);
        self.clients.borrow_mut().insert(ByClient(Rc::clone(core)));
        // Those without a name could be all there are: they are looked for among the clients.
        if !peer.user.is_empty() {
            self.users.borrow_mut().entry(peer.user.as_str().into()).or_default().push(Rc::clone(core));
        }
        if let Some(session) = core.session() {
            self.sessions.borrow_mut().entry(session.into()).or_default().push(Rc::clone(core));
        }
    }

    fn arrived(&self, core: &Rc<Core>) {
        let mut arriving = self.arriving.borrow_mut();
        arriving.remove(&Rc::as_ptr(core));
        if arriving.capacity() > 64 && arriving.len() < arriving.capacity() / 4 {
            let to = arriving.len() * 2;
            arriving.shrink_to(to);
        }
    }

    pub(crate) fn emulate(&self, session: &str, core: &Rc<Core>) {
        self.emulated.borrow_mut().insert(session.into(), Rc::clone(core));
        self.node.open_session(session, &self.inbox);
    }

    pub(super) fn emulated(&self, session: &str) -> Option<Rc<Core>> {
        self.emulated.borrow().get(session).cloned()
    }

    pub(crate) fn forget(&self, core: &Rc<Core>) {
        let Some(place) = core.place.take() else { return };
        Metrics::uncount(&self.node.metrics.connections);
        self.arrived(core);
        {
            let mut connections = self.connections.borrow_mut();
            if place < connections.len() {
                connections.swap_remove(place);
            }
            if let Some(moved) = connections.get(place) {
                moved.place.set(Some(place));
            }
        }
        if let Some(session) = core.emulation() {
            self.emulated.borrow_mut().remove(session);
            self.node.close_session(session);
        }
        let Some(peer) = core.peer() else { return };
        if !self.clients.borrow_mut().remove(peer.client.as_str()) {
            return;
        }
        take_out(&mut self.users.borrow_mut(), &peer.user, core);
        if let Some(session) = core.session() {
            take_out(&mut self.sessions.borrow_mut(), session, core);
        }
    }

    pub(super) fn census(&self) -> Census {
        let channels = self.channels.borrow();
        let filled = channels.iter().filter(|(_, room)| !room.subscribers.is_empty());
        let clients = self.clients.borrow();
        Census {
            channels: filled.map(|(name, room)| (Arc::clone(name), room.subscribers.len())).collect(),
            users: clients
                .iter()
                .filter_map(|ByClient(core)| Some(core.peer()?.user.as_str().into()))
                .collect(),
            clients: clients.len(),
        }
    }

    pub(crate) fn connections(&self) -> Vec<Rc<Core>> {
        self.connections.borrow().clone()
    }

    fn meant(&self, whom: &Whom) -> Vec<Rc<Core>> {
        let mut found = match whom {
            Whom { client: Some(client), .. } => {
                self.clients.borrow().get(client.as_str()).into_iter().map(ByClient::core).collect()
            }
            Whom { session: Some(session), .. } => {
                self.sessions.borrow().get(session.as_str()).cloned().unwrap_or_default()
            }
            Whom { user: Some(user), .. } if user.is_empty() => {
                self.clients.borrow().iter().map(ByClient::core).collect()
            }
            Whom { user: Some(user), .. } => {
                self.users.borrow().get(user.as_str()).cloned().unwrap_or_default()
            }
            _ => Vec::new(),
        };
        found.retain(|core| {
            core.peer().is_some_and(|peer| whom.means(&peer.user, &peer.client, core.session()))
        });
        found
    }

    /// Ends those of them, too, of whom it is not settled yet who they are.
    fn leave_arriving(&self, whom: &Whom, why: Disconnect) {
        let order = Rc::new(Leave { whom: whom.clone(), why });
        let arriving: Vec<_> = self.arriving.borrow().values().cloned().collect();
        for core in arriving {
            core.leave_unknown(&order);
        }
    }

    pub(super) fn control(&self, message: &ControlMessage) {
        match message {
            ControlMessage::Disconnect { whom, except, code, reason } => {
                for core in self.meant(whom) {
                    if core.peer().is_some_and(|peer| except.contains(&peer.client)) {
                        continue;
                    }
                    core.disconnect(&Disconnect::new(DisconnectCode::of_number(*code), reason.clone()));
                }
                self.leave_arriving(whom, Disconnect::new(DisconnectCode::of_number(*code), reason.clone()));
            }
            ControlMessage::Unsubscribe { whom, channel, code, reason } => {
                for core in self.meant(whom) {
                    let code = UnsubscribeCode::of_number(*code);
                    let why = Unsubscribe { code, reason: reason.clone().into() };
                    core.note(Note::Unsubscribe(channel.as_str().into(), why));
                }
            }
            ControlMessage::Message { whom, data } => {
                for core in self.meant(whom) {
                    core.push(&Push::from(PushEvent::Message(data.clone())));
                }
            }
            ControlMessage::Refresh { whom, expired, expire_at, info } => {
                for core in self.meant(whom) {
                    let (expired, expire_at, info) = (*expired, *expire_at, info.clone());
                    core.note(Note::Refresh { expired, expire_at, info });
                }
                if *expired {
                    self.leave_arriving(whom, DisconnectCode::EXPIRED.into());
                }
            }
            ControlMessage::Subscribe { whom, channel, order } => {
                for core in self.meant(whom) {
                    let (channel, order) = (channel.as_str().into(), Box::new(order.clone()));
                    core.note(Note::Subscribe { channel, order });
                }
            }
            ControlMessage::Commands { session, data } => {
                if let Some(core) = self.emulated(session) {
                    core.take_in(data.clone());
                }
            }
        }
    }
}

fn take_out(many: &mut Many, name: &str, core: &Rc<Core>) {
    if let Some(all) = many.get_mut(name) {
        all.retain(|other| !Rc::ptr_eq(other, core));
        if all.is_empty() {
            many.remove(name);
        }
    }
}
