use std::{
    cell::{Cell, OnceCell, RefCell},
    fmt,
    rc::{Rc, Weak},
    task::Waker,
    time::Duration,
};

use bytes::Bytes;
use tokio::time::Instant;

#[cfg(feature = "live-deflate")]
use super::deflate::Parameters;
use super::{
    Close, Frame, Prepared, Refused, SocketSettings,
    queue::{Manner, Queue},
    timers::{self, Timed},
};

/// The sending side of one connection, for code on its thread. Clones are the same connection; a clone may outlive it.
///
/// It takes whole frames, made once with [`Frame`] and shared by all connections. Nothing here waits: a frame goes into the
/// connection's one queue, or is [refused](Refused). The connection is woken once, however many frames are pushed before it runs.
#[derive(Clone)]
pub struct Outbox(Rc<Shared>);

struct Shared {
    queue: RefCell<Queue>,
    waker: RefCell<Option<Waker>>,
    /// Woken, or running: no need to wake.
    is_awake: Cell<bool>,
    /// Somebody wants the handler called, not only frames sent.
    is_called: Cell<bool>,
    state: Cell<State>,
    close: RefCell<Option<Close>>,
    /// A chunk was handed on, and Actix has not asked again.
    is_owed: Cell<bool>,
    /// When the queue last got shorter, or began.
    progress: Cell<Instant>,
    /// The earliest time the driver was told.
    armed: Cell<Option<Instant>>,
    timed: OnceCell<Weak<dyn Timed>>,
    /// What is queued goes out as it is, without WebSocket's frames: nothing is added at the close.
    is_raw: bool,
    most_bytes: usize,
    most_frames: usize,
    close_timeout: Duration,
    #[cfg(feature = "live-deflate")]
    deflate: Option<Parameters>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Open,
    /// A close frame is in the queue or sent.
    Closing {
        by: Instant,
    },
    /// Nothing is sent any more.
    Closed,
}

impl Outbox {
    pub(super) fn new(
        settings: &SocketSettings,
        #[cfg(feature = "live-deflate")] deflate: Option<Parameters>,
    ) -> Self {
        Self::of(
            settings,
            false,
            #[cfg(feature = "live-deflate")]
            deflate,
        )
    }

    /// For a stream that is not a WebSocket's.
    pub(super) fn raw(settings: &SocketSettings) -> Self {
        Self::of(
            settings,
            true,
            #[cfg(feature = "live-deflate")]
            None,
        )
    }

    fn of(
        settings: &SocketSettings,
        is_raw: bool,
        #[cfg(feature = "live-deflate")] deflate: Option<Parameters>,
    ) -> Self {
        Self(Rc::new(Shared {
            is_raw,
            queue: RefCell::default(),
            waker: RefCell::default(),
            is_awake: Cell::new(true),
            is_called: Cell::new(false),
            state: Cell::new(State::Open),
            close: RefCell::default(),
            is_owed: Cell::new(false),
            progress: Cell::new(Instant::now()),
            armed: Cell::new(None),
            timed: OnceCell::new(),
            most_bytes: settings.queue_bytes,
            most_frames: settings.queue_frames,
            close_timeout: settings.close_timeout,
            #[cfg(feature = "live-deflate")]
            deflate,
        }))
    }

    /// Queues a frame that has to be delivered. It is a whole frame, of [`Frame`] or [`Prepared::plain`].
    ///
    /// A frame larger than the queue's limit is taken if nothing else waits.
    ///
    /// # Errors
    ///
    /// [`Refused::Full`] if the queue's limits are reached; [`Refused::Closed`] if the connection is at its end.
    pub fn push(&self, frame: Bytes) -> Result<(), Refused> {
        self.queue(frame, Manner::Certain)
    }

