//! Every reply and push there is.

use std::sync::Arc;

use actix_charter::live::{
    ClientInfo, Position, Publication,
    protocol::{
        Codec, ConnectResult, Disconnect, DisconnectCode, Entry, ErrorCode, Form, HistoryResult, Push,
        PushEvent, RefreshResult, Reply, ReplyError, ReplyResult, SubscribePush, SubscribeResult,
        UnsubscribeCode,
    },
};
use bytes::Bytes;

pub(crate) enum Message {
    Reply(Reply),
    Push(Push),
}

impl Message {
    pub(crate) fn write(&self, codec: Codec, out: &mut Vec<u8>) {
        match self {
            Self::Reply(reply) => codec.write_reply(reply, out),
            Self::Push(push) => codec.write_push(push, out),
        }
    }
}

fn position(offset: u64, epoch: &str) -> Position {
    Position { offset, epoch: epoch.into() }
}

fn json(text: &'static str) -> Bytes {
    Bytes::from_static(text.as_bytes())
}

fn ann() -> Arc<ClientInfo> {
    Arc::new(ClientInfo {
        user: "42".to_owned(),
        client: "c1".to_owned(),
        connection: Some(json(r#"{"name":"Ann"}"#)),
        channel: Some(json(r#"["typing"]"#)),
    })
}

fn publication() -> Publication {
    Publication {
        offset: 7,
        data: json(r#"{"a":[1,null]}"#),
        info: Some(ann()),
        tags: Some([("k\"".into(), "v\n".into()), ("l".into(), "".into())].into()),
        time: 1_700_000_000_000,
        version: 3,
        ..Publication::default()
    }
}

const PUBLICATION: &str = concat!(
    r#"{"data":{"a":[1,null]},"info":{"user":"42","client":"c1","conn_info":{"name":"Ann"},"chan_info":["typing"]},"offset":7,"#,
    r#""tags":{"k\"":"v\n","l":""},"time":1700000000000,"version":3}"#
);
const ANN: &str = r#"{"user":"42","client":"c1","conn_info":{"name":"Ann"},"chan_info":["typing"]}"#;

fn connected() -> ConnectResult {
    let server = SubscribeResult {
        recoverable: true,
        positioned: true,
        position: position(9, "e"),
        publications: vec![publication().into()],
        recovered: true,
        was_recovering: true,
        ..SubscribeResult::default()
    };
    ConnectResult {
        client: "c1".to_owned(),
        version: "1".to_owned(),
        ttl: Some(60),
        data: json(r#"{"hi":1}"#),
        subs: vec![("a\tb".to_owned(), server), ("plain".to_owned(), SubscribeResult::default())],
        ping: 25,
        pong: true,
        session: "s".to_owned(),
        node: "n".to_owned(),
        time: 5,
    }
}

/// Messages, and the JSON they are.
pub(crate) fn all() -> Vec<(Message, String)> {
    let ok = |result, json: &str| (Message::Reply(Reply::ok(1, result)), format!(r#"{{"id":1,{json}}}"#));
    let push = |event, json: &str| {
        (Message::Push(Push::in_channel("news", event)), format!(r#"{{"push":{{"channel":"news",{json}}}}}"#))
    };
    let alone =
        |event: PushEvent, json: &str| (Message::Push(event.into()), format!(r#"{{"push":{{{json}}}}}"#));
    let server = format!(
        r#"{{"a\tb":{{"recoverable":true,"epoch":"e","publications":[{PUBLICATION}],"recovered":true,"offset":9,"positioned":true,"was_recovering":true}},"plain":{{}}}}"#
    );
    let subscribed = SubscribeResult {
        ttl: Some(0),
        recoverable: true,
        positioned: true,
        position: position(9_007_199_254_740_991, "epoch"),
        publications: vec![
            Entry {
                form: Form::Whole,
                publication: Publication { data: json(r#"{"a":"ä"}"#), offset: 1, ..Publication::default() },
            },
            Entry {
                form: Form::Delta(json("9\n9:{\"a\":\"ä\"}0;")),
                publication: Publication { offset: 2, ..Publication::default() },
            },
        ],
        recovered: true,
        was_recovering: true,
        data: json("[0]"),
        delta: true,
        id: 300,
    };
    let full = ReplyError::new(ErrorCode::own(400).unwrap(), "the \"room\" is full").temporary();
    vec![
        (
            Message::Reply(Reply::error(4, ErrorCode::PERMISSION_DENIED)),
            r#"{"id":4,"error":{"code":103,"message":"permission denied"}}"#.to_owned(),
        ),
        (
            Message::Reply(Reply { id: u32::MAX, result: Err(full) }),
            r#"{"id":4294967295,"error":{"code":400,"message":"the \"room\" is full","temporary":true}}"#
                .to_owned(),
        ),
        ok(
            ReplyResult::Connect(Box::new(connected())),
            &format!(
                r#""connect":{{"client":"c1","version":"1","expires":true,"ttl":60,"data":{{"hi":1}},"subs":{server},"ping":25,"pong":true,"session":"s","node":"n","time":5}}"#
            ),
        ),
        ok(ReplyResult::Connect(Box::default()), r#""connect":{"client":"","version":""}"#),
        ok(
            ReplyResult::Subscribe(Box::new(subscribed)),
            concat!(
                r#""subscribe":{"expires":true,"ttl":0,"recoverable":true,"epoch":"epoch","publications":["#,
                r#"{"data":"{\"a\":\"ä\"}","offset":1},{"data":"9\n9:{\"a\":\"ä\"}0;","offset":2,"delta":true}],"#,
                r#""recovered":true,"offset":9007199254740991,"positioned":true,"data":[0],"was_recovering":true,"delta":true,"id":300}"#,
            ),
        ),
        ok(ReplyResult::Subscribe(Box::default()), r#""subscribe":{}"#),
        ok(ReplyResult::Unsubscribe, r#""unsubscribe":{}"#),
        ok(ReplyResult::Publish, r#""publish":{}"#),
        ok(
            ReplyResult::Presence(vec![ann(), Arc::default()]),
            &format!(r#""presence":{{"presence":{{"c1":{ANN},"":{{"user":"","client":""}}}}}}"#),
        ),
        ok(ReplyResult::Presence(Vec::new()), r#""presence":{"presence":{}}"#),
        ok(
            ReplyResult::PresenceStats { clients: 3, users: 0 },
            r#""presence_stats":{"num_clients":3,"num_users":0}"#,
        ),
        ok(
            ReplyResult::History(HistoryResult {
                publications: vec![publication(), publication()],
                position: position(9, "e"),
            }),
            &format!(r#""history":{{"publications":[{PUBLICATION},{PUBLICATION}],"epoch":"e","offset":9}}"#),
        ),
        ok(
            ReplyResult::History(HistoryResult::default()),
            r#""history":{"publications":[],"epoch":"","offset":0}"#,
        ),
        ok(ReplyResult::Ping, r#""ping":{}"#),
        ok(ReplyResult::Rpc(json("[1]")), r#""rpc":{"data":[1]}"#),
        ok(ReplyResult::Rpc(Bytes::new()), r#""rpc":{}"#),
        ok(
            ReplyResult::Refresh(RefreshResult {
                client: "c".to_owned(),
                version: "v".to_owned(),
                ttl: Some(60),
            }),
            r#""refresh":{"client":"c","version":"v","expires":true,"ttl":60}"#,
        ),
        ok(ReplyResult::SubRefresh(Some(60)), r#""sub_refresh":{"expires":true,"ttl":60}"#),
        ok(ReplyResult::SubRefresh(None), r#""sub_refresh":{}"#),
        push(PushEvent::Publication(publication().into()), &format!(r#""pub":{PUBLICATION}"#)),
        push(PushEvent::Join(ann()), &format!(r#""join":{{"info":{ANN}}}"#)),
        push(PushEvent::Leave(Arc::default()), r#""leave":{"info":{"user":"","client":""}}"#),
        push(
            PushEvent::Unsubscribe(UnsubscribeCode::INSUFFICIENT_STATE.into()),
            r#""unsubscribe":{"code":2500,"reason":"insufficient state"}"#,
        ),
        push(
            PushEvent::Subscribe(SubscribePush {
                recoverable: true,
                positioned: true,
                position: position(3, "e"),
                data: json("1"),
            }),
            r#""subscribe":{"recoverable":true,"epoch":"e","offset":3,"positioned":true,"data":1}"#,
        ),
        alone(PushEvent::Message(json(r#""hi""#)), r#""message":{"data":"hi"}"#),
        alone(
            PushEvent::Connect(Box::new(connected())),
            &format!(
                r#""connect":{{"client":"c1","version":"1","data":{{"hi":1}},"subs":{server},"expires":true,"ttl":60,"ping":25,"pong":true,"session":"s","node":"n","time":5}}"#
            ),
        ),
        alone(
            PushEvent::Disconnect(DisconnectCode::SHUTDOWN.into()),
            r#""disconnect":{"code":3001,"reason":"shutdown","reconnect":true}"#,
        ),
        alone(
            PushEvent::Disconnect(Disconnect::new(DisconnectCode::own(4500).unwrap(), "gone")),
            r#""disconnect":{"code":4500,"reason":"gone"}"#,
        ),
        alone(PushEvent::Refresh(Some(30)), r#""refresh":{"expires":true,"ttl":30}"#),
        (
            Message::Push(Push {
                channel: "news".to_owned(),
                id: 12,
                event: PushEvent::Join(Arc::default()),
            }),
            r#"{"push":{"id":12,"join":{"info":{"user":"","client":""}}}}"#.to_owned(),
        ),
    ]
}

#[test]
fn each_is_the_json_that_clients_know() {
    for (message, json) in all() {
        let mut out = Vec::new();
        message.write(Codec::Json, &mut out);
        assert_eq!(String::from_utf8(out).unwrap(), json);
    }
}

#[test]
fn messages_are_joined_to_frames() {
    let (mut json, mut protobuf) = (Vec::new(), Vec::new());
    for (message, _) in all() {
        message.write(Codec::Json, &mut json);
        message.write(Codec::Protobuf, &mut protobuf);
    }
    Codec::Json.write_ping(&mut json);
    Codec::Protobuf.write_ping(&mut protobuf);
    let expected: Vec<_> = all().into_iter().map(|(_, json)| json).chain(["{}".to_owned()]).collect();
    assert_eq!(String::from_utf8(json).unwrap().lines().collect::<Vec<_>>(), expected);
    let mut alone = Vec::new();
    for (message, _) in all() {
        let mut one = Vec::new();
        message.write(Codec::Protobuf, &mut one);
        Codec::Protobuf.join(&mut alone, &one);
    }
    assert_eq!(protobuf, [&alone[..], &[0]].concat());
}

#[test]
fn a_bare_push_is_in_no_reply() {
    let push = Push::in_channel("news", PushEvent::Publication(publication().into()));
    let (mut json, mut wrapped, mut bare) = (Vec::new(), Vec::new(), Vec::new());
    Codec::Json.write_bare_push(&push, &mut json);
    assert_eq!(String::from_utf8(json).unwrap(), format!(r#"{{"channel":"news","pub":{PUBLICATION}}}"#));
    Codec::Protobuf.write_push(&push, &mut wrapped);
    Codec::Protobuf.write_bare_push(&push, &mut bare);
    // After the length it is field 4, whose length and bytes are those of the bare one.
    assert_eq!((wrapped[1], &wrapped[2..]), (4 << 3 | 2, &bare[..]));
}
