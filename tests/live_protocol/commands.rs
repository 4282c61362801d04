//! Every command there is.

use actix_charter::live::{
    Position,
    protocol::{
        Codec, Command, Comparison, ConnectRequest, HistoryRequest, Limits, PublishRequest, RecoverRequest,
        Request, RpcRequest, SubRefreshRequest, SubscribeRequest, TagFilter,
    },
};
use bytes::Bytes;
use proptest::{collection::btree_map, option, prelude::*};
use serde::Deserialize;

use crate::client;

#[derive(Deserialize)]
struct Vector {
    what: String,
    json: String,
    protobuf: String,
}

pub(crate) const VECTORS: &str = include_str!("vectors/npm_centrifuge_5.8.0.json");

pub(crate) fn unhex(hex: &str) -> Vec<u8> {
    let digit = |byte: u8| (byte as char).to_digit(16).unwrap() as u8;
    hex.as_bytes().chunks(2).map(|pair| digit(pair[0]) << 4 | digit(pair[1])).collect()
}

pub(crate) fn decode(codec: Codec, frame: &[u8]) -> Vec<Command> {
    codec.decode_frame(&Bytes::copy_from_slice(frame), &Limits::default()).unwrap()
}

fn bytes(text: &str) -> Bytes {
    Bytes::copy_from_slice(text.as_bytes())
}

fn position(offset: u64, epoch: &str) -> Position {
    Position { offset, epoch: epoch.into() }
}