    /// Queues a frame that [`drop_oldest`](Self::drop_oldest) may drop again.
    ///
    /// # Errors
    ///
    /// As [`push`](Self::push).
    pub fn push_lossy(&self, frame: Bytes) -> Result<(), Refused> {
        self.queue(frame, Manner::Lossy)
    }

    /// Queues a frame in the place of one that waits under the same key, if there is one; [`drop_oldest`](Self::drop_oldest) may
    /// drop it again. So a peer that reads slowly gets the latest of each key.
    ///
    /// # Errors
    ///
    /// As [`push`](Self::push).
    pub fn push_keyed(&self, key: u64, frame: Bytes) -> Result<(), Refused> {
        self.queue(frame, Manner::Keyed(key))
    }

    /// Queues the form of a message that this connection agreed on: compressed or not.
    ///
    /// # Errors
    ///
    /// As [`push`](Self::push).
    pub fn push_prepared(&self, message: &Prepared) -> Result<(), Refused> {
        self.queue(self.form(message).clone(), Manner::Certain)
    }

    /// The frame of a message for this connection: compressed if that was agreed. For the other ways to push.
    #[cfg(feature = "live-deflate")]
    pub fn form<'a>(&self, message: &'a Prepared) -> &'a Bytes {
        match self.0.deflate {
            Some(parameters) => message.deflated(parameters),
            None => message.plain(),
        }
    }

    /// The frame of a message for this connection: compressed if that was agreed. For the other ways to push.
    #[cfg(not(feature = "live-deflate"))]
    pub fn form<'a>(&self, message: &'a Prepared) -> &'a Bytes {
        message.plain()
    }

    /// Drops the oldest waiting frame that was pushed as lossy or under a key; `false` if there is none.
    pub fn drop_oldest(&self) -> bool {
        self.0.queue.borrow_mut().drop_oldest()
    }

    /// Closes the connection after what is queued: the peer gets this code and reason. The first close counts.
    pub fn close(&self, close: Close) {
        self.begin_close(Some(close), false);
    }

    /// Closes the connection and drops what is queued: for a peer that is too slow, or not to be told any more.
    pub fn close_now(&self, close: Close) {
        self.begin_close(Some(close), true);
    }

    /// How many bytes may wait.
    pub(crate) fn most_bytes(&self) -> usize {
        self.0.most_bytes
    }

    /// The bytes that wait to be handed to Actix; of those it has, at most some 48 KiB more wait for the peer.
    pub fn len_bytes(&self) -> usize {
        self.0.queue.borrow().bytes()
    }

    /// The frames that wait to be handed to Actix.
    pub fn len(&self) -> usize {
        self.0.queue.borrow().len()
    }

    /// Does nothing wait?
    pub fn is_empty(&self) -> bool {
        self.0.queue.borrow().is_empty()
    }

    /// May frames be pushed? Not after a close from either side.
    pub fn is_open(&self) -> bool {
        self.0.state.get() == State::Open
    }

    /// Are these the same connection?
    pub fn is(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }

    /// Has the handler's [`poll`](super::SocketHandler::poll) called, and its deadline asked for again.
    pub fn wake(&self) {
        self.0.is_called.set(true);
        self.wake_body();
    }

    /// Whether [`wake`](Self::wake) was called since this was asked. What a handler does of its own accord, it knows itself; this spares
    /// it the looking, which costs more than sending a frame when a thousand connections are woken for one.
    pub(in crate::live) fn take_called(&self) -> bool {
        self.0.is_called.take()
    }

    fn wake_body(&self) {
        if !self.0.is_awake.replace(true)
            && let Some(waker) = &*self.0.waker.borrow()
        {
            waker.wake_by_ref();
        }
    }

    fn queue(&self, frame: Bytes, manner: Manner) -> Result<(), Refused> {
        let shared = &*self.0;
        if shared.state.get() != State::Open {
            return Err(Refused::Closed);
        }
        let mut queue = shared.queue.borrow_mut();
        if queue.is_empty() {
            if frame.is_empty() {
                return Ok(());
            }
        } else {
            let replaced = match manner {
                Manner::Keyed(key) => queue.replaces(key),
                Manner::Certain | Manner::Lossy => None,
            };
            let bytes = queue.cost() + frame.len() - replaced.unwrap_or_default();
            if bytes > shared.most_bytes || (replaced.is_none() && queue.len() >= shared.most_frames) {
                return Err(Refused::Full);
            }
            if frame.is_empty() {
                return Ok(());
            }
        }
        queue.push(frame, manner);
        drop(queue);
        self.wake_body();
        Ok(())
    }

    /// Queues the close frame, whatever the limits say. `false` if one was queued before.
    pub(super) fn begin_close(&self, close: Option<Close>, is_now: bool) -> bool {
        let shared = &*self.0;
        if shared.state.get() != State::Open {
            return false;
        }
        {
            let mut queue = shared.queue.borrow_mut();
            if is_now {
                queue.clear();
            }
            if !shared.is_raw {
                queue.push(Frame::close(close.as_ref()), Manner::Certain);
            }
        }
        let by = Instant::now() + shared.close_timeout;
        shared.state.set(State::Closing { by });
        *shared.close.borrow_mut() = close;
        self.arm(by);
        self.wake();
        true
    }

    pub(super) fn state(&self) -> State {
        self.0.state.get()
    }

    /// The close this side began with.
    pub(in crate::live) fn close_begun(&self) -> Option<Close> {
        self.0.close.borrow().clone()
    }

    /// Gives everything back; nothing is sent any more.
    pub(super) fn shut(&self) {
        self.0.state.set(State::Closed);
        self.0.queue.borrow_mut().clear();
    }

    /// The body is gone.
    pub(super) fn forget(&self) {
        self.shut();
        self.0.is_awake.set(true);
        drop(self.0.waker.borrow_mut().take());
    }

    pub(super) fn belongs_to(&self, timed: Weak<dyn Timed>) {
        let _ = self.0.timed.set(timed);
    }

    /// Has the driver call at this time or before.
    pub(super) fn arm(&self, at: Instant) {
        let shared = &*self.0;
        if shared.armed.get().is_none_or(|armed| at < armed)
            && let Some(timed) = shared.timed.get()
        {
            shared.armed.set(Some(at));
            timers::arm(at, timed.clone());
        }
    }

    /// The driver called for this time. `false` if it was told another one since.
    pub(super) fn fired(&self, at: Instant) -> bool {
        let is_meant = self.0.armed.get() == Some(at);
        if is_meant {
            self.0.armed.set(None);
        }
        is_meant
    }

    /// Actix asks for more.
    pub(super) fn begin_poll(&self, waker: &Waker) {
        let shared = &*self.0;
        shared.is_owed.set(false);
        shared.is_awake.set(true);
        let mut known = shared.waker.borrow_mut();
        if !known.as_ref().is_some_and(|known| known.will_wake(waker)) {
            *known = Some(waker.clone());
        }
    }

    /// The next chunk for Actix.
    pub(super) fn take_chunk(&self, now: Instant) -> Option<Bytes> {
        let chunk = self.0.queue.borrow_mut().take_chunk()?;
        self.0.is_owed.set(true);
        self.0.progress.set(now);
        Some(chunk)
    }

    /// The body waits; the next push wakes it.
    pub(super) fn rest(&self) {
        self.0.is_awake.set(false);
    }

    /// Since when the peer has not taken what it was sent: only while Actix does not ask for more.
    pub(super) fn stuck_since(&self) -> Option<Instant> {
        self.0.is_owed.get().then(|| self.0.progress.get())
    }
}

impl fmt::Debug for Outbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outbox")
            .field("state", &self.0.state.get())
            .field("len", &self.len())
            .field("len_bytes", &self.len_bytes())
            .finish_non_exhaustive()
    }
}
