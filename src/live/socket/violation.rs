use super::Close;

/// What a peer did that ends its connection, with the close code it is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, derive_more::Display, derive_more::Error)]
#[non_exhaustive]
pub enum Violation {
    /// The bytes are no frames, or frames in an order that cannot be (1002).
    #[display("{_0}")]
    Protocol(#[error(not(source))] &'static str),
    /// A text message or a close reason is not UTF-8 (1007).
    #[display("text is not UTF-8")]
    NotUtf8,
    /// A compressed message cannot be inflated (1007).
    #[display("compressed data is corrupt")]
    NotDeflate,
    /// A frame, a message or what a compressed message inflates to is larger than allowed (1009).
    #[display("message is too big")]
    TooBig,
    /// More control frames or empty fragments than any client needs (1008).
    #[display("too many frames")]
    Flood,
    /// A message was begun and not completed in time (1008).
    #[display("message was not completed in time")]
    TooSlow,
}

impl Violation {
    /// The code the peer is told.
    pub fn code(&self) -> u16 {
        match self {
            Self::Protocol(_) => 1002,
            Self::NotUtf8 | Self::NotDeflate => 1007,
            Self::Flood | Self::TooSlow => 1008,
            Self::TooBig => 1009,
        }
    }

    pub(super) fn close(self) -> Close {
        match self {
            Self::Protocol(why) => Close::new(1002, why),
            other => Close::new(other.code(), other.to_string()),
        }
    }
}
