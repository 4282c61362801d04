use std::{
    collections::VecDeque,
    rc::Rc,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use futures_util::future::LocalBoxFuture;
use rand::RngExt as _;
use tokio::time::Instant;

use super::{Bucket, Core, Note, Stage, Subscription, Toll, Wire, by_server, commands, connect, expiry};
use crate::live::{
    broker::SubscribeOrder,
    protocol::{
        Command, ConnectRequest, DisconnectCode, ErrorCode, Limits, PushEvent, ReplyResult, Request,
        UnsubscribeCode,
    },
    socket::{Closed, Frame, Message, Outbox, SocketHandler},
};

/// More commands than this waiting for the one before them are a flood.
const MOST_WAITING: usize = 1024;

/// The state machine of a connection; see the [module](super).
pub(crate) struct Session {
    core: Rc<Core>,
    running: Option<LocalBoxFuture<'static, ()>>,
    waiting: VecDeque<Job>,
    /// The frames of the commands among them.
    waiting_bytes: u32,
    manner: Manner,
    /// When it is stale; pings, once it is connected.
    next: Instant,
    pong_by: Option<Instant>,
    /// Pings that were sent and not answered.
    pongs_due: u8,
    is_pinging: bool,
    /// It was not polled yet.
    is_fresh: bool,
    bucket: Bucket,
}

/// How the other side is kept in sight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manner {
    /// Pings of the protocol's, which the client answers.
    PingPong,
    /// WebSocket's own.
    Frames,
    /// Pings of the protocol's; the client has no way to answer.
    Pings,
}

pub(super) enum Job {
    /// With the size of its frame, if it is the last of it that waits: until then all of it is kept.
    Command(Command, u32),
    Farewell(Rc<Subscription>),
    /// The connection expired: may it go on?
    Recheck,
    /// A subscription expired: may it go on?
    Reask(Rc<Subscription>),
    /// The server wants it in a channel.
    Subscribe(Box<str>, Box<SubscribeOrder>),
    /// Others see other words about it.
    Changed,
}

impl Session {
    pub(crate) fn new(core: Rc<Core>, manner: Manner) -> Self {
        let now = Instant::now();
        let settings = &core.node.settings;
        Self {
            bucket: Bucket::new(settings, now),
            next: now + settings.stale,
            core,
            running: None,
            waiting: VecDeque::new(),
            waiting_bytes: 0,
            manner,
            pong_by: None,
            pongs_due: 0,
            is_pinging: false,
            is_fresh: true,
        }
    }

    /// Connects without a command of the client's.
    pub(crate) fn connect(&mut self, request: ConnectRequest) {
        self.core.stage.set(Stage::Connecting);
        self.waiting
            .push_back(Job::Command(Command { id: 1, request: Request::Connect(Box::new(request)) }, 0));
    }

    fn frame(&mut self, frame: Bytes) {
        self.pong_by = None;
        let (size, before) = (frame.len(), self.waiting.len());
        self.commands(frame);
        if self.waiting.len() > before
            && let Some(Job::Command(_, kept)) = self.waiting.back_mut()
        {
            *kept = u32::try_from(size).unwrap_or(u32::MAX);
            self.waiting_bytes = self.waiting_bytes.saturating_add(*kept);
            let is_alone = self.running.is_none() && before == 0;
            if !is_alone && self.waiting_bytes as usize > self.core.node.settings.waiting {
                self.core.disconnect(&DisconnectCode::TOO_MANY_REQUESTS.into());
            }
        }
    }

    fn commands(&mut self, frame: Bytes) {
        for command in self.core.wire.codec().commands(frame, Limits::default()) {
            let Ok(command) = command else {
                return self.core.disconnect(&DisconnectCode::BAD_REQUEST.into());
            };
            if let Err(code) = self.command(command) {
                return self.core.disconnect(&code.into());
            }
        }
    }

