use std::{
    fmt,
    sync::Arc,
    time::{Duration, SystemTime},
};

/// How live connections behave. Each method names its default.
#[derive(Clone)]
#[non_exhaustive]
pub struct LiveSettings {
    pub(crate) ping: Duration,
    pub(crate) pong: Duration,
    pub(crate) stale: Duration,
    pub(crate) grace: Duration,
    pub(crate) channels: usize,
    pub(crate) channel_name: usize,
    pub(crate) rate: f32,
    pub(crate) burst: f32,
    pub(crate) refusals: u32,
    pub(crate) waiting: usize,
    pub(crate) connections: Option<usize>,
    pub(crate) connections_per_user: Option<usize>,
    pub(crate) mailbox: usize,
    pub(crate) mailbox_bytes: usize,
    pub(crate) release: Duration,
    pub(crate) presence_refresh: Duration,
    pub(crate) position_check: Duration,
    pub(crate) broker_timeout: Duration,
    pub(crate) page: usize,
    pub(crate) clock: Arc<dyn Fn() -> SystemTime + Send + Sync>,
}

impl Default for LiveSettings {
    fn default() -> Self {
        Self::new()
    }
}

impl LiveSettings {
    /// The defaults.
    #[must_use]
    pub fn new() -> Self {
        let seconds = Duration::from_secs;
        Self {
            ping: seconds(25),
            pong: seconds(8),
            stale: seconds(15),
            grace: seconds(25),
            channels: 128,
            channel_name: 255,
            rate: 100.0,
            burst: 512.0,
            refusals: 100,
            waiting: 256 * 1024,
            connections: None,
            connections_per_user: None,
            mailbox: 16 * 1024,
            mailbox_bytes: 16 * 1024 * 1024,
            release: seconds(1),
            presence_refresh: seconds(25),
            position_check: seconds(40),
            broker_timeout: seconds(1),
            page: 300,
            clock: Arc::new(SystemTime::now),
        }
    }

    /// Pings every 25 s, and waits 8 s for the answer; then the connection ends with 3012. The first ping comes somewhere in the
    /// second half of the time.
    #[must_use]
    pub fn ping(mut self, every: Duration, within: Duration) -> Self {
        self.ping = every.max(Duration::from_millis(1));
        self.pong = within;
        self
    }

    /// A connection without a connect command ends after 15 s (3502).
    #[must_use]
    pub fn stale_after(mut self, time: Duration) -> Self {
        self.stale = time;
        self
    }

    /// How long after its expiry a connection or subscription may still be refreshed: 25 s.
    #[must_use]
    pub fn grace(mut self, time: Duration) -> Self {
        self.grace = time;
        self
    }

    /// How many channels one connection may be subscribed to: 128. More get error 106.
    #[must_use]
    pub fn channels_per_connection(mut self, count: usize) -> Self {
        self.channels = count;
        self
    }

    /// How many commands a connection may send a second, in the long run, and how many at once: 100 and 512. More get error 111,
    /// and after 100 of those the connection ends with 3013.
    #[must_use]
    pub fn commands(mut self, per_second: u32, at_once: u32) -> Self {
        self.rate = per_second as f32;
        self.burst = at_once.max(1) as f32;
        self
    }

    /// How many bytes of a connection's commands may wait for the one before them: 256 KiB, and always 1024 commands. With more of
    /// either, the connection ends with 3013. A single message that nothing is before may be larger; where large messages are taken,
    /// this should be some times their size.
    #[must_use]
    pub fn waiting_bytes(mut self, bytes: usize) -> Self {
        self.waiting = bytes;
        self
    }

    /// How many connections this process takes: any number. More are answered 503 before they are opened.
    #[must_use]
    pub fn connections(mut self, count: usize) -> Self {
        self.connections = Some(count);
        self
    }

    /// How many connections one user may have in this process: any number. More end with 3504. Everybody anonymous is not counted.
    #[must_use]
    pub fn connections_per_user(mut self, count: usize) -> Self {
        self.connections_per_user = Some(count);
        self
    }

    /// How many events may wait for one worker: 16,384. Publishers wait for a worker that is behind by half of it. What finds no
    /// room is lost to it; the positions of its subscribers are checked then, and those that lack something recover it.
    #[must_use]
    pub fn mailbox(mut self, events: usize) -> Self {
        self.mailbox = events;
        self
    }

    /// How many bytes of publications may wait for one worker: 16 MiB. It is as with [`mailbox`](Self::mailbox), whichever is reached
    /// first; a publication before which nothing waits may be larger.
    #[must_use]
    pub fn mailbox_bytes(mut self, bytes: usize) -> Self {
        self.mailbox_bytes = bytes;
        self
    }

    /// How long a broker may take to do something: 1 s. Then the client is told that it failed for now.
    #[must_use]
    pub fn broker_timeout(mut self, time: Duration) -> Self {
        self.broker_timeout = time;
        self
    }

    /// What time it is, for tests.
    #[must_use]
    pub fn clock(mut self, now: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        self.clock = Arc::new(now);
        self
    }

    pub(crate) fn now(&self) -> SystemTime {
        (self.clock)()
    }
}

impl fmt::Debug for LiveSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LiveSettings").finish_non_exhaustive()
    }
}
