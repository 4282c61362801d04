//! The deadlines of all sockets of a thread: one task and one timer for them all, none while there is no socket.
//!
//! They cannot live in the response body: Actix does not poll a body while more than its write buffer waits for a peer that does not
//! read, and that is when a deadline matters most.

use std::{
    cell::RefCell,
    cmp::{Ordering, Reverse},
    collections::BinaryHeap,
    future::Future,
    pin::Pin,
    rc::Weak,
    task::{Context, Poll, Waker},
};

use tokio::time::{Instant, Sleep, sleep_until};

/// Something with a deadline.
pub(super) trait Timed {
    /// The time it armed for has come.
    fn fire(&self, armed: Instant, now: Instant);
}

thread_local! {
    static TIMERS: RefCell<Timers> = RefCell::default();
}

#[derive(Default)]
struct Timers {
    due: BinaryHeap<Reverse<Due>>,
    /// The driver's; present while it waits.
    waker: Option<Waker>,
    /// What the driver sleeps until.
    sleeps_until: Option<Instant>,
    sockets: usize,
    is_driven: bool,
}

struct Due {
    at: Instant,
    timed: Weak<dyn Timed>,
}

impl PartialEq for Due {
    fn eq(&self, other: &Self) -> bool {
        self.at == other.at
    }
}

impl Eq for Due {}

impl PartialOrd for Due {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Due {
    fn cmp(&self, other: &Self) -> Ordering {
        self.at.cmp(&other.at)
    }
}

/// Has `fire` called at this time. Nothing is cancelled: who is called looks at what is due.
pub(super) fn arm(at: Instant, timed: Weak<dyn Timed>) {
    let waker = TIMERS.with_borrow_mut(|timers| {
        timers.due.push(Reverse(Due { at, timed }));
        if timers.sleeps_until.is_none_or(|until| at < until) { timers.waker.take() } else { None }
    });
    if let Some(waker) = waker {
        waker.wake();
    }
}

/// A socket's share in the driver, which runs while there are any.
#[derive(Debug)]
pub(super) struct Share(());

impl Share {
    /// Starts the driver if this is the thread's first socket. Has to be called within Actix's runtime.
    pub(super) fn take() -> Self {
        let is_first = TIMERS.with_borrow_mut(|timers| {
            timers.sockets += 1;
            !std::mem::replace(&mut timers.is_driven, true)
        });
        if is_first {
            actix_rt::spawn(Driver { sleep: None });
        }
        Self(())
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let waker = TIMERS.try_with(|timers| {
            let mut timers = timers.try_borrow_mut().ok()?;
            timers.sockets = timers.sockets.saturating_sub(1);
            if timers.sockets == 0 { timers.waker.take() } else { None }
        });
        if let Ok(Some(waker)) = waker {
            waker.wake();
        }
    }
}

struct Driver {
    sleep: Option<Pin<Box<Sleep>>>,
}

impl Future for Driver {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            let now = Instant::now();
            while let Some(Due { at, timed }) = TIMERS.with_borrow_mut(|timers| timers.pop(now)) {
                if let Some(timed) = timed.upgrade() {
                    timed.fire(at, now);
                }
            }
            let next = TIMERS.with_borrow_mut(|timers| {
                if timers.sockets == 0 {
                    return None;
                }
                timers.waker = Some(cx.waker().clone());
                timers.sleeps_until = timers.due.peek().map(|Reverse(due)| due.at);
                Some(timers.sleeps_until)
            });
            let Some(next) = next else { return Poll::Ready(()) };
            let Some(next) = next else {
                self.sleep = None;
                return Poll::Pending;
            };
            let sleep = self.sleep.get_or_insert_with(|| Box::pin(sleep_until(next)));
            if sleep.deadline() != next {
                sleep.as_mut().reset(next);
            }
            if sleep.as_mut().poll(cx).is_pending() {
                return Poll::Pending;
            }
        }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // Also when the runtime goes: the next one on this thread begins anew.
        let _ = TIMERS.try_with(|timers| {
            if let Ok(mut timers) = timers.try_borrow_mut() {
                timers.is_driven = false;
                timers.waker = None;
                timers.sleeps_until = None;
                std::mem::take(&mut timers.due)
            } else {
                BinaryHeap::new()
            }
        });
    }
}

impl Timers {
    fn pop(&mut self, now: Instant) -> Option<Due> {
        if self.due.peek()?.0.at > now {
            return None;
        }
        self.due.pop().map(|Reverse(due)| due)
    }
}
