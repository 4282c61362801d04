use std::{borrow::Cow, fmt};

/// Why the server ended a connection. On a WebSocket it is the close code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DisconnectCode(u16);

impl DisconnectCode {
    /// The connection was closed from outside.
    pub const CONNECTION_CLOSED: Self = Self(3000);
    /// The node shuts down.
    pub const SHUTDOWN: Self = Self(3001);
    /// Something went wrong in the server.
    pub const SERVER_ERROR: Self = Self(3004);
    /// The connection expired.
    pub const EXPIRED: Self = Self(3005);
    /// A subscription of the server's expired.
    pub const SUBSCRIPTION_EXPIRED: Self = Self(3006);
    /// The client reads too slowly.
    pub const SLOW: Self = Self(3008);
    /// Writing failed.
    pub const WRITE_ERROR: Self = Self(3009);
    /// Publications were missed: the client connects again and recovers them.
    pub const INSUFFICIENT_STATE: Self = Self(3010);
    /// The client shall connect again.
    pub const FORCE_RECONNECT: Self = Self(3011);
    /// No pong came.
    pub const NO_PONG: Self = Self(3012);
    /// Too much in too short a time.
    pub const TOO_MANY_REQUESTS: Self = Self(3013);
    /// What the client knows is void.
    pub const STATE_INVALIDATED: Self = Self(3014);
    /// The token is not good.
    pub const INVALID_TOKEN: Self = Self(3500);
    /// A frame nobody can read, or commands in the wrong order.
    pub const BAD_REQUEST: Self = Self(3501);
    /// No connect command came.
    pub const STALE: Self = Self(3502);
    /// The client shall stay away.
    pub const FORCE_NO_RECONNECT: Self = Self(3503);
    /// The user has too many connections.
    pub const CONNECTION_LIMIT: Self = Self(3504);
    /// The connection has too many channels.
    pub const CHANNEL_LIMIT: Self = Self(3505);
    /// The protocol cannot do what the client asks of it.
    pub const INAPPROPRIATE_PROTOCOL: Self = Self(3506);
    /// The user may not connect.
    pub const PERMISSION_DENIED: Self = Self(3507);
    /// Connecting is not offered.
    pub const NOT_AVAILABLE: Self = Self(3508);
    /// Too many commands were refused.
    pub const TOO_MANY_ERRORS: Self = Self(3509);

    /// A code of the application's: after 4000 to 4499 the client connects again, after 4500 to 4999 it stays away.
    #[must_use]
    pub fn own(code: u16) -> Option<Self> {
        matches!(code, 4000..=4999).then_some(Self(code))
    }

    /// One of the protocol's, or of the application's.
    pub(crate) fn known(code: u16) -> Option<Self> {
        matches!(code, 3000..=3001 | 3004..=3006 | 3008..=3014 | 3500..=3509 | 4000..=4999)
            .then_some(Self(code))
    }

    /// As another node sent it.
    pub(crate) const fn of_number(code: u16) -> Self {
        Self(code)
    }

    /// The number on the wire.
    #[must_use]
    pub const fn get(self) -> u16 {
        self.0
    }

    /// Whether the clients connect again by themselves.
    ///
    /// ```
    /// use actix_charter::live::protocol::DisconnectCode;
    ///
    /// assert!(DisconnectCode::SHUTDOWN.reconnects());
    /// assert!(!DisconnectCode::BAD_REQUEST.reconnects());
    /// ```
    #[must_use]
    pub const fn reconnects(self) -> bool {
        !matches!(self.0, 3500..=3999 | 4500..=4999)
    }

    /// The words for it.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            Self::CONNECTION_CLOSED => "connection closed",
            Self::SHUTDOWN => "shutdown",
            Self::SERVER_ERROR => "internal server error",
            Self::EXPIRED => "connection expired",
            Self::SUBSCRIPTION_EXPIRED => "subscription expired",
            Self::SLOW => "slow",
            Self::WRITE_ERROR => "write error",
            Self::INSUFFICIENT_STATE => "insufficient state",
            Self::FORCE_RECONNECT => "force reconnect",
            Self::NO_PONG => "no pong",
            Self::TOO_MANY_REQUESTS => "too many requests",
            Self::STATE_INVALIDATED => "state invalidated",
            Self::INVALID_TOKEN => "invalid token",
            Self::BAD_REQUEST => "bad request",
            Self::STALE => "stale",
            Self::FORCE_NO_RECONNECT => "force disconnect",
            Self::CONNECTION_LIMIT => "connection limit",
            Self::CHANNEL_LIMIT => "channel limit",
            Self::INAPPROPRIATE_PROTOCOL => "inappropriate protocol",
            Self::PERMISSION_DENIED => "permission denied",
            Self::NOT_AVAILABLE => "not available",
            Self::TOO_MANY_ERRORS => "too many errors",
            _ => "disconnected",
        }
    }
}

/// What a client is told when the server ends its connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disconnect {
    code: DisconnectCode,
    reason: Cow<'static, str>,
}

impl Disconnect {
    /// The longest reason a close frame holds, in bytes (RFC 6455 §5.5: 125, two of them the code's).
    pub const MAX_REASON: usize = 123;

    /// With words of one's own, cut to [`MAX_REASON`](Self::MAX_REASON).
    #[must_use]
    pub fn new(code: DisconnectCode, reason: impl Into<Cow<'static, str>>) -> Self {
        let mut reason = reason.into();
        if reason.len() > Self::MAX_REASON {
            let end = (0..=Self::MAX_REASON).rfind(|at| reason.is_char_boundary(*at)).unwrap_or_default();
            reason = Cow::Owned(reason.get(..end).unwrap_or_default().to_owned());
        }
        Self { code, reason }
    }

    /// Why.
    #[must_use]
    pub fn code(&self) -> DisconnectCode {
        self.code
    }

    /// Why, in words.
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.reason
    }
}

impl From<DisconnectCode> for Disconnect {
    fn from(code: DisconnectCode) -> Self {
        Self { code, reason: Cow::Borrowed(code.reason()) }
    }
}

impl fmt::Display for Disconnect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.get(), self.reason)
    }
}
