use std::{
    cell::{Cell, OnceCell, RefCell},
    rc::{Rc, Weak},
    sync::Arc,
};

use tokio::time::Instant;

use super::{Core, Note, Wire, subscribe::Stop};
use crate::live::{
    ClientInfo, Position, SlowPolicy,
    broker::Accept,
    hub::{Metrics, Outgoing, Shape, What},
    logic::ChannelLogic,
    protocol::{DisconnectCode, ErrorCode, ReplyError, TagFilter, UnsubscribeCode},
    socket::{Outbox, Refused},
};

/// More than this waiting for a subscription that is being made: it is given up, and the client comes again.
const MOST_BUFFERED: usize = 4096;

/// One connection in one channel. Two attempts are two of these, so that the end of an earlier one cannot end a later one.
pub(crate) struct Subscription {
    pub(crate) channel: Arc<str>,
    core: Weak<Core>,
    outbox: Outbox,
    wire: Wire,
    flow: RefCell<Flow>,
    /// Where it is in its channel's list.
    pub(crate) place: Cell<Option<usize>>,
    terms: OnceCell<Box<Terms>>,
    pub(crate) expires: Cell<Option<Expiry>>,
    pub(crate) by_server: bool,
    /// Presence may know of it.
    pub(crate) is_present: Cell<bool>,
    /// Its join was told.
    pub(crate) is_joined: Cell<bool>,
}

/// When a permission ends, and who may make it longer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Expiry {
    pub(crate) at: Instant,
    /// The client, by a token; otherwise the application is asked.
    pub(crate) by_client: bool,
    pub(crate) asked: bool,
}

/// What holds as long as it lasts.
pub(crate) struct Terms {
    pub(crate) logic: Arc<dyn ChannelLogic>,
    /// As others see it; only where they can.
    pub(crate) info: RefCell<Option<Arc<ClientInfo>>>,
    pub(crate) presence: bool,
    pub(crate) presence_for_clients: bool,
    pub(crate) history_for_clients: bool,
    pub(crate) history: bool,
    pub(crate) join_leave: bool,
    pub(crate) leave_delay: std::time::Duration,
    /// What the client sent when it subscribed; for asking again.
    pub(crate) data: bytes::Bytes,
}

impl Terms {
    pub(crate) fn info(&self) -> Option<Arc<ClientInfo>> {
        self.info.borrow().clone()
    }

    /// Others see other words about the connection from now on.
    pub(crate) fn set_connection(&self, words: &bytes::Bytes) {
        if let Some(info) = &mut *self.info.borrow_mut() {
            Arc::make_mut(info).connection = Some(words.clone());
        }
    }
}

enum Flow {
    /// The application is asked.
    Reserved,
    /// What comes waits until it is known where to begin.
    Buffering(Vec<Arc<Outgoing>>),
    Running(Running),
    Ended,
    /// More came than could wait.
    Flooded,
    /// The server took it back before it had begun.
    TakenBack(UnsubscribeCode),
}

pub(crate) struct Running {
    /// Where it is, when gaps are to be noticed.
    pub(crate) position: Option<Position>,
    pub(crate) filter: Option<Box<TagFilter>>,
    pub(crate) delta: Deltas,
    pub(crate) slow: SlowPolicy,
    pub(crate) join_leave: bool,
}

/// Whether a subscriber gets deltas.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deltas {
    Off,
    /// It has none to which one could be made.
    On,
    /// It has the publication with this offset.
    After(u64),
}

impl Subscription {
    pub(crate) fn reserve(core: &Rc<Core>, channel: &str, by_server: bool) -> Rc<Self> {
        Rc::new(Self {
            channel: core.shard.name(channel),
            core: Rc::downgrade(core),
            outbox: core.outbox.clone(),
            wire: core.wire,
            flow: RefCell::new(Flow::Reserved),
            place: Cell::new(None),
            terms: OnceCell::new(),
            expires: Cell::new(None),
            by_server,
            is_present: Cell::new(false),
            is_joined: Cell::new(false),
        })
    }

    pub(crate) fn terms(&self) -> Option<&Terms> {
        self.terms.get().map(|terms| &**terms)
    }

    pub(crate) fn set_terms(&self, terms: Terms) {
        let _ = self.terms.set(Box::new(terms));
    }

    pub(crate) fn is_running(&self) -> bool {
        matches!(*self.flow.borrow(), Flow::Running(_))
    }

    /// Others may know of it.
    pub(crate) fn is_seen(&self) -> bool {
        self.is_present.get() || self.is_joined.get()
    }

    pub(crate) fn buffer(&self) {
        let mut flow = self.flow.borrow_mut();
        if matches!(*flow, Flow::Reserved) {
            *flow = Flow::Buffering(Vec::new());
        }
    }

    /// What has come; or why it cannot begin any more.
    pub(super) fn take_buffer(&self) -> Result<Vec<Arc<Outgoing>>, Stop> {
        match &mut *self.flow.borrow_mut() {
            Flow::Buffering(buffer) => Ok(std::mem::take(buffer)),
            // The client tries again, as the code says it should.
            Flow::TakenBack(code) if code.resubscribes() => {
                Err(Stop::Error(ReplyError::from(ErrorCode::INTERNAL).temporary()))
            }
            Flow::TakenBack(_) => Err(ErrorCode::PERMISSION_DENIED.into()),
            Flow::Flooded | Flow::Reserved | Flow::Running(_) | Flow::Ended => {
                Err(Stop::Disconnect(DisconnectCode::INSUFFICIENT_STATE))
            }
        }
    }

