use std::{sync::Arc, time::Duration};

use bytes::Bytes;

use crate::live::{ClientInfo, Position, Tags};

/// How long an idempotency key is remembered, unless the draft says otherwise.
pub const IDEMPOTENCY_TTL: Duration = Duration::from_secs(5 * 60);

/// How long a stream's epoch and top are remembered, unless the channel says otherwise: 30 days.
pub const META_TTL: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// What is to be published; the broker gives it its place.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PublicationDraft {
    /// JSON, or any bytes for clients that speak Protobuf.
    pub data: Bytes,
    /// Who publishes, when a client does.
    pub info: Option<Arc<ClientInfo>>,
    /// Words by which subscribers may choose.
    pub tags: Option<Tags>,
    /// Milliseconds since 1970; 0 is not told. Brokers have no clock of their own.
    pub time: i64,
    /// For whole states: which one this is; 0 is none. A state no newer than the stream's is not published.
    /// Looked at only in channels with history.
    pub version: u64,
    /// Whose latest this is, see [`Publication::key`](crate::live::Publication::key).
    pub key: Option<Arc<str>>,
    /// What [`version`](Self::version) counts in, so that counting may begin anew. `None` compares with whatever came
    /// before.
    pub version_epoch: Option<Arc<str>>,
    /// Within [`idempotency_ttl`](Self::idempotency_ttl), a second publication with this key into this channel is not
    /// made, and answered as the first one was.
    pub idempotency_key: Option<Arc<str>>,
    /// How long the key is remembered: [`IDEMPOTENCY_TTL`] when not told, and never less than a second.
    pub idempotency_ttl: Option<Duration>,
}

impl PublicationDraft {
    /// With this data and nothing else.
    #[must_use]
    pub fn new(data: impl Into<Bytes>) -> Self {
        Self { data: data.into(), ..Self::default() }
    }
}

/// What a channel keeps of its publications. The options of the latest publication hold for the whole stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamOptions {
    /// How many are kept.
    pub size: usize,
    /// How long each is kept.
    pub ttl: Duration,
    /// How long epoch and top are remembered after the stream was last used; when less than [`ttl`](Self::ttl), as
    /// long as the entries.
    pub meta_ttl: Duration,
    /// Whether deliveries come with the publication before, to make a delta from.
    pub delta: bool,
}

impl StreamOptions {
    /// Nothing is kept: no offsets, and who is not there misses it.
    #[must_use]
    pub const fn none() -> Self {
        Self { size: 0, ttl: Duration::ZERO, meta_ttl: META_TTL, delta: false }
    }

    /// Keeps so many, for so long.
    #[must_use]
    pub const fn history(size: usize, ttl: Duration) -> Self {
        Self { size, ttl, meta_ttl: META_TTL, delta: false }
    }

    /// Whether anything is kept: both `size` and `ttl` are more than nothing.
    ///
    /// ```
    /// use {actix_charter::live::broker::StreamOptions, std::time::Duration};
    /// assert!(StreamOptions::history(100, Duration::from_secs(300)).keeps());
    /// assert!(!StreamOptions::history(100, Duration::ZERO).keeps());
    /// ```
    #[must_use]
    pub fn keeps(&self) -> bool {
        self.size > 0 && !self.ttl.is_zero()
    }
}

impl Default for StreamOptions {
    fn default() -> Self {
        Self::none()
    }
}

/// What became of a publication.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Published {
    /// Its place; when it was suppressed, the place of the one before with its key, or the stream's top. Offset 0 in
    /// a channel without history.
    pub position: Position,
    /// Set when nothing was sent.
    pub suppressed: Option<Suppressed>,
}

/// Why a publication was not made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Suppressed {
    /// There was one with this idempotency key.
    Idempotency,
    /// There was one with this version or a later one.
    Version,
}
