use std::fmt::Write as _;

use bytes::{BufMut as _, Bytes, BytesMut};

use crate::live::{
    Position, Publication, html,
    protocol::{Codec, Push, PushEvent, Reply},
    socket::Frame,
};

/// How messages travel on a connection: their codec, and what is around them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wire {
    /// Frames of a WebSocket.
    Socket(Codec),
    /// A response that goes on: in JSON one message a line.
    Stream(Codec),
    /// Server-sent events.
    Events,
    /// Frames of a WebSocket whose client only listens.
    BareSocket,
    /// Server-sent events for a client that only listens.
    BareEvents,
    /// Server-sent events whose data is HTML, for a page.
    HtmlEvents,
    /// Frames of a WebSocket that are HTML, for a page.
    HtmlSocket,
}

impl Wire {
    pub(crate) const COUNT: usize = 9;

    pub(crate) const fn codec(self) -> Codec {
        match self {
            Self::Socket(codec) | Self::Stream(codec) => codec,
            Self::Events | Self::BareSocket | Self::BareEvents | Self::HtmlEvents | Self::HtmlSocket => {
                Codec::Json
            }
        }
    }

    /// Whether the client only listens, and gets pushes that are not inside of replies.
    pub(crate) const fn is_bare(self) -> bool {
        matches!(self, Self::BareSocket | Self::BareEvents | Self::HtmlEvents | Self::HtmlSocket)
    }

    pub(crate) const fn is_socket(self) -> bool {
        matches!(self, Self::Socket(_) | Self::BareSocket | Self::HtmlSocket)
    }

    /// Whether the client is a page, which gets publications as HTML and knows nothing of the protocol.
    pub(crate) const fn is_html(self) -> bool {
        matches!(self, Self::HtmlEvents | Self::HtmlSocket)
    }

    /// Below [`COUNT`](Self::COUNT), another one for each.
    pub(crate) const fn place(self) -> usize {
        match self {
            Self::Socket(Codec::Json) => 0,
            Self::Socket(Codec::Protobuf) => 1,
            Self::Stream(Codec::Json) => 2,
            Self::Stream(Codec::Protobuf) => 3,
            Self::Events => 4,
            Self::BareSocket => 5,
            Self::BareEvents => 6,
            Self::HtmlEvents => 7,
            Self::HtmlSocket => 8,
        }
    }

    /// What is around encoded messages.
    pub(crate) fn frame(self, payload: &[u8]) -> Bytes {
        match self {
            Self::Socket(Codec::Json) | Self::BareSocket | Self::HtmlSocket => Frame::text(payload),
            Self::Socket(Codec::Protobuf) => Frame::binary(payload),
            Self::Stream(Codec::Protobuf) | Self::HtmlEvents => Bytes::copy_from_slice(payload),
            Self::Stream(Codec::Json) => {
                let mut line = BytesMut::with_capacity(payload.len() + 1);
                line.put_slice(payload);
                line.put_u8(b'\n');
                line.freeze()
            }
            Self::Events | Self::BareEvents => events(payload),
        }
    }

    pub(crate) fn reply(self, reply: &Reply) -> Bytes {
        let mut out = Vec::new();
        self.codec().write_reply(reply, &mut out);
        self.frame(&out)
    }

    /// A push as a frame; empty when it is nothing to the client.
    pub(crate) fn push(self, push: &Push) -> Bytes {
        if self.is_html() {
            return match &push.event {
                PushEvent::Publication(entry) => self.page(&entry.publication, None),
                PushEvent::Message(data) => {
                    self.page(&Publication { data: data.clone(), ..Publication::default() }, None)
                }
                // Browsers come back by themselves, also to those that do not want them.
                PushEvent::Disconnect(why) if self == Self::HtmlEvents && !why.code().reconnects() => {
                    html::event("close", &why.code().get().to_string()).into()
                }
                _ => Bytes::new(),
            };
        }
        let mut out = Vec::new();
        if self.is_bare() {
            self.codec().write_bare_push(push, &mut out);
        } else {
            self.codec().write_push(push, &mut out);
        }
        self.frame(&out)
    }

    /// A publication for a page.
    pub(crate) fn page(self, publication: &Publication, at: Option<Position>) -> Bytes {
        match self {
            Self::HtmlSocket => Frame::text(html::html_of(&publication.data).as_bytes()),
            _ => html::publication(publication, at).into(),
        }
    }

    pub(crate) fn ping(self) -> Bytes {
        if self == Self::HtmlEvents {
            return Bytes::from_static(html::comment().as_bytes());
        }
        self.frame(self.codec().ping())
    }
}

fn events(payload: &[u8]) -> Bytes {
    let mut out = BytesMut::with_capacity(payload.len() + 8);
    for line in payload.split(|byte| *byte == b'\n') {
        let _ = out.write_str("data: ");
        out.put_slice(line);
        out.put_u8(b'\n');
    }
    out.put_u8(b'\n');
    out.freeze()
}
