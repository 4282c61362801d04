//! What goes to many.

use std::sync::Arc;

use actix_charter::live::{
    ClientInfo, Publication,
    protocol::{
        Codec, Entry, Form, Push, PushEvent, encode_entry, encode_join, encode_leave, encode_publication,
    },
};
use bytes::Bytes;
use proptest::{collection::vec, option, prelude::*};
use prost::Message;
use serde_json::{Value, json};

#[derive(Clone, PartialEq, Message)]
struct ReplyWire {
    #[prost(message, optional, tag = "4")]
    push: Option<PushWire>,
}

#[derive(Clone, PartialEq, Message)]
struct PushWire {
    #[prost(int64, tag = "1")]
    id: i64,
    #[prost(string, tag = "2")]
    channel: String,
    #[prost(message, optional, tag = "4")]
    publication: Option<PublicationWire>,
}

#[derive(Clone, PartialEq, Message)]
struct PublicationWire {
    #[prost(bytes = "vec", tag = "4")]
    data: Vec<u8>,
    #[prost(message, optional, tag = "5")]
    info: Option<InfoWire>,
    #[prost(uint64, tag = "6")]
    offset: u64,
    #[prost(btree_map = "string, string", tag = "7")]
    tags: std::collections::BTreeMap<String, String>,
    #[prost(bool, tag = "8")]
    delta: bool,
    #[prost(int64, tag = "9")]
    time: i64,
    #[prost(uint64, tag = "16")]
    version: u64,
}

#[derive(Clone, PartialEq, Message)]
struct InfoWire {
    #[prost(string, tag = "1")]
    user: String,
    #[prost(string, tag = "2")]
    client: String,
    #[prost(bytes = "vec", tag = "3")]
    conn_info: Vec<u8>,
    #[prost(bytes = "vec", tag = "4")]
    chan_info: Vec<u8>,
}

fn infos() -> impl Strategy<Value = ClientInfo> {
    let data = || option::of(any::<u16>().prop_map(|number| Bytes::from(number.to_string())));
    (any::<String>(), any::<String>(), data(), data())
        .prop_map(|(user, client, connection, channel)| ClientInfo { user, client, connection, channel })
}

fn publications() -> impl Strategy<Value = Publication> {
    // Around the lengths whose own length grows by a byte.
    let data = prop_oneof![
        vec(any::<char>(), 0..40).prop_map(String::from_iter),
        (0..300_usize).prop_map(|size| "x".repeat(size)),
        (16_200..16_600_usize).prop_map(|size| "x".repeat(size)),
    ];
    let tags = proptest::collection::btree_map(any::<String>(), any::<String>(), 0..3);
    (any::<u64>(), data, option::of(infos()), option::of(tags), any::<i64>(), any::<u64>()).prop_map(
        |(offset, data, info, tags, time, version)| Publication {
            offset,
            data: serde_json::to_vec(&data).unwrap().into(),
            info: info.map(Arc::new),
            tags: tags.map(|tags| tags.into_iter().map(|(key, value)| (key.into(), value.into())).collect()),
            time,
            version,
            ..Publication::default()
        },
    )
}

fn forms() -> impl Strategy<Value = Form> {
    prop_oneof![
        Just(Form::Plain),
        Just(Form::Whole),
        any::<String>().prop_map(|delta| Form::Delta(delta.into()))
    ]
}

fn wire(channel: &str, id: i64, publication: &Publication, form: &Form) -> PushWire {
    PushWire {
        id,
        channel: if id == 0 { channel.to_owned() } else { String::new() },
        publication: Some(PublicationWire {
            data: if let Form::Delta(delta) = form { delta.to_vec() } else { publication.data.to_vec() },
            info: publication.info.as_ref().map(|info| InfoWire {
                user: info.user.clone(),
                client: info.client.clone(),
                conn_info: info.connection.as_deref().unwrap_or_default().to_vec(),
                chan_info: info.channel.as_deref().unwrap_or_default().to_vec(),
            }),
            offset: publication.offset,
            tags: publication
                .tags
                .iter()
                .flat_map(|tags| tags.iter())
                .map(|(key, value)| (key.to_string(), value.to_string()))
                .collect(),
            delta: matches!(form, Form::Delta(_)),
            time: publication.time,
            version: publication.version,
        }),
    }
}

