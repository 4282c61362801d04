use std::collections::{BTreeMap, HashMap};

use bytes::Bytes;
use prost::Message;

use super::{BadFrame, Limits};
use crate::live::{
    Position,
    protocol::{
        ConnectRequest, HistoryRequest, PublishRequest, RecoverRequest, Request, RpcRequest,
        SubRefreshRequest, SubscribeRequest, filter,
    },
};

/// Reads one message, without its length.
pub(super) fn command(message: Bytes, limits: &Limits) -> Result<(u32, Option<Request>), BadFrame> {
    let wire = CommandWire::decode(message).map_err(malformed)?;
    Ok((wire.id, wire.request(limits)?))
}

fn malformed(_: prost::DecodeError) -> BadFrame {
    BadFrame::Malformed
}

#[derive(Clone, PartialEq, Message)]
struct CommandWire {
    #[prost(uint32, tag = "1")]
    id: u32,
    #[prost(message, optional, tag = "4")]
    connect: Option<ConnectWire>,
    #[prost(message, optional, tag = "5")]
    subscribe: Option<SubscribeWire>,
    #[prost(message, optional, tag = "6")]
    unsubscribe: Option<ChannelWire>,
    #[prost(message, optional, tag = "7")]
    publish: Option<PublishWire>,
    #[prost(message, optional, tag = "8")]
    presence: Option<ChannelWire>,
    #[prost(message, optional, tag = "9")]
    presence_stats: Option<ChannelWire>,
    #[prost(message, optional, tag = "10")]
    history: Option<HistoryWire>,
    #[prost(message, optional, tag = "11")]
    ping: Option<()>,
    #[prost(message, optional, tag = "12")]
    send: Option<DataWire>,
    #[prost(message, optional, tag = "13")]
    rpc: Option<RpcWire>,
    #[prost(message, optional, tag = "14")]
    refresh: Option<TokenWire>,
    #[prost(message, optional, tag = "15")]
    sub_refresh: Option<SubRefreshWire>,
}

