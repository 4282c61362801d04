use bytes::Bytes;

/// A whole message of the peer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    /// Text. The bytes are UTF-8: that was checked as they came.
    Text(Bytes),
    /// Anything.
    Binary(Bytes),
}

impl Message {
    /// The payload, whichever kind it is.
    pub fn into_bytes(self) -> Bytes {
        match self {
            Self::Text(bytes) | Self::Binary(bytes) => bytes,
        }
    }

    /// The payload, whichever kind it is.
    pub fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Text(bytes) | Self::Binary(bytes) => bytes,
        }
    }
}
