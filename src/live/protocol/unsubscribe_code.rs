use std::borrow::Cow;

/// Why the server ended a subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct UnsubscribeCode(u32);

impl UnsubscribeCode {
    /// The server wants it so; the client stays away.
    pub const SERVER: Self = Self(2000);
    /// Publications were missed: the client subscribes again and recovers them.
    pub const INSUFFICIENT_STATE: Self = Self(2500);
    /// The subscription expired: the client subscribes again.
    pub const EXPIRED: Self = Self(2501);
    /// What the client knows is void: it forgets token and position, and subscribes again.
    pub const STATE_INVALIDATED: Self = Self(2502);

    /// A code of the application's: 2100 to 2499 end the subscription, 2600 to 2999 let the client subscribe again.
    #[must_use]
    pub fn own(code: u32) -> Option<Self> {
        matches!(code, 2100..=2499 | 2600..=2999).then_some(Self(code))
    }

    /// As another node sent it.
    pub(crate) const fn of_number(code: u32) -> Self {
        Self(code)
    }

    /// The number on the wire.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0
    }

    /// Whether the client subscribes again by itself.
    #[must_use]
    pub const fn resubscribes(self) -> bool {
        self.0 >= 2500
    }

    /// The words for it.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            Self::SERVER => "server unsubscribe",
            Self::INSUFFICIENT_STATE => "insufficient state",
            Self::EXPIRED => "subscription expired",
            Self::STATE_INVALIDATED => "state invalidated",
            _ => "unsubscribed",
        }
    }
}

/// What a client is told when the server ends a subscription.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsubscribe {
    /// Why.
    pub code: UnsubscribeCode,
    /// Why, in words.
    pub reason: Cow<'static, str>,
}

impl From<UnsubscribeCode> for Unsubscribe {
    fn from(code: UnsubscribeCode) -> Self {
        Self { code, reason: Cow::Borrowed(code.reason()) }
    }
}
