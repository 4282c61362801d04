use std::{borrow::Cow, time::Duration};

#[cfg(feature = "live-deflate")]
use super::Deflate;
use super::OriginPolicy;

/// How sockets are accepted and what their peers may do. Built once, shared by all workers.
///
/// ```
/// use std::time::Duration;
/// use actix_charter::live::socket::{KeepAlive, OriginPolicy, SocketSettings};
///
/// let settings = SocketSettings::new()
///     .max_message(16 * 1024)
///     .origins(OriginPolicy::same_host().allow("https://*.example.com"))
///     .keep_alive(KeepAlive::new(Duration::from_secs(25), Duration::from_secs(8)));
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct SocketSettings {
    pub(super) max_message: usize,
    pub(super) max_empty_fragments: u32,
    pub(super) max_control_rate: u32,
    pub(super) message_timeout: Duration,
    pub(super) close_timeout: Duration,
    pub(super) idle_timeout: Option<Duration>,
    pub(super) keep_alive: Option<KeepAlive>,
    pub(super) queue_bytes: usize,
    pub(super) queue_frames: usize,
    pub(super) queue_age: Duration,
    pub(super) read_pause: usize,
    pub(super) protocols: Vec<Cow<'static, str>>,
    pub(super) origins: OriginPolicy,
    #[cfg(feature = "live-deflate")]
    pub(super) deflate: Option<Deflate>,
}

impl Default for SocketSettings {
    fn default() -> Self {
        Self::new()
    }
}

impl SocketSettings {
    /// The defaults, which each method names.
    #[must_use]
    pub fn new() -> Self {
        Self {
            max_message: 64 * 1024,
            max_empty_fragments: 64,
            max_control_rate: 100,
            message_timeout: Duration::from_secs(30),
            close_timeout: Duration::from_secs(2),
            idle_timeout: None,
            keep_alive: None,
            queue_bytes: 1024 * 1024,
            queue_frames: 8 * 1024,
            queue_age: Duration::from_secs(10),
            read_pause: 64 * 1024,
            protocols: Vec::new(),
            origins: OriginPolicy::same_host(),
            #[cfg(feature = "live-deflate")]
            deflate: None,
        }
    }

    /// The largest message taken, in bytes, over all its fragments and after inflating: 64 KiB. A larger one is told 1009 when its
    /// header says so, before anything of it is kept.
    #[must_use]
    pub fn max_message(mut self, bytes: usize) -> Self {
        self.max_message = bytes;
        self
    }

    /// How many empty fragments a message may have: 64. More are told 1008.
    #[must_use]
    pub fn max_empty_fragments(mut self, count: u32) -> Self {
        self.max_empty_fragments = count;
        self
    }

    /// How many pings and pongs a peer may send in a second: 100. More are told 1008.
    #[must_use]
    pub fn max_control_rate(mut self, per_second: u32) -> Self {
        self.max_control_rate = per_second;
        self
    }

    /// How long a message may take from its first byte to its last: 30 s. A slower one is told 1008.
    #[must_use]
    pub fn message_timeout(mut self, time: Duration) -> Self {
        self.message_timeout = time;
        self
    }

    /// How long a close frame's delivery and the peer's answer to it are waited for: 2 s. Then the connection is dropped.
    #[must_use]
    pub fn close_timeout(mut self, time: Duration) -> Self {
        self.close_timeout = time;
        self
    }

    /// Closes a connection with 1001 when nothing came from the peer for so long. Off.
    #[must_use]
    pub fn idle_timeout(mut self, time: Duration) -> Self {
        self.idle_timeout = Some(time);
        self
    }

    /// Sends WebSocket's own pings. Off: a protocol with pings of its own keeps its peers alive by itself.
    #[must_use]
    pub fn keep_alive(mut self, keep_alive: KeepAlive) -> Self {
        self.keep_alive = Some(keep_alive);
        self
    }

    /// How many bytes may wait for one peer: 1 MiB. Then [`push`](super::Outbox::push) refuses. Each frame counts 128 more than it has,
    /// so that this is the memory it costs, of small frames too. In live channels, four times as much is recovered at once
    /// (who lacks more is told so, and begins anew), and no more than this is in one page of the history.
    #[must_use]
    pub fn queue_bytes(mut self, bytes: usize) -> Self {
        self.queue_bytes = bytes;
        self
    }

    /// How many frames may wait for one peer: 8192. Then [`push`](super::Outbox::push) refuses.
    #[must_use]
    pub fn queue_frames(mut self, count: usize) -> Self {
        self.queue_frames = count;
        self
    }

    /// How long frames may wait without any of them being taken: 10 s. Then the connection is given up, and its handler told
    /// [`Closed::Stalled`](super::Closed::Stalled).
    #[must_use]
    pub fn queue_age(mut self, time: Duration) -> Self {
        self.queue_age = time;
        self
    }

    /// No more is read from a peer while so many bytes wait for it: 64 KiB. So nobody fills a queue with answers to its own requests.
    #[must_use]
    pub fn read_pause(mut self, bytes: usize) -> Self {
        self.read_pause = bytes;
        self
    }

    /// A subprotocol that is spoken here. Of those the client asks for the first that is known is chosen; if none is, none is named.
    #[must_use]
    pub fn protocol(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.protocols.push(name.into());
        self
    }

    /// Which sites' pages may connect: those of the same host.
    #[must_use]
    pub fn origins(mut self, origins: OriginPolicy) -> Self {
        self.origins = origins;
        self
    }

    /// Whether this request's page may connect.
    pub(in crate::live) fn admits(&self, request: &actix_web::HttpRequest) -> bool {
        self.origins.admits(request)
    }

    pub(in crate::live) fn largest_message(&self) -> usize {
        self.max_message
    }

    /// Compresses for clients that ask for it. Off: it costs twice the CPU for a third of the traffic.
    #[cfg(feature = "live-deflate")]
    #[must_use]
    pub fn deflate(mut self, deflate: Deflate) -> Self {
        self.deflate = Some(deflate);
        self
    }
}

/// WebSocket's own pings: after a time of silence one is sent, and whatever comes next answers it.
#[derive(Debug, Clone, Copy)]
pub struct KeepAlive {
    pub(super) every: Duration,
    pub(super) within: Duration,
    pub(super) code: u16,
}

impl KeepAlive {
    /// Pings after `every` of silence (the first one somewhere in its second half, so that a thousand clients do not come at once);
    /// a peer that is silent for `within` after that is closed with 3012.
    #[must_use]
    pub fn new(every: Duration, within: Duration) -> Self {
        Self { every, within, code: 3012 }
    }

    /// The code for a silent peer, in place of 3012.
    #[must_use]
    pub fn code(mut self, code: u16) -> Self {
        self.code = code;
        self
    }
}