fn expected(what: &str) -> (u32, Request) {
    let connect = |token: &str| ConnectRequest {
        token: token.to_owned(),
        data: bytes(r#"{"who":"Ann \"A\""}"#),
        name: "js".to_owned(),
        version: "1.2.3".to_owned(),
        headers: [("x-a".to_owned(), "b".to_owned())].into(),
        ..ConnectRequest::default()
    };
    let tag = |key: &str, comparison| TagFilter::Tag { key: key.into(), comparison };
    match what {
        "connect" => (1, Request::Connect(Box::new(connect("t")))),
        "refresh" => (2, Request::Refresh("t2".to_owned())),
        "pong" => (0, Request::Pong),
        "subscribe" => (
            3,
            Request::Subscribe(Box::new(SubscribeRequest {
                channel: "room:ä".to_owned(),
                token: "st".to_owned(),
                recover: true,
                position: position(9_007_199_254_740_991, "ep"),
                data: bytes(r#"{"a":[1]}"#),
                positioned: true,
                recoverable: true,
                join_leave: true,
                delta: "fossil".to_owned(),
                flag: SubscribeRequest::NUMERIC_IDS,
                ..SubscribeRequest::default()
            })),
        ),
        "sub_refresh" => (
            4,
            Request::SubRefresh(SubRefreshRequest {
                channel: "room:ä".to_owned(),
                token: "st2".to_owned(),
                kind: 0,
            }),
        ),
        "subscribe filtered" => (
            5,
            Request::Subscribe(Box::new(SubscribeRequest {
                channel: "filtered".to_owned(),
                recover: true,
                flag: SubscribeRequest::NUMERIC_IDS | SubscribeRequest::REJECT_UNRECOVERED,
                filter: Some(Ok(TagFilter::All(vec![
                    tag("ticker", Comparison::In(vec!["BTC".into(), "ETH".into()])),
                    TagFilter::Any(vec![
                        tag("price", Comparison::GreaterOrEqual("10.5".into())),
                        TagFilter::Not(Box::new(tag("old", Comparison::Exists))),
                    ]),
                ]))),
                ..SubscribeRequest::default()
            })),
        ),
        "publish" => (
            6,
            Request::Publish(PublishRequest {
                channel: "news".to_owned(),
                data: bytes("{\"text\":\"line\\nbreak \u{2028} ✓\"}"),
                kind: 0,
            }),
        ),
        "presence" => (7, Request::Presence("news".to_owned())),
        "presence_stats" => (8, Request::PresenceStats("news".to_owned())),
        "history" => (
            9,
            Request::History(HistoryRequest {
                channel: "news".to_owned(),
                limit: 10,
                since: Some(position(4, "e")),
                reverse: true,
            }),
        ),
        "history all" => (
            10,
            Request::History(HistoryRequest {
                channel: "news".to_owned(),
                limit: -1,
                since: None,
                reverse: false,
            }),
        ),
        "rpc" => (11, Request::Rpc(RpcRequest { method: "sum".to_owned(), data: bytes("[1,2]") })),
        "send" => (0, Request::Send(bytes(r#""hello""#))),
        "unsubscribe" => (12, Request::Unsubscribe("room:ä".to_owned())),
        "unsubscribe filtered" => (13, Request::Unsubscribe("filtered".to_owned())),
        "connect again" => {
            let server = RecoverRequest { recover: true, position: position(5, "e") };
            let subs = [("server".to_owned(), server)].into();
            (14, Request::Connect(Box::new(ConnectRequest { subs, ..connect("t2") })))
        }
        "ping" => (99, Request::Ping),
        what => panic!("nothing is known of {what}"),
    }
}

#[test]
fn what_the_real_client_sends_is_understood() {
    let vectors: Vec<Vector> = serde_json::from_str(VECTORS).unwrap();
    assert_eq!(vectors.len(), 17);
    for Vector { what, json, protobuf } in vectors {
        let (id, request) = expected(&what);
        let expected = vec![Command { id, request }];
        assert_eq!(decode(Codec::Json, json.as_bytes()), expected, "{what}");
        assert_eq!(decode(Codec::Protobuf, &unhex(&protobuf)), expected, "{what}");
    }
}

#[test]
fn all_of_them_fit_into_one_frame() {
    let vectors: Vec<Vector> = serde_json::from_str(VECTORS).unwrap();
    let expected: Vec<_> = vectors
        .iter()
        .map(|vector| expected(&vector.what))
        .map(|(id, request)| Command { id, request })
        .collect();
    let json: Vec<_> = vectors.iter().map(|vector| vector.json.as_str()).collect();
    assert_eq!(decode(Codec::Json, json.join("\n").as_bytes()), expected);
    assert_eq!(decode(Codec::Json, (json.join("\r\n") + "\n").as_bytes()), expected);
    let protobuf: Vec<_> = vectors.iter().flat_map(|vector| unhex(&vector.protobuf)).collect();
    assert_eq!(decode(Codec::Protobuf, &protobuf), expected);
}

#[test]
fn data_is_a_part_of_the_frame_and_no_copy() {
    let json = Bytes::from_static(br#"{"id":1,"rpc":{"method":"m","data": {"a" : [1]} }}"#);
    let protobuf = Bytes::from(
        client::message(&Command {
            id: 1,
            request: Request::Rpc(RpcRequest { method: "m".to_owned(), data: bytes(r#"{"a" : [1]}"#) }),
        })
        .protobuf(),
    );
    for (codec, frame) in [(Codec::Json, json), (Codec::Protobuf, protobuf)] {
        let commands = codec.decode_frame(&frame, &Limits::default()).unwrap();
        let Request::Rpc(rpc) = &commands[0].request else { panic!() };
        assert_eq!(&rpc.data[..], br#"{"a" : [1]}"#);
        assert!(frame.as_ptr_range().contains(&rpc.data.as_ptr()), "{codec:?} copied");
    }
}

#[test]
fn null_is_a_value_in_data_and_nothing_elsewhere() {
    let commands = decode(
        Codec::Json,
        br#"{"id":1,"rpc":{"method":"m","data":null},"refresh":null}
{"id":2,"connect":{"token":null,"subs":null,"headers":null,"data":null}}
{"id":3,"history":{"channel":"c","since":null,"limit":null}}
{"id":4,"subscribe":{"channel":"c","tf":null}}"#,
    );
    assert_eq!(commands[0].request, Request::Rpc(RpcRequest { method: "m".to_owned(), data: bytes("null") }));
    assert_eq!(
        commands[1].request,
        Request::Connect(Box::new(ConnectRequest { data: bytes("null"), ..ConnectRequest::default() }))
    );
    assert_eq!(
        commands[2].request,
        Request::History(HistoryRequest { channel: "c".to_owned(), ..HistoryRequest::default() })
    );
    let subscribe = SubscribeRequest { channel: "c".to_owned(), ..SubscribeRequest::default() };
    assert_eq!(commands[3].request, Request::Subscribe(Box::new(subscribe)));
}

#[test]
fn unknown_fields_are_ignored() {
    let json = br#"{"new":{"a":[{}]},"id":1,"ping":{"more":1},"other":null}"#;
    assert_eq!(decode(Codec::Json, json), [Command { id: 1, request: Request::Ping }]);
    // A field 300 of each wire type, before and within the request.
    let unknown = [
        &[0xe0, 0x12, 1][..],
        &[0xe1, 0x12, 1, 2, 3, 4, 5, 6, 7, 8],
        &[0xe2, 0x12, 2, 8, 8],
        &[0xe5, 0x12, 1, 2, 3, 4],
    ]
    .concat();
    let mut message = unknown.clone();
    message.extend([8, 1]);
    client::field(&mut message, 11, &unknown);
    let mut frame = Vec::new();
    client::varint(&mut frame, message.len() as u64);
    frame.extend(message);
    assert_eq!(decode(Codec::Protobuf, &frame), [Command { id: 1, request: Request::Ping }]);
}

#[test]
fn of_several_requests_the_first_of_the_protocol_counts() {
    let commands =
        decode(Codec::Json, br#"{"id":1,"rpc":{"method":"m"},"publish":{"channel":"c","data":1}}"#);
    assert!(matches!(&commands[0].request, Request::Publish(publish) if publish.channel == "c"));
}

fn data() -> impl Strategy<Value = Bytes> {
    // As serde_json writes it, for the client of this test does.
    prop_oneof![
        Just(Bytes::new()),
        any::<i64>().prop_map(|number| bytes(&number.to_string())),
        any::<String>()
            .prop_map(|text| serde_json::to_vec(&serde_json::json!({ "text": [text] })).unwrap().into()),
    ]
}

fn positions() -> impl Strategy<Value = Position> {
    (any::<u64>(), "[a-zA-Z]{0,4}").prop_map(|(offset, epoch)| position(offset, &epoch))
}

fn requests() -> impl Strategy<Value = Request> {
    let connect = (
        any::<String>(),
        data(),
        any::<String>(),
        any::<String>(),
        any::<i64>(),
        btree_map(any::<String>(), (any::<bool>(), positions()), 0..4),
        btree_map(any::<String>(), any::<String>(), 0..4),
    );
    let subscribe = (
        any::<(String, String, String)>(),
        any::<[bool; 4]>(),
        positions(),
        data(),
        any::<i64>(),
        any::<i32>(),
    );
    prop_oneof![
        connect.prop_map(|(token, data, name, version, flag, subs, headers)| {
            let subs = subs
                .into_iter()
                .map(|(channel, (recover, position))| (channel, RecoverRequest { recover, position }));
            Request::Connect(Box::new(ConnectRequest {
                token,
                data,
                subs: subs.collect(),
                name,
                version,
                headers,
                flag,
            }))
        }),
        subscribe.prop_map(
            |(
                (channel, token, delta),
                [recover, positioned, recoverable, join_leave],
                position,
                data,
                flag,
                kind,
            )| {
                Request::Subscribe(Box::new(SubscribeRequest {
                    channel,
                    token,
                    recover,
                    position,
                    data,
                    positioned,
                    recoverable,
                    join_leave,
                    delta,
                    filter: None,
                    flag,
                    kind,
                }))
            }
        ),
        any::<String>().prop_map(Request::Unsubscribe),
        (any::<String>(), data(), any::<i32>())
            .prop_map(|(channel, data, kind)| Request::Publish(PublishRequest { channel, data, kind })),
        any::<String>().prop_map(Request::Presence),
        any::<String>().prop_map(Request::PresenceStats),
        (any::<String>(), any::<i32>(), option::of(positions()), any::<bool>()).prop_map(
            |(channel, limit, since, reverse)| Request::History(HistoryRequest {
                channel,
                limit,
                since,
                reverse
            })
        ),
        Just(Request::Ping),
        data().prop_map(Request::Send),
        (any::<String>(), data()).prop_map(|(method, data)| Request::Rpc(RpcRequest { method, data })),
        any::<String>().prop_map(Request::Refresh),
        any::<(String, String, i32)>().prop_map(|(channel, token, kind)| Request::SubRefresh(
            SubRefreshRequest { channel, token, kind }
        )),
    ]
}

proptest! {
    #[test]
    fn any_command_is_read_as_it_was_written(commands in proptest::collection::vec((1..u32::MAX, requests()), 1..8)) {
        let commands: Vec<_> = commands.into_iter().map(|(id, request)| Command { id, request }).collect();
        let messages: Vec<_> = commands.iter().map(client::message).collect();
        let json: Vec<_> = messages.iter().map(client::Message::json).collect();
        prop_assert_eq!(&decode(Codec::Json, json.join("\n").as_bytes()), &commands);
        let protobuf: Vec<_> = messages.iter().flat_map(client::Message::protobuf).collect();
        prop_assert_eq!(&decode(Codec::Protobuf, &protobuf), &commands);
    }
}
