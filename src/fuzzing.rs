//! What the fuzz targets call: the parsers of what clients send, on any bytes. Only built under `cfg(fuzzing)`.
#![allow(missing_docs, reason = "the fuzz targets call it, nobody else")]

use std::collections::BTreeMap;

use actix_web::{
    dev::Payload,
    http::header::{CONTENT_TYPE, HeaderValue},
    test::TestRequest,
};
use bytes::Bytes;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    Model,
    endpoint::{DEFAULT_PAIRS_LIMIT, Options},
    media::{Offers, Parsing, Rendering, choose_parser},
    model::SchemaOf,
    problem::{Faults, In, MAX_FAULTS},
    request::{
        Call, Component, Multipart, Reading, UploadedFile,
        explain::{explain_json, explain_pairs},
        flat::{Pairs, read_pairs},
    },
};

/// Every kind of field.
#[derive(Debug, Deserialize, JsonSchema, Model)]
#[serde(rename_all = "camelCase")]
#[allow(dead_code, reason = "it is read, never looked at")]
struct Anything {
    text: String,
    number: i64,
    ratio: Option<f64>,
    flag: bool,
    #[serde(default)]
    list: Vec<u8>,
    #[serde(default)]
    kinds: Vec<Kind>,
    #[serde(default)]
    nested: Option<Box<Anything>>,
    #[serde(default)]
    map: BTreeMap<String, Kind>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[allow(dead_code, reason = "it is read, never looked at")]
enum Kind {
    One { value: u8 },
    Two { text: String, more: Vec<Kind> },
}

#[derive(Debug, Deserialize, JsonSchema, Model)]
#[allow(dead_code, reason = "it is read, never looked at")]
struct Flat {
    text: String,
    number: Option<i32>,
    #[serde(default)]
    list: Vec<String>,
    #[serde(default)]
    #[model(commas)]
    commas: Vec<u8>,
    #[model(null)]
    null: Option<bool>,
}

#[derive(Debug, Deserialize, JsonSchema, Model)]
#[allow(dead_code, reason = "it is read, never looked at")]
struct Upload {
    title: Option<String>,
    #[serde(default)]
    #[model(max_size = "1 KiB", max_files = 2, accept("text/*"))]
    files: Vec<UploadedFile>,
}

fn bounded(faults: &Faults) {
    assert!(faults.iter().count() <= MAX_FAULTS, "the list of faults has no bound");
    assert!(!faults.is_empty(), "a refusal that says nothing");
}

pub fn accept(data: &[u8]) {
    let Ok(value) = HeaderValue::from_bytes(data) else { return };
    let offers = Offers::new(&[Rendering::Json]);
    let _ = offers.choose(std::iter::once(&value));
    let _ = offers.choose_for_error([&value, &value].into_iter());
    let _ = choose_parser(&[Parsing::Json, Parsing::Form, Parsing::Multipart], Some(&value));
}

pub fn form_query(data: &[u8]) {
    match Pairs::from_urlencoded(In::Query, data, DEFAULT_PAIRS_LIMIT) {
        Err(faults) => bounded(&faults),
        Ok(pairs) => {
            if let Err(error) = read_pairs::<Flat>(&pairs) {
                bounded(&explain_pairs(In::Query, SchemaOf::of::<Flat>(), &pairs, Flat::WIRE, error));
            }
        }
    }
}

pub fn explain(data: &[u8]) {
    if serde_json::from_slice::<Anything>(data).is_err() {
        bounded(&explain_json::<Anything>(data));
    }
}

pub fn multipart(data: &[u8]) {
    thread_local!(static SYSTEM: actix_rt::SystemRunner = actix_rt::System::new());
    SYSTEM.with(|system| {
        system.block_on(async {
            let (request, _) = TestRequest::post()
                .insert_header((CONTENT_TYPE, "multipart/form-data; boundary=X"))
                .to_http_parts();
            let reading = Reading::new(&Options::new(), vec![Parsing::Multipart]);
            let payload = Payload::from(Bytes::copy_from_slice(data));
            let mut call = Call::new(request, payload, std::sync::Arc::new(reading));
            let _ = Multipart::<Upload>::extract(&mut call).await;
        });
    });
}

#[cfg(feature = "live")]
pub use live::{live_delta, live_json, live_protobuf};

#[cfg(feature = "live")]
mod live {
    use bytes::Bytes;

    use crate::live::{
        Publication,
        protocol::{Codec, Form, Limits, Request, delta, encode_entry, encode_publication, is_json},
    };

    pub fn live_json(data: &[u8]) {
        frame(Codec::Json, data);
    }

    pub fn live_protobuf(data: &[u8]) {
        frame(Codec::Protobuf, data);
    }

    /// What a client publishes goes to others: in JSON as one line, which holds what was published and nothing else.
    fn frame(codec: Codec, data: &[u8]) {
        let limits = Limits::default();
        let mut commands = 0;
        for command in codec.commands(Bytes::copy_from_slice(data), limits.clone()) {
            commands += 1;
            let Ok(command) = command else { continue };
            let tags = [("key".into(), "10".into()), ("ticker".into(), "BTC".into())];
            match command.request {
                Request::Subscribe(subscribe) => {
                    let _ = subscribe.filter.map(|filter| filter.map(|filter| filter.matches(&tags)));
                }
                Request::Publish(publish) => {
                    let publication = Publication { data: publish.data, ..Publication::default() };
                    let is_json = is_json(&publication.data, limits.depth);
                    assert!(
                        is_json || codec.is_binary() || publication.data.is_empty(),
                        "data that is no JSON"
                    );
                    let line = encode_publication(&publish.channel, &publication, Codec::Json);
                    assert!(!is_json || !line.contains(&b'\n'), "a line within a line");
                    assert!(
                        !is_json || serde_json::from_slice::<serde::de::IgnoredAny>(&line).is_ok(),
                        "a broken frame"
                    );
                    let _ = encode_publication(&publish.channel, &publication, Codec::Protobuf);
                }
                _ => {}
            }
        }
        assert!(commands <= limits.commands + 1, "a frame without a bound");
    }

    /// The first byte tells where the second publication begins.
    pub fn live_delta(data: &[u8]) {
        let Some((at, data)) = data.split_first() else { return };
        let (old, new) = data.split_at(usize::from(*at).min(data.len()));
        let created = delta::create(old, new);
        assert_eq!(delta::apply(old, &created, new.len()).as_deref(), Ok(new), "a wrong delta");
        if std::str::from_utf8(new).is_ok() {
            assert!(std::str::from_utf8(&created).is_ok(), "a delta that cuts a character");
        }
        let form = Form::Delta(created.into());
        let _ = encode_entry("c", 0, &Publication::default(), &form, Codec::Json);
        assert!(delta::apply(old, new, 4096).map_or(0, |made| made.len()) <= 4096, "a delta without a bound");
    }
}
