use std::time::Duration;

use crate::live::{ChannelOptions, RecoveryMode, SlowPolicy};

/// How channels behave, one layer's say in it.
///
/// Five layers may speak: the [`Subscription`](super::Subscription) that a handler grants, the channel, its namespace, the
/// [`Live`](super::Live) it is given to, and what is given there. For each option the first layer that says anything wins;
/// "nothing said" is not "explicitly none".
///
/// ```
/// use std::time::Duration;
/// use actix_charter::live::ChannelLayer;
///
/// let outer = ChannelLayer::new().history(100, Duration::from_secs(3600)).presence(true);
/// let inner = ChannelLayer::new().presence(false);
/// let options = inner.over(&outer).resolve()?;
/// assert_eq!((options.history_size, options.presence), (100, false));
/// # Ok::<(), Vec<String>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ChannelLayer {
    history: Option<(usize, Duration)>,
    meta_ttl: Option<Duration>,
    recovery: Option<RecoveryMode>,
    history_for_clients: Option<bool>,
    presence: Option<bool>,
    presence_for_clients: Option<bool>,
    join_leave: Option<bool>,
    leave_delay: Option<Duration>,
    delta: Option<bool>,
    slow: Option<SlowPolicy>,
    data_limit: Option<usize>,
}

impl ChannelLayer {
    /// Says nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Keeps this many publications, each for this long. Default: none.
    #[must_use]
    pub fn history(mut self, size: usize, ttl: Duration) -> Self {
        self.history = Some((size, ttl));
        self
    }

    /// Keeps no publications, whatever an outer layer says.
    #[must_use]
    pub fn no_history(self) -> Self {
        self.history(0, Duration::ZERO)
    }

    /// How long a channel's position outlives its publications. Default: 30 days.
    #[must_use]
    pub fn meta_ttl(mut self, ttl: Duration) -> Self {
        self.meta_ttl = Some(ttl);
        self
    }

    /// What a client gets that was away. Default: nothing.
    #[must_use]
    pub fn recovery(mut self, mode: RecoveryMode) -> Self {
        self.recovery = Some(mode);
        self
    }

    /// Whether clients may read the history. Default: yes, where there is one.
    #[must_use]
    pub fn history_for_clients(mut self, on: bool) -> Self {
        self.history_for_clients = Some(on);
        self
    }

    /// Whether it is known who is there. Default: no.
    #[must_use]
    pub fn presence(mut self, on: bool) -> Self {
        self.presence = Some(on);
        self
    }

    /// Whether clients may ask who is there. Default: yes, where it is known.
    #[must_use]
    pub fn presence_for_clients(mut self, on: bool) -> Self {
        self.presence_for_clients = Some(on);
        self
    }

    /// Whether subscribers hear who comes and goes. A user comes with their first connection and leaves with their last; only somebody
    /// anonymous is told of by connection. Default: no.
    #[must_use]
    pub fn join_leave(mut self, on: bool) -> Self {
        self.join_leave = Some(on);
        self
    }

    /// How long a leave waits for the same one to come back. Default: 15 seconds.
    #[must_use]
    pub fn leave_delay(mut self, delay: Duration) -> Self {
        self.leave_delay = Some(delay);
        self
    }

    /// Whether publications may be sent as differences. Default: no.
    #[must_use]
    pub fn delta(mut self, on: bool) -> Self {
        self.delta = Some(on);
        self
    }

    /// What becomes of a client that does not read fast enough. Default: it is disconnected, comes back and recovers.
    #[must_use]
    pub fn slow(mut self, policy: SlowPolicy) -> Self {
        self.slow = Some(policy);
        self
    }

    /// The most bytes of data that a client may send with one command. Default: what a frame may have.
    #[must_use]
    pub fn data_limit(mut self, bytes: usize) -> Self {
        self.data_limit = Some(bytes);
        self
    }

    /// Both layers together, `self` being the inner one.
    #[must_use]
    pub fn over(&self, outer: &Self) -> Self {
        macro_rules! first {
            ($($field:ident),+) => { Self { $($field: self.$field.or(outer.$field),)+ } };
        }
        first!(
            history,
            meta_ttl,
            recovery,
            history_for_clients,
            presence,
            presence_for_clients,
            join_leave,
            leave_delay,
            delta,
            slow,
            data_limit
        )
    }

    /// The options in force, this being all layers together.
    ///
    /// # Errors
    /// What does not go together, each a sentence.
    pub fn resolve(&self) -> Result<ChannelOptions, Vec<String>> {
        let mut options = ChannelOptions::default();
        if let Some((size, ttl)) = self.history {
            (options.history_size, options.history_ttl) = (size, ttl);
        }
        options.meta_ttl = self.meta_ttl.unwrap_or(options.meta_ttl);
        options.recovery = self.recovery.unwrap_or_default();
        options.presence = self.presence.unwrap_or_default();
        options.join_leave = self.join_leave.unwrap_or_default();
        options.leave_delay = self.leave_delay.unwrap_or(options.leave_delay);
        options.delta = self.delta.unwrap_or_default();
        options.slow = self.slow.unwrap_or_default();
        let kept = options.history_size > 0;
        options.history_for_clients = self.history_for_clients.unwrap_or(kept);
        options.presence_for_clients = self.presence_for_clients.unwrap_or(options.presence);

        let mut faults = Vec::new();
        let mut wrong = |is: bool, what: &str| {
            if is {
                faults.push(what.to_owned());
            }
        };
        wrong(
            kept && options.history_ttl.is_zero(),
            "the history keeps publications for no time at all; give it a `ttl`",
        );
        wrong(
            options.recovery != RecoveryMode::None && !kept,
            "what was missed cannot be recovered without a history; add one, or turn recovery off",
        );
        wrong(
            options.delta && !kept,
            "differences need a history, where the publication before is found; add one, or turn them off",
        );
        wrong(
            self.history_for_clients == Some(true) && !kept,
            "clients may read the history, but there is none",
        );
        wrong(
            self.presence_for_clients == Some(true) && !options.presence,
            "clients may ask who is there, but that is not known; turn presence on",
        );
        if faults.is_empty() { Ok(options) } else { Err(faults) }
    }

    /// The most bytes of a command's data.
    pub(crate) fn get_data_limit(&self) -> usize {
        self.data_limit.unwrap_or(usize::MAX)
    }
}
