use std::fmt;

use crate::live::protocol::{DisconnectCode, ErrorCode};

/// Why a token is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TokenFault {
    /// Its time is over: the client gets a new one and tries again.
    Expired,
    /// It is no token of ours, or not one of this kind.
    Invalid,
    /// It is for another user or another channel.
    Foreign,
}

impl TokenFault {
    /// The error that a client gets; `None` where the connection is ended instead: an invalid token to connect with is no
    /// better when it is sent again.
    #[must_use]
    pub fn error(self, connecting: bool) -> Option<ErrorCode> {
        match self {
            Self::Expired => Some(ErrorCode::TOKEN_EXPIRED),
            Self::Invalid | Self::Foreign => (!connecting).then_some(ErrorCode::PERMISSION_DENIED),
        }
    }

    /// How a connection ends whose own token is refused; `None` where an error is told.
    #[must_use]
    pub fn disconnect(self) -> Option<DisconnectCode> {
        match self {
            Self::Expired => None,
            Self::Invalid | Self::Foreign => Some(DisconnectCode::INVALID_TOKEN),
        }
    }
}

impl fmt::Display for TokenFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Expired => "the token has expired",
            Self::Invalid => "the token is not valid",
            Self::Foreign => "the token is for another user or channel",
        })
    }
}

impl std::error::Error for TokenFault {}
