//! One connection's state machine: bytes in, handler called, frames into the outbox, deadlines. It does no I/O.

use std::{
    cell::RefCell,
    panic::{AssertUnwindSafe, catch_unwind},
    rc::Rc,
    sync::Arc,
    task::Context,
    time::Duration,
};

use rand::RngExt as _;
use tokio::time::Instant;

use super::{
    Close, Closed, Frame, KeepAlive, Outbox, SocketHandler, SocketSettings, Violation,
    decoder::{Decoder, Event},
    frame::CONTROL,
    outbox,
    timers::{Share, Timed},
};

/// A handler that wants to be called for a time that has passed is called again after this.
const SOON: Duration = Duration::from_millis(1);
/// After a violation, a peer that is silent for so long has nothing under way any more. Ending TCP while there is would take our close
/// frame out of its hands.
const QUIET: Duration = Duration::from_millis(250);

pub(super) struct Connection<H> {
    pub(super) outbox: Outbox,
    pub(super) settings: Arc<SocketSettings>,
    state: RefCell<State<H>>,
    _share: Share,
}

struct State<H> {
    /// Gone once it was told of the end.
    handler: Option<H>,
    decoder: Decoder,
    input: Input,
    heard: Instant,
    message_by: Option<Instant>,
    ping_at: Option<Instant>,
    pong_by: Option<Instant>,
    controls_since: Instant,
    controls: u32,
}

/// What is made of the peer's bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Input {
    Frames,
    /// After a violation it is unclear where frames begin. Only an answer to our close is looked for.
    Noise,
    /// The peer's close frame was the last.
    Ended,
}

impl<H: SocketHandler> Connection<H> {
    pub(super) fn open(
        outbox: Outbox,
        settings: Arc<SocketSettings>,
        decoder: Decoder,
        handler: H,
    ) -> Rc<Self> {
        let now = Instant::now();
        let ping_at = settings.keep_alive.map(|alive| now + first_ping(alive));
        let state = State {
            handler: Some(handler),
            decoder,
            input: Input::Frames,
            heard: now,
            message_by: None,
            ping_at,
            pong_by: None,
            controls_since: now,
            controls: 0,
        };
        let connection =
            Rc::new(Self { outbox, settings, state: RefCell::new(state), _share: Share::take() });
        let weak = Rc::downgrade(&connection);
        connection.outbox.belongs_to(weak);
        connection
    }

    /// Takes what the peer sent.
    pub(super) fn feed(&self, mut bytes: &[u8], now: Instant) {
        let Ok(mut state) = self.state.try_borrow_mut() else { return };
        let state = &mut *state;
        state.heard = now;
        state.pong_by = None;
        match state.input {
            Input::Frames => {}
            Input::Noise => {
                if is_close_frame(bytes) {
                    state.input = Input::Ended;
                }
                return;
            }
            Input::Ended => return,
        }
        while state.input == Input::Frames {
            match state.decoder.decode(&mut bytes) {
                Ok(Some(event)) => self.event(state, event, now),
                Ok(None) => break,
                Err(violation) => {
                    // A broken close frame is one nevertheless: nothing follows it.
                    let is_last = state.decoder.is_closing();
                    self.violation(state, violation);
                    if is_last {
                        state.input = Input::Ended;
                    }
                }
            }
        }
        let is_within = state.input == Input::Frames && state.decoder.is_within();
        state.message_by = match state.message_by {
            _ if !is_within => None,
            None => Some(now + self.settings.message_timeout),
            // Still the same message: one that was completed took its deadline along.
            by => by,
        };
    }

    fn event(&self, state: &mut State<H>, event: Event, now: Instant) {
        let is_open = state.handler.is_some();
        match event {
            Event::Message(message) => {
                state.message_by = None;
                self.call(state, |handler, outbox| handler.on_message(message, outbox));
            }
            Event::Ping(payload) => {
                self.count_control(state, now);
                if is_open {
                    // A full queue answers no pings: the peer does not read.
                    let _ = self.outbox.push(Frame::pong(&payload));
                }
            }
            Event::Pong(payload) => {
                self.count_control(state, now);
                self.call(state, |handler, outbox| handler.on_pong(&payload, outbox));
            }
            Event::Close(close) => {
                state.input = Input::Ended;
                // The code comes back, the reason need not (RFC 6455 §5.5.1).
                let echo = close.as_ref().map(|close| Close::new(close.code(), ""));
                if self.outbox.begin_close(echo, false) {
                    self.tell(state, &Closed::ByPeer(close));
                }
            }
        }
    }

    fn count_control(&self, state: &mut State<H>, now: Instant) {
        if now.duration_since(state.controls_since) > Duration::from_secs(1) {
            state.controls_since = now;
            state.controls = 0;
        }
        state.controls += 1;
        if state.controls > self.settings.max_control_rate {
            self.violation(state, Violation::Flood);
        }
    }

    fn violation(&self, state: &mut State<H>, violation: Violation) {
        state.input = Input::Noise;
        self.outbox.begin_close(Some(violation.close()), false);
        self.tell(state, &Closed::Violation(violation));
    }

    /// The peer sends no more.
    pub(super) fn lost(&self) {
        if let Ok(mut state) = self.state.try_borrow_mut() {
            self.outbox.shut();
            self.tell(&mut state, &Closed::Lost);
        }
    }

    /// Lets the handler get on.
    pub(super) fn poll(&self, cx: &mut Context<'_>) {
        if let Ok(mut state) = self.state.try_borrow_mut() {
            self.call(&mut state, |handler, outbox| handler.poll(cx, outbox));
            self.tell_if_closed(&mut state);
        }
    }