impl CommandWire {
    /// The first there is, in the order of the protocol.
    fn request(self, limits: &Limits) -> Result<Option<Request>, BadFrame> {
        Ok(Some(if let Some(wire) = self.connect {
            Request::Connect(Box::new(wire.request(limits)?))
        } else if let Some(wire) = self.subscribe {
            Request::Subscribe(Box::new(wire.request(limits)))
        } else if let Some(wire) = self.unsubscribe {
            Request::Unsubscribe(wire.channel)
        } else if let Some(wire) = self.publish {
            Request::Publish(PublishRequest { channel: wire.channel, data: wire.data, kind: wire.kind })
        } else if let Some(wire) = self.presence {
            Request::Presence(wire.channel)
        } else if let Some(wire) = self.presence_stats {
            Request::PresenceStats(wire.channel)
        } else if let Some(wire) = self.history {
            let since = wire.since.map(|since| Position { offset: since.offset, epoch: since.epoch.into() });
            Request::History(HistoryRequest {
                channel: wire.channel,
                limit: wire.limit,
                since,
                reverse: wire.reverse,
            })
        } else if self.ping.is_some() {
            Request::Ping
        } else if let Some(wire) = self.send {
            Request::Send(wire.data)
        } else if let Some(wire) = self.rpc {
            Request::Rpc(RpcRequest { method: wire.method, data: wire.data })
        } else if let Some(wire) = self.refresh {
            Request::Refresh(wire.token)
        } else if let Some(wire) = self.sub_refresh {
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

#[derive(Clone, PartialEq, Message)]
struct ConnectWire {
    #[prost(string, tag = "1")]
    token: String,
    #[prost(bytes = "bytes", tag = "2")]
    data: Bytes,
    /// The map's entries are counted before anything is made of them.
    #[prost(bytes = "bytes", repeated, tag = "3")]
    subs: Vec<Bytes>,
    #[prost(string, tag = "4")]
    name: String,
    #[prost(string, tag = "5")]
    version: String,
    #[prost(map = "string, string", tag = "6")]
    headers: HashMap<String, String>,
    #[prost(int64, tag = "7")]
    flag: i64,
}

impl ConnectWire {
    fn request(self, limits: &Limits) -> Result<ConnectRequest, BadFrame> {
        if self.subs.len() > limits.subscriptions {
            return Err(BadFrame::TooManySubscriptions);
        }
        let subs = self.subs.into_iter().map(|entry| {
            let entry = RecoverEntryWire::decode(entry).map_err(malformed)?;
            let RecoverWire { recover, epoch, offset } = entry.value.unwrap_or_default();
            Ok((entry.key, RecoverRequest { recover, position: Position { offset, epoch: epoch.into() } }))
        });
        Ok(ConnectRequest {
            token: self.token,
            data: self.data,
            subs: subs.collect::<Result<BTreeMap<_, _>, _>>()?,
            name: self.name,
            version: self.version,
            headers: self.headers.into_iter().collect(),
            flag: self.flag,
        })
    }
}

#[derive(Clone, PartialEq, Message)]
struct RecoverEntryWire {
    #[prost(string, tag = "1")]
    key: String,
    #[prost(message, optional, tag = "2")]
    value: Option<RecoverWire>,
}

#[derive(Clone, PartialEq, Message)]
struct RecoverWire {
    #[prost(bool, tag = "3")]
    recover: bool,
    #[prost(string, tag = "6")]
    epoch: String,
    #[prost(uint64, tag = "7")]
    offset: u64,
}

#[derive(Clone, PartialEq, Message)]
struct SubscribeWire {
    #[prost(string, tag = "1")]
    channel: String,
    #[prost(string, tag = "2")]
    token: String,
    #[prost(bool, tag = "3")]
    recover: bool,
    #[prost(string, tag = "6")]
    epoch: String,
    #[prost(uint64, tag = "7")]
    offset: u64,
    #[prost(bytes = "bytes", tag = "8")]
    data: Bytes,
    #[prost(bool, tag = "9")]
    positioned: bool,
    #[prost(bool, tag = "10")]
    recoverable: bool,
    #[prost(bool, tag = "11")]
    join_leave: bool,
    #[prost(string, tag = "12")]
    delta: String,
    /// A tree, read level by level within limits.
    #[prost(bytes = "bytes", optional, tag = "13")]
    tf: Option<Bytes>,
    #[prost(int64, tag = "14")]
    flag: i64,
    #[prost(int32, tag = "15")]
    kind: i32,
}

impl SubscribeWire {
    fn request(self, limits: &Limits) -> SubscribeRequest {
        SubscribeRequest {
            channel: self.channel,
            token: self.token,
            recover: self.recover,
            position: Position { offset: self.offset, epoch: self.epoch.into() },
            data: self.data,
            positioned: self.positioned,
            recoverable: self.recoverable,
            join_leave: self.join_leave,
            delta: self.delta,
            filter: self.tf.map(|tf| filter::from_protobuf(tf, limits)),
            flag: self.flag,
            kind: self.kind,
        }
    }
}

#[derive(Clone, PartialEq, Message)]
struct ChannelWire {
    #[prost(string, tag = "1")]
    channel: String,
}

#[derive(Clone, PartialEq, Message)]
struct PublishWire {
    #[prost(string, tag = "1")]
    channel: String,
    #[prost(bytes = "bytes", tag = "2")]
    data: Bytes,
    #[prost(int32, tag = "3")]
    kind: i32,
}

#[derive(Clone, PartialEq, Message)]
struct HistoryWire {
    #[prost(string, tag = "1")]
    channel: String,
    #[prost(int32, tag = "7")]
    limit: i32,
    #[prost(message, optional, tag = "8")]
    since: Option<PositionWire>,
    #[prost(bool, tag = "9")]
    reverse: bool,
}

#[derive(Clone, PartialEq, Message)]
struct PositionWire {
    #[prost(uint64, tag = "1")]
    offset: u64,
    #[prost(string, tag = "2")]
    epoch: String,
}

#[derive(Clone, PartialEq, Message)]
struct DataWire {
    #[prost(bytes = "bytes", tag = "1")]
    data: Bytes,
}

#[derive(Clone, PartialEq, Message)]
struct RpcWire {
    #[prost(bytes = "bytes", tag = "1")]
    data: Bytes,
    #[prost(string, tag = "2")]
    method: String,
}

#[derive(Clone, PartialEq, Message)]
struct TokenWire {
    #[prost(string, tag = "1")]
    token: String,
}

#[derive(Clone, PartialEq, Message)]
struct SubRefreshWire {
    #[prost(string, tag = "1")]
    channel: String,
    #[prost(string, tag = "2")]
    token: String,
    #[prost(int32, tag = "3")]
    kind: i32,
}
