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
