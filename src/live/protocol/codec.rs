use bytes::Bytes;

use super::{BadFrame, Command, Commands, Limits, Push, Reply, encode};

/// How messages look on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Codec {
    /// Objects, one a line. A frame is text.
    #[default]
    Json,
    /// Messages, each after its length. A frame is binary.
    Protobuf,
}

impl Codec {
    /// The WebSocket subprotocol by which a client asks for Protobuf. For JSON there is none.
    pub const PROTOBUF_SUBPROTOCOL: &str = "centrifuge-protobuf";

    /// Whether frames are binary.
    #[must_use]
    pub const fn is_binary(self) -> bool {
        matches!(self, Self::Protobuf)
    }

    /// Reads the commands of a frame one by one. After an error there is nothing more.
    ///
    /// `data` in them is a slice of the frame, not a copy: whoever keeps it for long keeps the frame, and should copy it when
    /// the frame is much larger.
    #[must_use]
    pub fn commands(self, frame: Bytes, limits: Limits) -> Commands {
        Commands::new(self, frame, limits)
    }

    /// Reads a whole frame.
    ///
    /// # Errors
    ///
    /// When one of its commands cannot be read, or it holds none. The connection ends with
    /// [`DisconnectCode::BAD_REQUEST`](super::DisconnectCode::BAD_REQUEST) then.
    pub fn decode_frame(self, frame: &Bytes, limits: &Limits) -> Result<Vec<Command>, BadFrame> {
        self.commands(frame.clone(), limits.clone()).collect()
    }

    /// Adds a reply to the frame `out`.
    pub fn write_reply(self, reply: &Reply, out: &mut Vec<u8>) {
        encode::reply(self, reply, out);
    }

    /// Adds a push to the frame `out`.
    pub fn write_push(self, push: &Push, out: &mut Vec<u8>) {
        encode::push(self, push, out);
    }

    /// Adds a push to the frame `out`, for a client that gets nothing but pushes: they are not inside of replies there.
    pub fn write_bare_push(self, push: &Push, out: &mut Vec<u8>) {
        encode::bare_push(self, push, out);
    }

    /// Adds a ping, which is an empty reply, to the frame `out`.
    pub fn write_ping(self, out: &mut Vec<u8>) {
        self.join(out, self.ping());
    }

    /// A frame that is a ping.
    #[must_use]
    pub const fn ping(self) -> &'static [u8] {
        match self {
            Self::Json => b"{}",
            Self::Protobuf => b"\0",
        }
    }

    /// Adds what was encoded by itself (by [`encode_publication`](super::encode_publication), say) to the frame `out`.
    ///
    /// ```
    /// use actix_charter::live::protocol::Codec;
    ///
    /// let mut frame = Vec::new();
    /// Codec::Json.join(&mut frame, b"{}");
    /// Codec::Json.join(&mut frame, b"{}");
    /// assert_eq!(frame, b"{}\n{}");
    /// ```
    pub fn join(self, out: &mut Vec<u8>, message: &[u8]) {
        out.reserve(message.len() + 1);
        self.part(out);
        out.extend_from_slice(message);
    }

    /// What stands between the messages of a frame; in Protobuf the lengths do it.
    pub(super) fn part(self, out: &mut Vec<u8>) {
        if self == Self::Json && !out.is_empty() {
            out.push(b'\n');
        }
    }
}
