use std::process::Command;

use actix_web::web;
use serde_json::Value;

use crate::{
    foreign::{live_clients, run},
    server::{expected, serve},
};

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/live_clients/node/client.js");

async fn play(codec: &'static str) {
    let (server, state) = serve();
    let base = server.url("").trim_end_matches('/').to_owned();
    let seen = web::block(move || {
        run(Command::new("node").args([SCRIPT, codec, &base]).env("NODE_PATH", live_clients()))
    });
    let seen: Value = serde_json::from_slice(&seen.await.unwrap()).unwrap();
    assert_eq!(seen, expected());
    assert_eq!(state.live.metrics().insufficient, 0);
}

#[actix_web::test]
async fn npms_centrifuge_in_json() {
    play("json").await;
}

#[actix_web::test]
async fn npms_centrifuge_in_protobuf() {
    play("protobuf").await;
}
