use std::{borrow::Cow, collections::BTreeMap, fmt, marker::PhantomData};

use bytes::Bytes;
use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, MapAccess, Visitor, value::MapAccessDeserializer},
};
use serde_json::{error::Category, value::RawValue};

use super::{BadFrame, Limits, text::is_shallow};
use crate::live::{
    Position,
    protocol::{
        ConnectRequest, HistoryRequest, PublishRequest, RecoverRequest, Request, RpcRequest,
        SubRefreshRequest, SubscribeRequest, filter,
    },
};

/// Reads one line.
pub(super) fn command(line: &Bytes, limits: &Limits) -> Result<(u32, Option<Request>), BadFrame> {
    let text = std::str::from_utf8(line).map_err(|_| BadFrame::NotText)?;
    if !is_shallow(text, limits.depth) {
        return Err(BadFrame::TooDeep);
    }
    let Object(wire): Object<CommandWire<'_>> = read(text)?;
    Ok((wire.id, wire.request(line, limits)?))
}

fn read<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, BadFrame> {
    serde_json::from_str(text).map_err(|error| match error.classify() {
        Category::Data => BadFrame::WrongValue,
        Category::Io | Category::Syntax | Category::Eof => BadFrame::Malformed,
    })
}

/// `null` is as good as nothing.
fn or_default<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// In `data`, `null` is a value as any other.
fn data<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<&'de RawValue>, D::Error> {
    Deserialize::deserialize(deserializer).map(Some)
}

