//! What the servers want to hear. Everything is text in WebSocket frames.

/// The protocol of a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// `S` subscribes and is answered by `S`; `P` and a text publishes the text.
    Plain,
    /// Centrifugo's, in JSON.
    Centrifugo,
    /// Socket.IO 5 on Engine.IO 4.
    SocketIo,
}

/// The channel.
pub const ROOM: &str = "room:1";

/// Where a subscriber was when it left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position {
    pub offset: u64,
    pub epoch: String,
}

/// What a message of the server's is, on a connection that is not subscribed yet.
#[derive(Debug, PartialEq, Eq)]
pub enum Step {
    /// Say this next.
    Say(String),
    /// Connected; for a subscriber: subscribed.
    Ready,
    /// Nothing that counts.
    Ignore,
    /// Something that should not be.
    Wrong,
}

impl Dialect {
    /// By its name on the command line.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "plain" => Self::Plain,
            "centrifugo" => Self::Centrifugo,
            "socket.io" => Self::SocketIo,
            _ => return None,
        })
    }

    /// The address of the endpoint.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Self::Plain => "/",
            Self::Centrifugo => "/api/live/websocket",
            Self::SocketIo => "/socket.io/?EIO=4&transport=websocket",
        }
    }

    /// What is said once the socket is open.
    #[must_use]
    pub fn opening(self, subscribes: bool) -> Option<String> {
        match self {
            Self::Plain => subscribes.then(|| "S".to_owned()),
            Self::Centrifugo => Some(r#"{"id":1,"connect":{"name":"js"}}"#.to_owned()),
            Self::SocketIo => None,
        }
    }

    /// Whether a connection is ready as soon as its socket is.
    #[must_use]
    pub fn is_ready_at_once(self, subscribes: bool) -> bool {
        self == Self::Plain && !subscribes
    }

    /// Goes on after a message, before the connection is ready.
    #[must_use]
    pub fn step(self, message: &str, subscribes: bool, from: Option<&Position>) -> Step {
        let next = |say: &dyn Fn() -> String| if subscribes { Step::Say(say()) } else { Step::Ready };
        match self {
            Self::Plain if message == "S" => Step::Ready,
            Self::Plain => Step::Ignore,
            Self::Centrifugo if message.contains("\"error\"") => Step::Wrong,
            Self::Centrifugo if message.starts_with(r#"{"id":1,"#) => next(&|| match from {
                None => format!(r#"{{"id":2,"subscribe":{{"channel":"{ROOM}"}}}}"#),
                Some(Position { offset, epoch }) => format!(
                    r#"{{"id":2,"subscribe":{{"channel":"{ROOM}","recover":true,"offset":{offset},"epoch":"{epoch}"}}}}"#
                ),
            }),
            Self::Centrifugo if message.starts_with(r#"{"id":2,"#) => {
                let lacks = from.is_some() && !message.contains(r#""recovered":true"#);
                if lacks { Step::Wrong } else { Step::Ready }
            }
            Self::Centrifugo => Step::Ignore,
            Self::SocketIo if message.starts_with('0') => Step::Say("40".to_owned()),
            Self::SocketIo if message.starts_with("44") => Step::Wrong,
            Self::SocketIo if message.starts_with("40") => next(&|| r#"420["sub"]"#.to_owned()),
            Self::SocketIo if message.starts_with("430") => Step::Ready,
            Self::SocketIo => Step::Ignore,
        }
    }

    /// The answer to a ping of the protocol's own, if this is one.
    #[must_use]
    pub fn pong(self, message: &[u8]) -> Option<&'static str> {
        match (self, message) {
            (Self::Centrifugo, b"{}") => Some("{}"),
            (Self::SocketIo, b"2") => Some("3"),
            _ => None,
        }
    }

    /// The message that has the server publish a text.
    #[must_use]
    pub fn publish(self, number: u64, text: &str) -> String {
        match self {
            Self::Plain => format!("P{text}"),
            Self::Centrifugo => {
                format!(
                    r#"{{"id":{},"publish":{{"channel":"{ROOM}","data":"{text}"}}}}"#,
                    number % 1_000_000 + 10
                )
            }
            Self::SocketIo => format!(r#"42["pub","{text}"]"#),
        }
    }

    /// The epoch in the reply to a subscription.
    #[must_use]
    pub fn epoch(self, reply: &str) -> Option<String> {
        let (_, rest) = reply.split_once(r#""epoch":""#)?;
        Some(rest.split_once('"')?.0.to_owned())
    }
}
