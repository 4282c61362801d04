use std::{borrow::Cow, fmt, ops::RangeInclusive};

/// Why a command was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ErrorCode(u32);

impl ErrorCode {
    /// Something went wrong in the server. Temporary.
    pub const INTERNAL: Self = Self(100);
    /// Nobody stands behind the connection.
    pub const UNAUTHORIZED: Self = Self(101);
    /// There is no such channel.
    pub const UNKNOWN_CHANNEL: Self = Self(102);
    /// The user may not do this.
    pub const PERMISSION_DENIED: Self = Self(103);
    /// There is no such method.
    pub const METHOD_NOT_FOUND: Self = Self(104);
    /// The connection already has this subscription.
    pub const ALREADY_SUBSCRIBED: Self = Self(105);
    /// Too many subscriptions.
    pub const LIMIT_EXCEEDED: Self = Self(106);
    /// The request makes no sense; sending it again makes none either.
    pub const BAD_REQUEST: Self = Self(107);
    /// The channel does not offer this.
    pub const NOT_AVAILABLE: Self = Self(108);
    /// The token expired: the client gets a new one and tries again.
    pub const TOKEN_EXPIRED: Self = Self(109);
    /// The connection or subscription expired, without a token.
    pub const EXPIRED: Self = Self(110);
    /// Too much in too short a time. Temporary.
    pub const TOO_MANY_REQUESTS: Self = Self(111);
    /// The stream no longer holds what came after the given position.
    pub const UNRECOVERABLE_POSITION: Self = Self(112);
    /// Another page is being read already. Temporary.
    pub const CONCURRENT_PAGINATION: Self = Self(113);

    /// The codes an application may define.
    pub const OWN: RangeInclusive<u32> = 400..=1999;

    /// A code of the application's; `None` outside of [`ErrorCode::OWN`].
    #[must_use]
    pub fn own(code: u32) -> Option<Self> {
        Self::OWN.contains(&code).then_some(Self(code))
    }

    /// The number on the wire.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0
    }

    /// Whether the client tries again by itself.
    #[must_use]
    pub const fn is_temporary(self) -> bool {
        matches!(self, Self::INTERNAL | Self::TOO_MANY_REQUESTS | Self::CONCURRENT_PAGINATION)
    }

    /// The words for it; those of an application's own code are its own, see [`ReplyError::new`].
    #[must_use]
    pub const fn message(self) -> &'static str {
        match self {
            Self::INTERNAL => "internal server error",
            Self::UNAUTHORIZED => "unauthorized",
            Self::UNKNOWN_CHANNEL => "unknown channel",
            Self::PERMISSION_DENIED => "permission denied",
            Self::METHOD_NOT_FOUND => "method not found",
            Self::ALREADY_SUBSCRIBED => "already subscribed",
            Self::LIMIT_EXCEEDED => "limit exceeded",
            Self::BAD_REQUEST => "bad request",
            Self::NOT_AVAILABLE => "not available",
            Self::TOKEN_EXPIRED => "token expired",
            Self::EXPIRED => "expired",
            Self::TOO_MANY_REQUESTS => "too many requests",
            Self::UNRECOVERABLE_POSITION => "unrecoverable position",
            Self::CONCURRENT_PAGINATION => "concurrent pagination",
            _ => "error",
        }
    }
}

/// The error in a [`Reply`](super::Reply).
///
/// ```
/// use actix_charter::live::protocol::{ErrorCode, ReplyError};
///
/// let denied = ReplyError::from(ErrorCode::PERMISSION_DENIED);
/// assert_eq!(denied.to_string(), "103: permission denied");
///
/// let own = ErrorCode::own(400).ok_or("not one of ours")?;
/// assert_eq!(ReplyError::new(own, "the room is full").to_string(), "400: the room is full");
/// # Ok::<(), &str>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplyError {
    /// Which error.
    pub code: ErrorCode,
    /// What the client is told in words.
    pub message: Cow<'static, str>,
    /// Whether the client tries again by itself.
    pub temporary: bool,
}

impl ReplyError {
    /// An error with words of its own, as temporary as its code.
    #[must_use]
    pub fn new(code: ErrorCode, message: impl Into<Cow<'static, str>>) -> Self {
        Self { code, message: message.into(), temporary: code.is_temporary() }
    }

    /// The client shall try again by itself.
    #[must_use]
    pub fn temporary(mut self) -> Self {
        self.temporary = true;
        self
    }
}

impl From<ErrorCode> for ReplyError {
    fn from(code: ErrorCode) -> Self {
        Self::new(code, code.message())
    }
}

impl fmt::Display for ReplyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.get(), self.message)
    }
}

impl std::error::Error for ReplyError {}
