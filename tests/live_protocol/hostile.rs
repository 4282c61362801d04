//! Frames that no client sends.

use actix_charter::live::protocol::{BadFrame, Codec, Limits, Request, is_json};
use bytes::Bytes;
use proptest::prelude::*;

use crate::client::{field, varint};

fn refused(codec: Codec, frame: impl AsRef<[u8]>) -> BadFrame {
    codec.decode_frame(&Bytes::copy_from_slice(frame.as_ref()), &Limits::default()).unwrap_err()
}

fn delimited(message: &[u8]) -> Vec<u8> {
    let mut frame = Vec::new();
    varint(&mut frame, message.len() as u64);
    frame.extend_from_slice(message);
    frame
}

#[test]
fn nothing_at_all() {
    assert_eq!(refused(Codec::Json, b""), BadFrame::Empty);
    assert_eq!(refused(Codec::Protobuf, b""), BadFrame::Empty);
    assert_eq!(refused(Codec::Json, b"\n"), BadFrame::Malformed);
    assert_eq!(refused(Codec::Json, b"{}\n\n{}"), BadFrame::Malformed);
}

#[test]
fn what_is_no_json() {
    for frame in [
        "{",
        "}",
        "{}{}",
        "{} x",
        "nul",
        "{\"id\":1,\"ping\":{}",
        "{'id':1}",
        "{\"id\":1,\"rpc\":{\"data\":{]}}",
        "\u{feff}{}",
    ] {
        assert_eq!(refused(Codec::Json, frame), BadFrame::Malformed, "{frame}");
    }
    assert_eq!(refused(Codec::Json, b"{\"id\":1,\"ping\":\"\xff\"}"), BadFrame::NotText);
    // A line is a message, wherever it ends.
    assert_eq!(refused(Codec::Json, "{\"id\":1,\n\"ping\":{}}"), BadFrame::Malformed);
}

#[test]
fn fields_that_are_something_else() {
    for frame in [
        "[]",
        "1",
        "null",
        r#"{"id":-1}"#,
        r#"{"id":4294967296,"ping":{}}"#,
        r#"{"id":1.5}"#,
        r#"{"id":"1"}"#,
        r#"{"id":1,"id":2,"ping":{}}"#,
        r#"{"id":1,"ping":{},"ping":{}}"#,
        r#"{"id":1,"subscribe":{"channel":5}}"#,
        r#"{"id":1,"subscribe":{"offset":-1}}"#,
        r#"{"id":1,"subscribe":{"offset":18446744073709551616}}"#,
        r#"{"id":1,"subscribe":["c"]}"#,
        r#"{"id":1,"ping":1}"#,
        r#"{"id":1,"history":{"since":[1,"e"]}}"#,
        r#"[1,{}]"#,
        r#"{"id":1,"connect":{"subs":[]}}"#,
        r#"{"id":1,"connect":{"subs":{"a":1}}}"#,
        r#"{"id":1,"connect":{"headers":{"a":1}}}"#,
    ] {
        assert_eq!(refused(Codec::Json, frame), BadFrame::WrongValue, "{frame}");
    }
}