    /// Both have said goodbye: after what is queued the connection ends.
    pub(super) fn is_at_end(&self) -> bool {
        self.state.try_borrow().is_ok_and(|state| state.input == Input::Ended)
    }

    /// Tells the driver when to call.
    pub(super) fn arm(&self) {
        let at = self.state.try_borrow().ok().and_then(|state| self.deadline(&state));
        if let Some(at) = at {
            self.outbox.arm(at);
        }
    }

    fn deadline(&self, state: &State<H>) -> Option<Instant> {
        let stuck = self.outbox.stuck_since().map(|since| since + self.settings.queue_age);
        match self.outbox.state() {
            outbox::State::Open => {
                let idle = self.settings.idle_timeout.map(|timeout| state.heard + timeout);
                let handler = state.handler.as_ref().and_then(SocketHandler::deadline);
                let ours = [stuck, state.message_by, state.ping_at, state.pong_by, idle];
                ours.into_iter().chain([handler]).flatten().min()
            }
            outbox::State::Closing { by } => {
                let quiet = (state.input == Input::Noise).then_some(state.heard + QUIET);
                [stuck, quiet, Some(by)].into_iter().flatten().min()
            }
            outbox::State::Closed => None,
        }
    }

    fn due(&self, state: &mut State<H>, now: Instant) {
        let is_due = |at: Option<Instant>| at.is_some_and(|at| at <= now);
        if let outbox::State::Closing { by } = self.outbox.state()
            && (by <= now || self.is_quiet(state, now))
        {
            // Nobody may poll the body any more, so this is where the handler hears of it.
            self.tell_if_closed(state);
            self.outbox.shut();
        }
        if is_due(self.outbox.stuck_since().map(|since| since + self.settings.queue_age)) {
            self.outbox.shut();
            self.tell(state, &Closed::Stalled);
        }
        if !self.outbox.is_open() {
            return;
        }
        if is_due(state.message_by) {
            return self.violation(state, Violation::TooSlow);
        }
        if let Some(alive) = self.settings.keep_alive {
            if is_due(state.pong_by) {
                self.outbox.close_now(Close::new(alive.code, "no pong"));
                return;
            }
            if is_due(state.ping_at) {
                let quiet_since = state.heard + alive.every;
                if quiet_since > now && state.pong_by.is_none() && state.heard + alive.every / 2 > now {
                    state.ping_at = Some(quiet_since);
                } else {
                    let _ = self.outbox.push(Frame::ping(b""));
                    state.pong_by = state.pong_by.or(Some(now + alive.within));
                    state.ping_at = Some(now + alive.every);
                }
            }
        }
        if is_due(self.settings.idle_timeout.map(|timeout| state.heard + timeout)) {
            self.outbox.close_now(Close::new(1001, "idle"));
            return;
        }
        if is_due(state.handler.as_ref().and_then(SocketHandler::deadline)) {
            self.call(state, |handler, outbox| handler.on_deadline(now, outbox));
        }
    }

    fn is_quiet(&self, state: &State<H>, now: Instant) -> bool {
        state.input == Input::Noise && state.heard + QUIET <= now && self.outbox.stuck_since().is_none()
    }

    /// Calls the handler, if it was not told of the end. A panic ends this connection and nothing else.
    fn call(&self, state: &mut State<H>, call: impl FnOnce(&mut H, &Outbox)) {
        let Some(handler) = &mut state.handler else { return };
        if !self.outbox.is_open() {
            return self.tell_if_closed(state);
        }
        if catch_unwind(AssertUnwindSafe(|| call(handler, &self.outbox))).is_err() {
            tracing::error!(target: "actix_charter::live", "a socket's handler panicked");
            self.outbox.begin_close(Some(Close::new(1011, "internal error")), false);
            self.tell(state, &Closed::Panicked);
        }
    }

    /// Tells the handler if it, or somebody with its outbox, has closed.
    fn tell_if_closed(&self, state: &mut State<H>) {
        if state.handler.is_some()
            && !self.outbox.is_open()
            && let Some(close) = self.outbox.close_begun()
        {
            self.tell(state, &Closed::ByUs(close));
        }
    }

    /// Tells the handler of the end and drops it, once.
    fn tell(&self, state: &mut State<H>, closed: &Closed) {
        let Some(mut handler) = state.handler.take() else { return };
        let told = catch_unwind(AssertUnwindSafe(move || {
            handler.on_close(closed);
            drop(handler);
        }));
        if told.is_err() {
            tracing::error!(target: "actix_charter::live", "a socket's handler panicked at its end");
        }
    }
}

impl<H: SocketHandler> Timed for Connection<H> {
    fn fire(&self, armed: Instant, now: Instant) {
        if !self.outbox.fired(armed) {
            return;
        }
        let Ok(mut state) = self.state.try_borrow_mut() else { return self.outbox.arm(now + SOON) };
        let was_open = self.outbox.is_open();
        self.due(&mut state, now);
        self.tell_if_closed(&mut state);
        if was_open != self.outbox.is_open() || self.outbox.state() == outbox::State::Closed {
            self.outbox.wake();
        }
        if let Some(at) = self.deadline(&state) {
            self.outbox.arm(at.max(now + SOON));
        }
    }
}

fn first_ping(alive: KeepAlive) -> Duration {
    alive.every / 2 + (alive.every / 2).mul_f64(rand::rng().random::<f64>())
}

/// Is this exactly one masked close frame? What answers a close comes alone.
fn is_close_frame(bytes: &[u8]) -> bool {
    match bytes {
        [0x88, second, rest @ ..] => {
            let length = usize::from(second & 0x7f);
            second & 0x80 != 0 && length <= CONTROL && rest.len() == 4 + length
        }
        _ => false,
    }
}
