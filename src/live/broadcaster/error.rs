use std::fmt;

use crate::live::broker::BrokerError;

/// Why nothing was published, or nothing found out.
#[derive(Debug)]
#[non_exhaustive]
pub enum BroadcastError {
    /// No channel of that name is declared.
    UnknownChannel,
    /// No personal channel is declared, or the user's id cannot stand in its name.
    NoPersonalChannel,
    /// The data cannot be written as JSON.
    Data(serde_json::Error),
    /// The broker failed; see [`BrokerError::temporary`] about trying again.
    Broker(BrokerError),
}

impl BroadcastError {
    /// Whether the same may succeed later.
    #[must_use]
    pub fn temporary(&self) -> bool {
        matches!(self, Self::Broker(error) if error.temporary())
    }
}

impl fmt::Display for BroadcastError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownChannel => f.write_str("No channel of that name is declared."),
            Self::NoPersonalChannel => f.write_str(
                "That user has no channel of their own: declare one with `Live::personal(\"user:{user}\")`.",
            ),
            Self::Data(_) => f.write_str("The data cannot be written as JSON."),
            Self::Broker(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for BroadcastError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::UnknownChannel | Self::NoPersonalChannel => None,
            Self::Data(error) => Some(error),
            Self::Broker(error) => Some(error),
        }
    }
}

impl From<BrokerError> for BroadcastError {
    fn from(error: BrokerError) -> Self {
        Self::Broker(error)
    }
}