    /// It is not to begin.
    pub(super) fn take_back(&self, code: UnsubscribeCode) {
        *self.flow.borrow_mut() = Flow::TakenBack(code);
    }

    pub(crate) fn run(&self, running: Running) {
        *self.flow.borrow_mut() = Flow::Running(running);
    }

    /// Nothing more is sent for it. `false` when it had ended before.
    pub(crate) fn end(&self) -> bool {
        !matches!(
            std::mem::replace(&mut *self.flow.borrow_mut(), Flow::Ended),
            Flow::Ended | Flow::Flooded | Flow::TakenBack(_)
        )
    }

    pub(crate) fn position(&self) -> Option<Position> {
        match &*self.flow.borrow() {
            Flow::Running(running) => running.position.clone(),
            _ => None,
        }
    }

    /// Ends it because something is missing; the session tells the client.
    pub(crate) fn lack(&self) {
        if let Some(core) = self.core.upgrade()
            && self.end()
        {
            Metrics::count(&core.node.metrics.insufficient);
            core.note(Note::Insufficient(Arc::clone(&self.channel)));
        }
    }

    /// Takes what came for its channel. It neither waits nor calls anything but the connection's queue. How many were queued.
    pub(crate) fn deliver(&self, outgoing: &Arc<Outgoing>, metrics: &Metrics) -> bool {
        let mut flow = self.flow.borrow_mut();
        let running = match &mut *flow {
            Flow::Running(running) => running,
            Flow::Buffering(buffer) => {
                if buffer.len() < MOST_BUFFERED {
                    buffer.push(Arc::clone(outgoing));
                } else {
                    *flow = Flow::Flooded;
                }
                return false;
            }
            Flow::Reserved | Flow::Ended | Flow::Flooded | Flow::TakenBack(_) => return false,
        };
        let shape = match &outgoing.what {
            What::Join(_) | What::Leave(_) if running.join_leave => Shape::Plain,
            What::Join(_) | What::Leave(_) => return false,
            What::Publication(live) => {
                if let Some(position) = &mut running.position {
                    match position.accept(live.publication.offset, &live.epoch) {
                        Accept::Deliver => {}
                        Accept::Skip => return false,
                        Accept::Insufficient => {
                            drop(flow);
                            self.lack();
                            return false;
                        }
                    }
                }
                if let Some(filter) = &running.filter
                    && !filter.matches(live.publication.tags.as_deref().unwrap_or_default())
                {
                    return false;
                }
                running.shape(live.publication.offset, live.previous.as_deref())
            }
        };
        let frame = outgoing.frame(self.wire, shape, &self.outbox, metrics);
        let own;
        let frame = if self.wire == Wire::HtmlEvents
            && running.position.is_some()
            // What is not kept has no place, so its event has no id.
            && matches!(&outgoing.what, What::Publication(live) if live.publication.offset > 0)
            && let Some(core) = self.core.upgrade()
        {
            own = core.with_positions(self, frame);
            &own
        } else {
            frame
        };
        let pushed = match (running.slow, &outgoing.what) {
            (SlowPolicy::Disconnect, _) => self.outbox.push(frame.clone()),
            (SlowPolicy::Conflate, What::Publication(_)) => {
                let key = outgoing.key();
                self.lossy(metrics, || self.outbox.push_keyed(key, frame.clone()))
            }
            (SlowPolicy::DropOldest | SlowPolicy::Conflate, _) => {
                self.lossy(metrics, || self.outbox.push_lossy(frame.clone()))
            }
        };
        match pushed {
            Ok(()) => true,
            Err(Refused::Closed) => false,
            Err(Refused::Full) if running.slow == SlowPolicy::Disconnect => {
                Metrics::count(&metrics.slow);
                drop(flow);
                if let Some(core) = self.core.upgrade() {
                    core.disconnect_now(&DisconnectCode::SLOW.into());
                }
                false
            }
            Err(Refused::Full) => {
                Metrics::count(&metrics.slow);
                false
            }
        }
    }

    /// Makes room by dropping what is old.
    fn lossy(&self, metrics: &Metrics, push: impl Fn() -> Result<(), Refused>) -> Result<(), Refused> {
        loop {
            match push() {
                Err(Refused::Full) if self.outbox.drop_oldest() => Metrics::count(&metrics.slow),
                done => return done,
            }
        }
    }
}

impl Running {
    /// How a publication travels to it.
    fn shape(&mut self, offset: u64, previous: Option<&crate::live::Publication>) -> Shape {
        let shape = match self.delta {
            Deltas::Off => return Shape::Plain,
            Deltas::After(had) if previous.is_some_and(|previous| previous.offset == had) => Shape::Delta,
            Deltas::On | Deltas::After(_) => Shape::Whole,
        };
        self.delta = Deltas::After(offset);
        shape
    }
}
