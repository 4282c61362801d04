use std::process::Command;

use actix_web::web;
use serde_json::Value;

use crate::{
    foreign::{python, run},
    server::{expected, serve},
};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/live_clients/python");

async fn play(codec: &'static str) {
    let (server, state) = serve();
    let base = server.url("").trim_end_matches('/').to_owned();
    let seen = web::block(move || {
        let python = python("centrifuge-python", &format!("{FOLDER}/requirements.txt"));
        run(Command::new(python).arg(format!("{FOLDER}/client.py")).args([codec, &base]))
    });
    let seen: Value = serde_json::from_slice(&seen.await.unwrap()).unwrap();
    assert_eq!(seen, expected());
    assert_eq!(state.live.metrics().insufficient, 0);
}

#[actix_web::test]
async fn centrifuge_python_in_json() {
    play("json").await;
}

#[actix_web::test]
async fn centrifuge_python_in_protobuf() {
    play("protobuf").await;
}