    fn command(&mut self, command: Command) -> Result<(), DisconnectCode> {
        let stage = self.core.stage.get();
        match (&command.request, stage) {
            (Request::Connect(_), Stage::New) => self.core.stage.set(Stage::Connecting),
            (Request::Connect(_), _) | (_, Stage::New | Stage::Failed | Stage::Closed) => {
                return Err(DisconnectCode::BAD_REQUEST);
            }
            (Request::Pong, _) => {
                self.pongs_due = self.pongs_due.checked_sub(1).ok_or(DisconnectCode::BAD_REQUEST)?;
                return Ok(());
            }
            _ => {}
        }
        match self.bucket.take(&self.core.node.settings, Instant::now()) {
            Toll::Pass => {}
            Toll::Refuse => {
                if command.id != 0 {
                    self.core.reply(command.id, Err(ErrorCode::TOO_MANY_REQUESTS.into()));
                }
                return Ok(());
            }
            Toll::Disconnect => return Err(DisconnectCode::TOO_MANY_REQUESTS),
        }
        match command.request {
            Request::Ping if stage == Stage::Connected => {
                self.core.reply(command.id, Ok(ReplyResult::Ping));
            }
            _ if self.waiting.len() >= MOST_WAITING => return Err(DisconnectCode::TOO_MANY_REQUESTS),
            _ => self.waiting.push_back(Job::Command(command, 0)),
        }
        Ok(())
    }

    fn notes(&mut self) -> bool {
        let notes = self.core.take_notes();
        let any = !notes.is_empty();
        for note in notes {
            match note {
                Note::Insufficient(channel) => {
                    let Some(subscription) = self.core.subscription(&channel) else { continue };
                    if subscription.by_server {
                        self.core.disconnect(&DisconnectCode::INSUFFICIENT_STATE.into());
                    } else {
                        self.unsubscribe(&subscription, UnsubscribeCode::INSUFFICIENT_STATE.into());
                    }
                }
                Note::Unsubscribe(channel, why) => {
                    // What was ordered before and is not done yet is not done.
                    self.waiting.retain(|job| !matches!(job, Job::Subscribe(other, _) if *other == channel));
                    let Some(subscription) = self.core.subscription(&channel) else { continue };
                    if subscription.is_running() {
                        self.unsubscribe(&subscription, why);
                    } else {
                        // It is being made: that fails now.
                        subscription.take_back(why.code);
                    }
                }
                Note::Refresh { expired, expire_at, info } => {
                    let has_changed = info.is_some_and(|info| self.core.set_info(&info));
                    expiry::refreshed(&self.core, expired, expire_at);
                    if has_changed {
                        self.waiting.push_back(Job::Changed);
                    }
                }
                Note::Subscribe { channel, order } => {
                    self.waiting.push_back(Job::Subscribe(channel, order));
                }
            }
        }
        any
    }

    fn unsubscribe(&mut self, subscription: &Rc<Subscription>, why: crate::live::protocol::Unsubscribe) {
        self.core.drop_subscription(subscription);
        self.core.push_event(&subscription.channel, PushEvent::Unsubscribe(why));
        self.waiting.push_back(Job::Farewell(Rc::clone(subscription)));
    }

    /// A subscription whose time is over.
    fn expired(&mut self, subscription: &Rc<Subscription>) {
        if subscription.by_server {
            self.core.disconnect(&DisconnectCode::SUBSCRIPTION_EXPIRED.into());
        } else {
            self.unsubscribe(subscription, UnsubscribeCode::EXPIRED.into());
        }
    }

    fn run(&self, job: Job) -> LocalBoxFuture<'static, ()> {
        let core = Rc::clone(&self.core);
        match job {
            Job::Command(Command { id, request: Request::Connect(request) }, _) => {
                let answers_pings = self.manner == Manner::PingPong;
                Box::pin(connect::connect(core, id, *request, self.manner != Manner::Frames, answers_pings))
            }
            Job::Command(command, _) => Box::pin(commands::answer(core, command)),
            Job::Farewell(subscription) => Box::pin(async move { core.farewell(&subscription).await }),
            Job::Recheck => Box::pin(expiry::recheck(core)),
            Job::Reask(subscription) => Box::pin(expiry::reask(core, subscription)),
            Job::Subscribe(channel, order) => Box::pin(by_server::subscribe(core, channel.into(), *order)),
            Job::Changed => Box::pin(async move { core.tell_presence().await }),
        }
    }

    fn begin_pings(&mut self) {
        let every = self.core.node.settings.ping;
        self.is_pinging = true;
        self.next = Instant::now() + every / 2 + (every / 2).mul_f64(rand::rng().random::<f64>());
    }

    fn ping(&mut self, now: Instant) {
        let settings = &self.core.node.settings;
        self.next = now + settings.ping;
        let frame = if self.manner == Manner::Frames { Frame::ping(b"") } else { self.core.wire.ping() };
        if self.manner != Manner::Pings {
            self.pong_by = self.pong_by.or(Some(now + settings.pong));
            if self.manner == Manner::PingPong {
                self.pongs_due = self.pongs_due.saturating_add(1);
            }
        }
        self.core.send(frame);
    }
}