/// The part of the frame that it is, not a copy.
fn shared(line: &Bytes, data: Option<&RawValue>) -> Bytes {
    let Some(data) = data else { return Bytes::new() };
    let data = data.get().as_bytes();
    let range = data.as_ptr().addr().checked_sub(line.as_ptr().addr()).map(|start| start..start + data.len());
    match range.filter(|range| range.end <= line.len()) {
        Some(range) => line.slice(range),
        None => Bytes::copy_from_slice(data),
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct CommandWire<'a> {
    #[serde(deserialize_with = "or_default")]
    id: u32,
    #[serde(borrow)]
    connect: Option<Object<ConnectWire<'a>>>,
    #[serde(borrow)]
    subscribe: Option<Object<SubscribeWire<'a>>>,
    unsubscribe: Option<Object<ChannelWire>>,
    #[serde(borrow)]
    publish: Option<Object<PublishWire<'a>>>,
    presence: Option<Object<ChannelWire>>,
    presence_stats: Option<Object<ChannelWire>>,
    history: Option<Object<HistoryWire>>,
    ping: Option<Object<IgnoredAny>>,
    #[serde(borrow)]
    send: Option<Object<DataWire<'a>>>,
    #[serde(borrow)]
    rpc: Option<Object<RpcWire<'a>>>,
    refresh: Option<Object<TokenWire>>,
    sub_refresh: Option<Object<SubRefreshWire>>,
}

impl CommandWire<'_> {
    /// The first there is, in the order of the protocol.
    fn request(self, line: &Bytes, limits: &Limits) -> Result<Option<Request>, BadFrame> {
        Ok(Some(if let Some(Object(wire)) = self.connect {
            Request::Connect(Box::new(wire.request(line, limits)?))
        } else if let Some(Object(wire)) = self.subscribe {
            Request::Subscribe(Box::new(wire.request(line, limits)))
        } else if let Some(Object(wire)) = self.unsubscribe {
            Request::Unsubscribe(wire.channel)
        } else if let Some(Object(wire)) = self.publish {
            Request::Publish(PublishRequest {
                channel: wire.channel,
                data: shared(line, wire.data),
                kind: wire.kind,
            })
        } else if let Some(Object(wire)) = self.presence {
            Request::Presence(wire.channel)
        } else if let Some(Object(wire)) = self.presence_stats {
            Request::PresenceStats(wire.channel)
        } else if let Some(Object(wire)) = self.history {
            Request::History(wire.into())
        } else if self.ping.is_some() {
            Request::Ping
        } else if let Some(Object(wire)) = self.send {
            Request::Send(shared(line, wire.data))
        } else if let Some(Object(wire)) = self.rpc {
            Request::Rpc(RpcRequest { method: wire.method, data: shared(line, wire.data) })
        } else if let Some(Object(wire)) = self.refresh {
            Request::Refresh(wire.token)
        } else if let Some(Object(wire)) = self.sub_refresh {
            Request::SubRefresh(SubRefreshRequest {
                channel: wire.channel,
                token: wire.token,
                kind: wire.kind,
            })
        } else {
            return Ok(None);
        }))
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct ConnectWire<'a> {
    #[serde(deserialize_with = "or_default")]
    token: String,
    #[serde(borrow, deserialize_with = "data")]
    data: Option<&'a RawValue>,
    #[serde(borrow)]
    subs: Option<Pairs<'a, &'a RawValue>>,
    #[serde(deserialize_with = "or_default")]
    name: String,
    #[serde(deserialize_with = "or_default")]
    version: String,
    #[serde(borrow)]
    headers: Option<Pairs<'a, String>>,
    #[serde(deserialize_with = "or_default")]
    flag: i64,
}

impl ConnectWire<'_> {
    fn request(self, line: &Bytes, limits: &Limits) -> Result<ConnectRequest, BadFrame> {
        let subs = self.subs.map_or_else(Vec::new, |subs| subs.entries);
        if subs.len() > limits.subscriptions {
            return Err(BadFrame::TooManySubscriptions);
        }
        let subs = subs.into_iter().map(|(channel, wire)| {
            let wire: Option<Object<RecoverWire>> = read(wire.get())?;
            Ok((channel.into_owned(), wire.map_or_else(Default::default, |Object(wire)| wire.into())))
        });
        Ok(ConnectRequest {
            token: self.token,
            data: shared(line, self.data),
            subs: subs.collect::<Result<BTreeMap<_, _>, _>>()?,
            name: self.name,
            version: self.version,
            headers: self
                .headers
                .map_or_else(Vec::new, |headers| headers.entries)
                .into_iter()
                .map(|(name, value)| (name.into_owned(), value))
                .collect(),
            flag: self.flag,
        })
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct RecoverWire {
    #[serde(deserialize_with = "or_default")]
    recover: bool,
    #[serde(deserialize_with = "or_default")]
    offset: u64,
    #[serde(deserialize_with = "or_default")]
    epoch: String,
}

impl From<RecoverWire> for RecoverRequest {
    fn from(wire: RecoverWire) -> Self {
        Self { recover: wire.recover, position: Position { offset: wire.offset, epoch: wire.epoch.into() } }
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct SubscribeWire<'a> {
    #[serde(deserialize_with = "or_default")]
    channel: String,
    #[serde(deserialize_with = "or_default")]
    token: String,
    #[serde(deserialize_with = "or_default")]
    recover: bool,
    #[serde(deserialize_with = "or_default")]
    offset: u64,
    #[serde(deserialize_with = "or_default")]
    epoch: String,
    #[serde(borrow, deserialize_with = "data")]
    data: Option<&'a RawValue>,
    #[serde(deserialize_with = "or_default")]
    positioned: bool,
    #[serde(deserialize_with = "or_default")]
    recoverable: bool,
    #[serde(deserialize_with = "or_default")]
    join_leave: bool,
    #[serde(deserialize_with = "or_default")]
    delta: String,
    #[serde(borrow)]
    tf: Option<&'a RawValue>,
    #[serde(deserialize_with = "or_default")]
    flag: i64,
    #[serde(rename = "type", deserialize_with = "or_default")]
    kind: i32,
}

impl SubscribeWire<'_> {
    fn request(self, line: &Bytes, limits: &Limits) -> SubscribeRequest {
        SubscribeRequest {
            channel: self.channel,
            token: self.token,
            recover: self.recover,
            position: Position { offset: self.offset, epoch: self.epoch.into() },
            data: shared(line, self.data),
            positioned: self.positioned,
            recoverable: self.recoverable,
            join_leave: self.join_leave,
            delta: self.delta,
            filter: self.tf.map(|tf| filter::from_json(tf, limits)),
            flag: self.flag,
            kind: self.kind,
        }
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct ChannelWire {
    #[serde(deserialize_with = "or_default")]
    channel: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct PublishWire<'a> {
    #[serde(deserialize_with = "or_default")]
    channel: String,
    #[serde(borrow, deserialize_with = "data")]
    data: Option<&'a RawValue>,
    #[serde(rename = "type", deserialize_with = "or_default")]
    kind: i32,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct HistoryWire {
    #[serde(deserialize_with = "or_default")]
    channel: String,
    #[serde(deserialize_with = "or_default")]
    limit: i32,
    since: Option<Object<PositionWire>>,
    #[serde(deserialize_with = "or_default")]
    reverse: bool,
}

impl From<HistoryWire> for HistoryRequest {
    fn from(wire: HistoryWire) -> Self {
        let since =
            wire.since.map(|Object(since)| Position { offset: since.offset, epoch: since.epoch.into() });
        Self { channel: wire.channel, limit: wire.limit, since, reverse: wire.reverse }
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct PositionWire {
    #[serde(deserialize_with = "or_default")]
    offset: u64,
    #[serde(deserialize_with = "or_default")]
    epoch: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct DataWire<'a> {
    #[serde(borrow, deserialize_with = "data")]
    data: Option<&'a RawValue>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct RpcWire<'a> {
    #[serde(deserialize_with = "or_default")]
    method: String,
    #[serde(borrow, deserialize_with = "data")]
    data: Option<&'a RawValue>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct TokenWire {
    #[serde(deserialize_with = "or_default")]
    token: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct SubRefreshWire {
    #[serde(deserialize_with = "or_default")]
    channel: String,
    #[serde(deserialize_with = "or_default")]
    token: String,
    #[serde(rename = "type", deserialize_with = "or_default")]
    kind: i32,
}

/// serde also takes an array for a struct, field by field. This takes only an object.
struct Object<T>(T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Fields<T> {
            type Value = Object<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map)).map(Object)
            }
        }

        deserializer.deserialize_map(Fields(PhantomData))
    }
}

/// An object as it stands there, so that its entries can be counted before anything is made of them.
struct Pairs<'a, T> {
    entries: Vec<(Cow<'a, str>, T)>,
}

impl<'de: 'a, 'a, T: Deserialize<'de>> Deserialize<'de> for Pairs<'a, T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries<'a, T>(PhantomData<(&'a str, T)>);

        impl<'de: 'a, 'a, T: Deserialize<'de>> Visitor<'de> for Entries<'a, T> {
            type Value = Pairs<'a, T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries = Vec::new();
                while let Some((Key(key), value)) = map.next_entry()? {
                    entries.push((key, value));
                }
                Ok(Pairs { entries })
            }
        }

        deserializer.deserialize_map(Entries(PhantomData))
    }
}

/// A `Cow` by itself never borrows.
#[derive(Deserialize)]
#[serde(transparent)]
struct Key<'a>(#[serde(borrow)] Cow<'a, str>);
