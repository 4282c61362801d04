//! What a client would write, made of the commands as this crate reads them.

use actix_charter::live::{
    Position,
    protocol::{Command, Request, SubscribeRequest},
};
use bytes::Bytes;
use serde_json::{Map, Value, json};

/// A message in the making: in JSON by names, in Protobuf by numbers. Empty fields are left out, as clients do.
#[derive(Default)]
pub(crate) struct Message {
    json: Map<String, Value>,
    protobuf: Vec<u8>,
}

impl Message {
    pub(crate) fn text(mut self, name: &str, tag: u32, value: &str) -> Self {
        if !value.is_empty() {
            self.json.insert(name.to_owned(), json!(value));
            field(&mut self.protobuf, tag, value.as_bytes());
        }
        self
    }

    pub(crate) fn number(mut self, name: &str, tag: u32, value: impl Into<i128>) -> Self {
        let value = value.into();
        if value != 0 {
            let number =
                u64::try_from(value).map(|value| json!(value)).unwrap_or_else(|_| json!(value as i64));
            self.json.insert(name.to_owned(), number);
            varint(&mut self.protobuf, u64::from(tag) << 3);
            varint(&mut self.protobuf, value as u64);
        }
        self
    }

    pub(crate) fn flag(mut self, name: &str, tag: u32, value: bool) -> Self {
        if value {
            self.json.insert(name.to_owned(), json!(true));
            varint(&mut self.protobuf, u64::from(tag) << 3);
            self.protobuf.push(1);
        }
        self
    }

    /// The data is JSON.
    pub(crate) fn data(mut self, name: &str, tag: u32, value: &Bytes) -> Self {
        if !value.is_empty() {
            self.json.insert(name.to_owned(), serde_json::from_slice(value).unwrap());
            field(&mut self.protobuf, tag, value);
        }
        self
    }

    pub(crate) fn message(mut self, name: &str, tag: u32, value: Self) -> Self {
        self.json.insert(name.to_owned(), Value::Object(value.json));
        field(&mut self.protobuf, tag, &value.protobuf);
        self
    }

    pub(crate) fn entry(mut self, name: &str, tag: u32, key: &str, value: Result<&str, Self>) -> Self {
        let map = self.json.entry(name).or_insert_with(|| json!({}));
        let mut entry = Vec::new();
        field(&mut entry, 1, key.as_bytes());
        match value {
            Ok(text) => {
                map[key] = json!(text);
                field(&mut entry, 2, text.as_bytes());
            }
            Err(message) => {
                map[key] = Value::Object(message.json);
                field(&mut entry, 2, &message.protobuf);
            }
        }
        field(&mut self.protobuf, tag, &entry);
        self
    }

    pub(crate) fn json(&self) -> String {
        serde_json::to_string(&self.json).unwrap()
    }

    /// After its length.
    pub(crate) fn protobuf(&self) -> Vec<u8> {
        let mut out = Vec::new();
        varint(&mut out, self.protobuf.len() as u64);
        out.extend_from_slice(&self.protobuf);
        out
    }
}

pub(crate) fn varint(out: &mut Vec<u8>, mut value: u64) {
    while value > 127 {
        out.push(value as u8 | 128);
        value >>= 7;
    }
    out.push(value as u8);
}

pub(crate) fn field(out: &mut Vec<u8>, tag: u32, value: &[u8]) {
    varint(out, u64::from(tag) << 3 | 2);
    varint(out, value.len() as u64);
    out.extend_from_slice(value);
}

/// The command as a client would write it. Filters are not written, see `filters`.
pub(crate) fn message(command: &Command) -> Message {
    let message = Message::default().number("id", 1, command.id);
    let channel = |channel: &str| Message::default().text("channel", 1, channel);
    match &command.request {
        Request::Pong => message,
        Request::Connect(request) => {
            let mut connect = Message::default()
                .text("token", 1, &request.token)
                .data("data", 2, &request.data)
                .text("name", 4, &request.name)
                .text("version", 5, &request.version)
                .number("flag", 7, request.flag);
            for (channel, sub) in &request.subs {
                let Position { offset, epoch } = &sub.position;
                let sub = Message::default().flag("recover", 3, sub.recover).text("epoch", 6, epoch.as_str());
                connect = connect.entry("subs", 3, channel, Err(sub.number("offset", 7, *offset)));
            }
            for (name, value) in &request.headers {
                connect = connect.entry("headers", 6, name, Ok(value));
            }
            message.message("connect", 4, connect)
        }
        Request::Subscribe(request) => message.message("subscribe", 5, subscribe(request)),
        Request::Unsubscribe(name) => message.message("unsubscribe", 6, channel(name)),
        Request::Publish(request) => {
            let publish =
                channel(&request.channel).data("data", 2, &request.data).number("type", 3, request.kind);
            message.message("publish", 7, publish)
        }
        Request::Presence(name) => message.message("presence", 8, channel(name)),
        Request::PresenceStats(name) => message.message("presence_stats", 9, channel(name)),
        Request::History(request) => {
            let mut history = channel(&request.channel).number("limit", 7, request.limit).flag(
                "reverse",
                9,
                request.reverse,
            );
            if let Some(Position { offset, epoch }) = &request.since {
                let since = Message::default().number("offset", 1, *offset).text("epoch", 2, epoch.as_str());
                history = history.message("since", 8, since);
            }
            message.message("history", 10, history)
        }
        Request::Ping => message.message("ping", 11, Message::default()),
        Request::Send(data) => message.message("send", 12, Message::default().data("data", 1, data)),
        Request::Rpc(request) => {
            let rpc = Message::default().data("data", 1, &request.data).text("method", 2, &request.method);
            message.message("rpc", 13, rpc)
        }
        Request::Refresh(token) => message.message("refresh", 14, Message::default().text("token", 1, token)),
        Request::SubRefresh(request) => {
            let refresh =
                channel(&request.channel).text("token", 2, &request.token).number("type", 3, request.kind);
            message.message("sub_refresh", 15, refresh)
        }
        request => panic!("unknown to this test: {request:?}"),
    }
}

fn subscribe(request: &SubscribeRequest) -> Message {
    Message::default()
        .text("channel", 1, &request.channel)
        .text("token", 2, &request.token)
        .flag("recover", 3, request.recover)
        .text("epoch", 6, request.position.epoch.as_str())
        .number("offset", 7, request.position.offset)
        .data("data", 8, &request.data)
        .flag("positioned", 9, request.positioned)
        .flag("recoverable", 10, request.recoverable)
        .flag("join_leave", 11, request.join_leave)
        .text("delta", 12, &request.delta)
        .number("flag", 14, request.flag)
        .number("type", 15, request.kind)
}