#[test]
fn commands_that_ask_for_nothing() {
    assert_eq!(refused(Codec::Json, r#"{"id":1}"#), BadFrame::NoRequest);
    assert_eq!(refused(Codec::Json, r#"{"id":1,"unheard":{}}"#), BadFrame::NoRequest);
    assert_eq!(refused(Codec::Json, r#"{"ping":{}}"#), BadFrame::NoId);
    assert_eq!(refused(Codec::Protobuf, delimited(&[8, 1])), BadFrame::NoRequest);
    assert_eq!(refused(Codec::Protobuf, delimited(&[0x5a, 0])), BadFrame::NoId);
}

#[test]
fn a_nest_in_a_nest() {
    let nest = |depth: usize| {
        format!(r#"{{"id":1,"rpc":{{"method":"m","data":{}{}}}}}"#, "[".repeat(depth), "]".repeat(depth))
    };
    let limit = Limits::default().depth;
    Codec::Json.decode_frame(&nest(limit - 2).into(), &Limits::default()).unwrap();
    assert_eq!(refused(Codec::Json, nest(limit - 1)), BadFrame::TooDeep);
    assert_eq!(refused(Codec::Json, nest(30_000)), BadFrame::TooDeep);
    // Brackets in texts are none, however the texts are escaped.
    let text = format!(r#"{{"id":1,"send":{{"data":"\\\"{}"}}}}"#, "[".repeat(1000));
    let commands = Codec::Json.decode_frame(&text.into(), &Limits::default()).unwrap();
    assert!(matches!(&commands[0].request, Request::Send(data) if data.len() == 1006));
    // Also in what is ignored.
    assert_eq!(
        refused(Codec::Json, format!(r#"{{"x":{}{}}}"#, "[".repeat(100), "]".repeat(100))),
        BadFrame::TooDeep
    );
    // Groups are the nests of Protobuf.
    assert_eq!(refused(Codec::Protobuf, delimited(&[0xfb, 0x01].repeat(20_000))), BadFrame::Malformed);
}

#[test]
fn lengths_that_lie() {
    assert_eq!(refused(Codec::Protobuf, [5, 8, 1]), BadFrame::Truncated);
    assert_eq!(refused(Codec::Protobuf, [0xff, 0xff, 0xff, 0xff, 0x7f]), BadFrame::Truncated);
    assert_eq!(refused(Codec::Protobuf, [0x80]), BadFrame::Malformed);
    assert_eq!(refused(Codec::Protobuf, [0xff; 11]), BadFrame::Malformed);
    // Within a message: longer than it, longer than the frame, longer than anything.
    for length in [
        &[3][..],
        &[0xff, 0xff, 0xff, 0xff, 0x0f],
        &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1],
    ] {
        assert_eq!(
            refused(Codec::Protobuf, delimited(&[&[0x62][..], length, &[1, 2]].concat())),
            BadFrame::Malformed
        );
    }
    // The next message's bytes are not this one's.
    let stolen = [delimited(&[8, 1, 0x5a, 4]), delimited(&[8, 2, 0x5a, 0])].concat();
    assert_eq!(refused(Codec::Protobuf, stolen), BadFrame::Malformed);
}

#[test]
fn every_beginning_of_a_message_is_refused() {
    let mut rpc = Vec::new();
    field(&mut rpc, 1, b"[1]");
    field(&mut rpc, 2, b"sum");
    let mut message = vec![8, 1];
    field(&mut message, 13, &rpc);
    let frame = delimited(&message);
    for end in 1..frame.len() {
        assert_eq!(refused(Codec::Protobuf, &frame[..end]), BadFrame::Truncated);
    }
    let json = br#"{"id":1,"rpc":{"method":"sum","data":[1]}}"#;
    for end in 1..json.len() {
        assert_eq!(refused(Codec::Json, &json[..end]), BadFrame::Malformed);
    }
    assert_eq!(refused(Codec::Protobuf, [&frame[..], &[1]].concat()), BadFrame::Truncated);
    assert_eq!(refused(Codec::Json, [&json[..], b"x"].concat()), BadFrame::Malformed);
}

#[test]
fn texts_that_are_none() {
    let mut subscribe = Vec::new();
    field(&mut subscribe, 1, b"\xff\xfe");
    let mut message = vec![8, 1];
    field(&mut message, 5, &subscribe);
    assert_eq!(refused(Codec::Protobuf, delimited(&message)), BadFrame::Malformed);
    // A wrong wire type for a known field.
    assert_eq!(refused(Codec::Protobuf, delimited(&[0x0a, 1, 1])), BadFrame::Malformed);
}

#[test]
fn a_repeated_field_of_protobuf_counts_as_its_last() {
    let frame = Bytes::from(delimited(&[8, 1, 8, 2, 0x5a, 0, 0x5a, 0]));
    let commands = Codec::Protobuf.decode_frame(&frame, &Limits::default()).unwrap();
    assert_eq!((commands.len(), commands[0].id, &commands[0].request), (1, 2, &Request::Ping));
}

#[test]
fn ten_thousand_commands() {
    let json = vec![r#"{"id":1,"ping":{}}"#; 10_000].join("\n");
    assert_eq!(refused(Codec::Json, json), BadFrame::TooManyCommands);
    assert_eq!(
        refused(Codec::Protobuf, delimited(&[8, 1, 0x5a, 0]).repeat(10_000)),
        BadFrame::TooManyCommands
    );
    assert_eq!(refused(Codec::Protobuf, [0; 10_000]), BadFrame::TooManyCommands);
    let limits = Limits { commands: 2, ..Limits::default() };
    assert_eq!(Codec::Json.decode_frame(&Bytes::from_static(b"{}\n{}\n"), &limits).unwrap().len(), 2);
    assert_eq!(
        Codec::Json.decode_frame(&Bytes::from_static(b"{}\n{}\n{}"), &limits),
        Err(BadFrame::TooManyCommands)
    );
}

#[test]
fn ten_thousand_subscriptions() {
    let subs: Vec<_> = (0..10_000).map(|number| format!(r#""{number}":{{}}"#)).collect();
    assert_eq!(
        refused(Codec::Json, format!(r#"{{"id":1,"connect":{{"subs":{{{}}}}}}}"#, subs.join(","))),
        BadFrame::TooManySubscriptions
    );
    let mut message = vec![8, 1];
    field(&mut message, 4, &[0x1a, 0].repeat(10_000));
    assert_eq!(refused(Codec::Protobuf, delimited(&message)), BadFrame::TooManySubscriptions);
}

#[test]
fn commands_before_the_bad_one_are_read() {
    let mut commands =
        Codec::Json.commands(Bytes::from_static(b"{\"id\":1,\"ping\":{}}\n{\n{}"), Limits::default());
    assert_eq!(commands.next().unwrap().unwrap().id, 1);
    assert_eq!(commands.next(), Some(Err(BadFrame::Malformed)));
    assert_eq!(commands.next(), None);
}

#[test]
fn errors_never_carry_what_was_sent() {
    for error in [refused(Codec::Json, r#"{"id":"secret"}"#), refused(Codec::Json, "secret")] {
        assert!(!format!("{error} {error:?}").contains("secret"));
    }
}

#[test]
fn what_would_break_out_of_a_frame_is_no_json() {
    for data in ["", "1,2", r#"1},"x":{"#, "\"\n\"", "{\"a\":1", "{}{}", "'a'", "01", "\u{1}"] {
        assert!(!is_json(data.as_bytes(), 64), "{data}");
    }
    for data in ["null", " [1, 2.5e3] ", r#"{"a":"\ud800"}"#, "\"ä\"", "{\n}"] {
        assert!(is_json(data.as_bytes(), 64), "{data}");
    }
    assert!(!is_json(b"\"\xff\"", 64));
}

proptest! {
    #[test]
    fn any_bytes_give_commands_or_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        for codec in [Codec::Json, Codec::Protobuf] {
            let commands: Vec<_> = codec.commands(Bytes::from(bytes.clone()), Limits::default()).collect();
            prop_assert!(!commands.is_empty());
            // Only the last one can be an error.
            prop_assert!(commands.iter().rev().skip(1).all(Result::is_ok));
        }
    }

    #[test]
    fn a_flipped_byte_gives_commands_or_an_error(at in any::<prop::sample::Index>(), byte: u8) {
        for line in serde_json::from_str::<Vec<serde_json::Value>>(crate::commands::VECTORS).unwrap() {
            let protobuf = crate::commands::unhex(line["protobuf"].as_str().unwrap());
            let json = line["json"].as_str().unwrap().as_bytes().to_vec();
            for (codec, mut frame) in [(Codec::Json, json), (Codec::Protobuf, protobuf)] {
                let at = at.index(frame.len());
                frame[at] = byte;
                let size = frame.len();
                for command in codec.decode_frame(&frame.into(), &Limits::default()).unwrap_or_default() {
                    if let Request::Publish(publish) = command.request {
                        prop_assert!(publish.channel.len() + publish.data.len() < size);
                    }
                }
            }
        }
    }
}