proptest! {
    #[test]
    fn any_publication_arrives_as_it_was(channel: String, id in prop_oneof![Just(0), any::<i64>()], publication in publications(), form in forms()) {
        let expected = wire(&channel, id, &publication, &form);
        let frame = encode_entry(&channel, id, &publication, &form, Codec::Protobuf);
        let reply = ReplyWire::decode_length_delimited(&frame[..]).unwrap();
        prop_assert_eq!(reply.push.as_ref(), Some(&expected));

        let frame = encode_entry(&channel, id, &publication, &form, Codec::Json);
        prop_assert!(!frame.contains(&b'\n'));
        let reply: Value = serde_json::from_slice(&frame).unwrap();
        let push = &reply["push"];
        prop_assert_eq!(push["id"].as_i64().unwrap_or_default(), id);
        prop_assert_eq!(push["channel"].as_str().unwrap_or_default(), expected.channel);
        let (publication, expected) = (&push["pub"], expected.publication.unwrap());
        prop_assert_eq!(publication["offset"].as_u64().unwrap_or_default(), expected.offset);
        prop_assert_eq!(publication["time"].as_i64().unwrap_or_default(), expected.time);
        prop_assert_eq!(publication["version"].as_u64().unwrap_or_default(), expected.version);
        prop_assert_eq!(publication["delta"].as_bool().unwrap_or_default(), expected.delta);
        let data = match form {
            Form::Plain => serde_json::to_vec(&publication["data"]).unwrap(),
            Form::Whole | Form::Delta(_) => publication["data"].as_str().unwrap().as_bytes().to_vec(),
        };
        prop_assert_eq!(data, expected.data);
        let tags = publication.get("tags").cloned().unwrap_or_else(|| json!({}));
        prop_assert_eq!(tags, json!(expected.tags));
        prop_assert_eq!(publication.get("info").is_some(), expected.info.is_some());
        if let Some(info) = expected.info {
            prop_assert_eq!(&publication["info"]["user"], &json!(info.user));
            prop_assert_eq!(&publication["info"]["client"], &json!(info.client));
            let data = |name: &str| publication["info"].get(name).map_or(String::new(), ToString::to_string).into_bytes();
            prop_assert_eq!((data("conn_info"), data("chan_info")), (info.conn_info, info.chan_info));
        }
    }

    #[test]
    fn a_frame_of_its_own_is_the_push(channel: String, publication in publications(), info in infos()) {
        let info = Arc::new(info);
        for codec in [Codec::Json, Codec::Protobuf] {
            for (frame, event) in [
                (encode_publication(&channel, &publication, codec), PushEvent::Publication(Entry::from(publication.clone()))),
                (encode_join(&channel, &info, codec), PushEvent::Join(info.clone())),
                (encode_leave(&channel, &info, codec), PushEvent::Leave(info.clone())),
            ] {
                let mut out = Vec::new();
                codec.write_push(&Push::in_channel(channel.as_str(), event), &mut out);
                prop_assert_eq!(&frame[..], &out[..]);
            }
        }
    }
}

#[test]
fn line_ends_in_data_do_not_end_the_line() {
    let data = Bytes::from_static(b"{\r\n  \"a\": \"\\n\"\n}");
    let publication = Publication { data, ..Publication::default() };
    let frame = encode_publication("c", &publication, Codec::Json);
    assert_eq!(frame, r#"{"push":{"channel":"c","pub":{"data":{    "a": "\n" }}}}"#);
    // A delta is made between the data as it is, so its text is not touched.
    let frame = encode_entry("c", 0, &publication, &Form::Whole, Codec::Json);
    assert_eq!(frame, r#"{"push":{"channel":"c","pub":{"data":"{\r\n  \"a\": \"\\n\"\n}"}}}"#);
}

#[test]
fn without_data_json_has_null() {
    let frame = encode_publication("c", &Publication::default(), Codec::Json);
    assert_eq!(frame, r#"{"push":{"channel":"c","pub":{"data":null}}}"#);
}

#[test]
fn offsets_keep_all_their_digits() {
    let publication = Publication { offset: u64::MAX, data: "1".into(), ..Publication::default() };
    let frame = encode_publication("c", &publication, Codec::Json);
    assert_eq!(frame, r#"{"push":{"channel":"c","pub":{"data":1,"offset":18446744073709551615}}}"#);
}
