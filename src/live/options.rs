use std::time::Duration;

/// How a channel behaves. What one layer does not say, an outer one does: endpoint of a channel, its room, the application.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ChannelOptions {
    /// The most publications that are kept; 0 is no history.
    pub history_size: usize,
    /// How long a publication is kept.
    pub history_ttl: Duration,
    /// How long the channel's position outlives its publications.
    pub meta_ttl: Duration,
    /// What a client gets that was away.
    pub recovery: RecoveryMode,
    /// Whether clients may read the history.
    pub history_for_clients: bool,
    /// Whether it is known who is there.
    pub presence: bool,
    /// Whether clients may ask who is there.
    pub presence_for_clients: bool,
    /// Whether subscribers hear who comes and goes.
    pub join_leave: bool,
    /// How long a leave waits for the same one to come back.
    pub leave_delay: Duration,
    /// Whether publications may be sent as differences.
    pub delta: bool,
    /// What becomes of a client that does not read fast enough.
    pub slow: SlowPolicy,
}

impl Default for ChannelOptions {
    fn default() -> Self {
        Self {
            history_size: 0,
            history_ttl: Duration::ZERO,
            meta_ttl: Duration::from_secs(30 * 24 * 60 * 60),
            recovery: RecoveryMode::None,
            history_for_clients: false,
            presence: false,
            presence_for_clients: false,
            join_leave: false,
            leave_delay: Duration::from_secs(15),
            delta: false,
            slow: SlowPolicy::Disconnect,
        }
    }
}

/// What a client gets that was away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RecoveryMode {
    /// Nothing; what was published meanwhile is lost to it.
    #[default]
    None,
    /// Everything it missed, or the news that this cannot be had.
    Stream,
    /// The latest publication.
    Cache,
}

/// What becomes of a client that does not read fast enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SlowPolicy {
    /// It is disconnected (3008), comes back and recovers.
    #[default]
    Disconnect,
    /// It gets only the latest publication of each key: cursors, prices.
    Conflate,
    /// It misses the oldest.
    DropOldest,
}