impl SocketHandler for Session {
    fn on_message(&mut self, message: Message, _outbox: &Outbox) {
        let bad = DisconnectCode::BAD_REQUEST.into();
        // Text is JSON, and Protobuf is not.
        if matches!(message, Message::Binary(_)) != self.core.wire.codec().is_binary() {
            return self.core.disconnect(&bad);
        }
        if !self.core.wire.is_bare() {
            return self.frame(message.into_bytes());
        }
        let request = std::str::from_utf8(message.as_bytes()).ok().and_then(connect::said);
        match (self.core.stage.get(), request) {
            (Stage::New, Some(request)) => self.connect(request),
            _ => self.core.disconnect(&bad),
        }
    }

    fn on_pong(&mut self, _payload: &[u8], _outbox: &Outbox) {
        self.pong_by = None;
    }

    fn poll(&mut self, cx: &mut Context<'_>, outbox: &Outbox) {
        if std::mem::take(&mut self.is_fresh) {
            // A page's first poll is in the handler, where the request has other handles.
            if self.core.wire != Wire::HtmlEvents {
                self.core.lighten();
            }
        } else if !outbox.take_called() && self.running.is_none() && self.waiting.is_empty() {
            return;
        }
        while outbox.is_open()
            && let Some(data) = self.core.next_incoming()
        {
            self.frame(data);
        }
        loop {
            self.notes();
            if !outbox.is_open() {
                return;
            }
            if self.running.is_none() {
                let Some(job) = self.waiting.pop_front() else { break };
                if let Job::Command(_, kept) = &job {
                    self.waiting_bytes = self.waiting_bytes.saturating_sub(*kept);
                }
                self.running = Some(self.run(job));
            }
            let Some(running) = &mut self.running else { break };
            let polled: Poll<()> = running.as_mut().poll(cx);
            if polled.is_ready() {
                self.running = None;
                if !self.is_pinging && self.core.stage.get() == Stage::Connected {
                    self.begin_pings();
                }
            } else if !self.notes() {
                return;
            }
        }
        // An idle connection keeps no room for commands.
        self.waiting = VecDeque::new();
    }

    fn deadline(&self) -> Option<Instant> {
        [Some(self.next), self.pong_by, self.core.next_due.get()].into_iter().flatten().min()
    }

    fn on_deadline(&mut self, now: Instant, outbox: &Outbox) {
        if self.next <= now {
            if self.is_pinging {
                self.ping(now);
            } else {
                return self.core.disconnect(&DisconnectCode::STALE.into());
            }
        }
        if self.pong_by.is_some_and(|by| by <= now) {
            return self.core.disconnect_now(&DisconnectCode::NO_PONG.into());
        }
        if self.core.next_due.get().is_some_and(|due| due <= now) {
            let due = expiry::due(&self.core, now);
            if due.is_over {
                return self.core.disconnect(&DisconnectCode::EXPIRED.into());
            }
            for subscription in &due.over {
                self.expired(subscription);
            }
            if due.recheck {
                self.waiting.push_back(Job::Recheck);
            }
            self.waiting.extend(due.reask.into_iter().map(Job::Reask));
            outbox.wake();
        }
    }

    fn on_close(&mut self, _closed: &Closed) {
        self.running = None;
        self.waiting = VecDeque::new();
        self.core.close();
    }
}

/// What a client is told in whole seconds; never zero, which would be told as never.
pub(super) fn seconds(time: Duration) -> u32 {
    u32::try_from(time.as_millis().div_ceil(1000)).unwrap_or(u32::MAX).max(1)
}
