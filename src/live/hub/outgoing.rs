use std::{
    hash::{DefaultHasher, Hash as _, Hasher as _},
    sync::{Arc, OnceLock},
};

use bytes::Bytes;

use super::Metrics;
use crate::live::{
    ClientInfo,
    broker::LivePublication,
    html,
    protocol::{
        Codec, Entry, Form, Push, PushEvent, encode_entry, encode_join, encode_leave, encode_publication,
    },
    session::Wire,
    socket::{Outbox, Prepared},
};

/// What goes to the subscribers of a channel, one for all workers. Each encoding of it is made when the first connection needs
/// it, and shared.
#[derive(Debug)]
pub(crate) struct Outgoing {
    pub(crate) channel: Arc<str>,
    pub(crate) what: What,
    /// The messages of the two codecs, without anything around them.
    plain: [OnceLock<Bytes>; 2],
    /// What most connections need.
    sockets: [OnceLock<Prepared>; 2],
    /// What few connections need.
    rare: OnceLock<Box<[OnceLock<Framed>; Wire::COUNT * 3]>>,
    key: OnceLock<u64>,
}

#[derive(Debug)]
pub(crate) enum What {
    Publication(LivePublication),
    Join(Arc<ClientInfo>),
    Leave(Arc<ClientInfo>),
}

/// Which form of a publication a subscriber gets, see [`Form`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    Plain,
    Whole,
    Delta,
}

#[derive(Debug)]
enum Framed {
    Socket(Prepared),
    Stream(Bytes),
}

impl Outgoing {
    pub(crate) fn new(channel: &Arc<str>, what: What) -> Self {
        Self {
            channel: Arc::clone(channel),
            what,
            plain: Default::default(),
            sockets: Default::default(),
            rare: OnceLock::new(),
            key: OnceLock::new(),
        }
    }

    /// About how many bytes wait with it.
    pub(crate) fn size(&self) -> usize {
        match &self.what {
            What::Publication(live) => live.publication.data.len(),
            What::Join(_) | What::Leave(_) => 0,
        }
    }

    /// The frame for a connection.
    #[inline]
    pub(crate) fn frame<'a>(
        &'a self,
        wire: Wire,
        shape: Shape,
        outbox: &Outbox,
        metrics: &Metrics,
    ) -> &'a Bytes {
        let socket = match (wire, shape) {
            (Wire::Socket(Codec::Json), Shape::Plain) => &self.sockets[0],
            (Wire::Socket(Codec::Protobuf), Shape::Plain) => &self.sockets[1],
            _ => return self.rare(wire, shape, outbox, metrics),
        };
        let prepared = socket.get_or_init(|| {
            let payload = self.plain(wire.codec(), metrics);
            if wire.codec().is_binary() { Prepared::binary(payload) } else { Prepared::text(payload) }
        });
        outbox.form(prepared)
    }

    /// Under which key it waits where only the latest counts.
    pub(crate) fn key(&self) -> u64 {
        *self.key.get_or_init(|| {
            let mut hasher = DefaultHasher::new();
            self.channel.hash(&mut hasher);
            if let What::Publication(live) = &self.what {
                live.publication.key.hash(&mut hasher);
            }
            hasher.finish()
        })
    }

    fn plain(&self, codec: Codec, metrics: &Metrics) -> &Bytes {
        let [json, protobuf] = &self.plain;
        let cell = if codec.is_binary() { protobuf } else { json };
        cell.get_or_init(|| {
            Metrics::count(&metrics.encodings);
            match &self.what {
                What::Publication(live) => encode_publication(&self.channel, &live.publication, codec),
                What::Join(who) => encode_join(&self.channel, who, codec),
                What::Leave(who) => encode_leave(&self.channel, who, codec),
            }
        })
    }

    #[cold]
    fn rare<'a>(&'a self, wire: Wire, shape: Shape, outbox: &Outbox, metrics: &Metrics) -> &'a Bytes {
        let rare = self.rare.get_or_init(|| Box::new(std::array::from_fn(|_| OnceLock::new())));
        #[expect(clippy::indexing_slicing, reason = "places are below the count, and there are three shapes")]
        let cell = &rare[wire.place() * 3 + shape as usize];
        let framed = cell.get_or_init(|| {
            let payload = self.payload(wire, shape, metrics);
            match wire {
                Wire::Socket(Codec::Protobuf) => Framed::Socket(Prepared::binary(&payload)),
                Wire::Socket(Codec::Json) | Wire::BareSocket | Wire::HtmlSocket => {
                    Framed::Socket(Prepared::text(&payload))
                }
                Wire::HtmlEvents => Framed::Stream(payload),
                Wire::Stream(_) | Wire::Events | Wire::BareEvents => Framed::Stream(wire.frame(&payload)),
            }
        });
        match framed {
            Framed::Socket(prepared) => outbox.form(prepared),
            Framed::Stream(bytes) => bytes,
        }
    }

    fn payload(&self, wire: Wire, shape: Shape, metrics: &Metrics) -> Bytes {
        match (&self.what, shape) {
            (What::Publication(live), _) if wire.is_html() => {
                Metrics::count(&metrics.encodings);
                let publication = &live.publication;
                match wire {
                    Wire::HtmlSocket => html::html_of(&publication.data).into_owned().into(),
                    _ => html::publication(publication, Some(live.position())).into(),
                }
            }
            _ if wire.is_bare() => {
                Metrics::count(&metrics.encodings);
                let event = match &self.what {
                    What::Publication(live) => {
                        PushEvent::Publication(Entry::from((*live.publication).clone()))
                    }
                    What::Join(who) => PushEvent::Join(Arc::clone(who)),
                    What::Leave(who) => PushEvent::Leave(Arc::clone(who)),
                };
                let mut out = Vec::new();
                wire.codec().write_bare_push(&Push::in_channel(&*self.channel, event), &mut out);
                out.into()
            }
            (What::Publication(live), Shape::Whole | Shape::Delta) => {
                Metrics::count(&metrics.encodings);
                let form = match &live.previous {
                    Some(previous) if shape == Shape::Delta => {
                        Form::between(&previous.data, &live.publication.data)
                    }
                    _ => Form::Whole,
                };
                encode_entry(&self.channel, 0, &live.publication, &form, wire.codec())
            }
            _ => self.plain(wire.codec(), metrics).clone(),
        }
    }
}
