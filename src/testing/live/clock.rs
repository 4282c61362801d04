use std::{
    cell::{Cell, RefCell},
    future::Future,
    pin::pin,
    sync::mpsc,
    task::Poll,
    time::{Duration, SystemTime},
};

use tokio::time::Instant;

/// As many turns as it takes until everything that is under way has come to its end: a publication goes through eight tasks.
const TURNS: usize = 100;

/// The time of the test's runtime, which stands still.
pub(super) struct Clock {
    base: SystemTime,
    start: Instant,
    hold: RefCell<Option<Hold>>,
    /// How many let it go on.
    passing: Cell<usize>,
}

/// As long as there is one, the runtime does not go to the next timer when it has nothing else to do: it waits for a thread, which
/// waits for the end of this.
struct Hold {
    _thread: mpsc::Sender<()>,
}

impl Hold {
    fn new() -> Self {
        let (held, end) = mpsc::channel();
        drop(tokio::task::spawn_blocking(move || end.recv()));
        Self { _thread: held }
    }
}

impl Clock {
    /// Stops the time.
    pub(super) fn stop() -> Self {
        if !is_stopped() {
            tokio::time::pause();
        }
        let (base, start) = (SystemTime::now(), Instant::now());
        Self { base, start, hold: RefCell::new(Some(Hold::new())), passing: Cell::new(0) }
    }

    /// Tells the time of day, from any thread.
    pub(super) fn reader(&self) -> impl Fn() -> SystemTime + Clone + Send + Sync + 'static {
        let (base, start) = (self.base, self.start);
        move || base + start.elapsed()
    }

    /// Lets the time go on until that is done.
    pub(super) async fn while_passing<T>(&self, asked: impl Future<Output = T>) -> T {
        let mut asked = pin!(asked);
        // Its timers are known before the first of them may come.
        let first = std::future::poll_fn(|cx| Poll::Ready(asked.as_mut().poll(cx))).await;
        if let Poll::Ready(done) = first {
            return done;
        }
        let _passing = Passing::begin(self);
        asked.await
    }

    pub(super) async fn skip(&self, time: Duration) {
        settle().await;
        let until = Instant::now() + time;
        self.while_passing(tokio::time::sleep_until(until)).await;
        settle().await;
    }
}

struct Passing<'a>(&'a Clock);

impl<'a> Passing<'a> {
    fn begin(clock: &'a Clock) -> Self {
        clock.passing.set(clock.passing.get() + 1);
        drop(clock.hold.take());
        Self(clock)
    }
}

impl Drop for Passing<'_> {
    fn drop(&mut self) {
        let clock = self.0;
        clock.passing.set(clock.passing.get() - 1);
        if clock.passing.get() == 0 {
            clock.hold.replace(Some(Hold::new()));
        }
    }
}

/// Lets everything run that can without time going on.
pub(super) async fn settle() {
    for _ in 0..TURNS {
        tokio::task::yield_now().await;
    }
}

/// Whether the runtime's time stands still: it does not go on while the real one does. There is no question to ask for it.
fn is_stopped() -> bool {
    let before = Instant::now();
    let real = std::time::Instant::now();
    while std::time::Instant::now() <= real {
        std::hint::spin_loop();
    }
    Instant::now() == before
}
