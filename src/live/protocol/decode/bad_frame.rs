use std::fmt;

/// Why a frame cannot be read. The connection ends with
/// [`DisconnectCode::BAD_REQUEST`](super::super::DisconnectCode::BAD_REQUEST).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum BadFrame {
    /// There is nothing in it.
    Empty,
    /// It ends within a message.
    Truncated,
    /// It is not UTF-8.
    NotText,
    /// It is not JSON, or not Protobuf.
    Malformed,
    /// A field has a value that it cannot have.
    WrongValue,
    /// See [`Limits::depth`](super::Limits::depth).
    TooDeep,
    /// See [`Limits::commands`](super::Limits::commands).
    TooManyCommands,
    /// See [`Limits::subscriptions`](super::Limits::subscriptions).
    TooManySubscriptions,
    /// A command that gets a reply has no id.
    NoId,
    /// A command asks for nothing, or for something unknown.
    NoRequest,
}

impl fmt::Display for BadFrame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "the frame is empty",
            Self::Truncated => "the frame ends within a message",
            Self::NotText => "the frame is not UTF-8",
            Self::Malformed => "a command is malformed",
            Self::WrongValue => "a field of a command has a wrong value",
            Self::TooDeep => "a command is nested too deeply",
            Self::TooManyCommands => "the frame has too many commands",
            Self::TooManySubscriptions => "the connect command has too many subscriptions",
            Self::NoId => "a command has no id",
            Self::NoRequest => "a command has no known request",
        })
    }
}

impl std::error::Error for BadFrame {}
