//! npm's `centrifuge` itself, in the version of `node/package-lock.json`.

use std::{
    io::Write as _,
    path::Path,
    process::{Command, Stdio},
};

use actix_charter::live::{
    Publication,
    protocol::{Codec, Form, delta, encode_entry},
};
use serde_json::{Map, Value, json};

use crate::{commands::VECTORS, deltas, foreign::live_clients, replies};

const SCRIPTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/live_protocol/node");

fn start(command: &mut Command) -> std::process::Output {
    let program = command.get_program().to_owned();
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap_or_else(|error| {
        panic!("{} cannot be started ({error}): install Node.js 18 or newer, with npm", program.display())
    });
    drop(child.stdin.take());
    child.wait_with_output().unwrap()
}

fn checked(output: std::process::Output) -> Vec<u8> {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

fn node(script: &str, input: Option<&Value>) -> Value {
    let mut command = Command::new("node");
    command.arg(Path::new(SCRIPTS).join(script)).env("NODE_PATH", live_clients());
    if let Some(input) = input {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(input.to_string().as_bytes()).unwrap();
        std::io::Seek::rewind(&mut file).unwrap();
        command.stdin(file);
    }
    serde_json::from_slice(&checked(start(&mut command))).unwrap()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Protobuf holds JSON as bytes, which the script prints as text.
fn with_texts(value: &Value) -> Value {
    match value {
        Value::Object(map) => map
            .iter()
            .map(|(key, value)| {
                let is_bytes = matches!(key.as_str(), "data" | "conn_info" | "chan_info");
                // What is a string already is a delta, or whole for one who gets deltas.
                let value = match value {
                    Value::String(text) if key == "data" && text.contains(['{', '\n']) => json!(text),
                    value if is_bytes => json!(value.to_string()),
                    value => with_texts(value),
                };
                (key.clone(), value)
            })
            .collect::<Map<_, _>>()
            .into(),
        Value::Array(items) => items.iter().map(with_texts).collect(),
        value => value.clone(),
    }
}

/// Without what Protobuf does not hold: zeros, and lists and maps with nothing in them. What the reply is about stays.
fn pruned(value: &Value, depth: usize) -> Value {
    let is_nothing = |value: &Value| match value {
        Value::Null => true,
        Value::Bool(value) => !value,
        Value::Number(number) => number.as_u64() == Some(0),
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(map) => map.is_empty() && depth > 0,
    };
    match value {
        Value::Object(map) => {
            let entries = map.iter().map(|(key, value)| (key.clone(), pruned(value, depth + 1)));
            entries.filter(|(_, value)| !is_nothing(value)).collect::<Map<_, _>>().into()
        }
        Value::Array(items) => items.iter().map(|item| pruned(item, depth + 1)).collect(),
        value => value.clone(),
    }
}

#[test]
fn the_vectors_are_what_the_client_sends() {
    assert_eq!(node("record.js", None), serde_json::from_str::<Value>(VECTORS).unwrap());
}

#[test]
fn the_client_understands_replies_pushes_and_deltas() {
    let codecs = [("json", Codec::Json), ("protobuf", Codec::Protobuf)];
    let (messages, pairs) = (replies::all(), deltas::pairs());
    let frames: Vec<_> = codecs
        .iter()
        .map(|(name, codec)| {
            let mut frame = Vec::new();
            for (message, _) in &messages {
                message.write(*codec, &mut frame);
            }
            codec.write_ping(&mut frame);
            json!({"codec": name, "frame": hex(&frame)})
        })
        .collect();
    let mut deltas = Vec::new();
    for (name, codec) in codecs {
        for (old, new) in &pairs {
            let form = Form::Delta(delta::create(old, new).into());
            let publication = Publication { offset: 1, data: new.clone().into(), ..Publication::default() };
            deltas.push(json!({"codec": name, "old": hex(old), "frame": hex(&encode_entry("c", 0, &publication, &form, codec))}));
            deltas.push(json!({"codec": name, "old": null, "frame": hex(&encode_entry("c", 0, &publication, &Form::Whole, codec))}));
        }
    }
    let answer = node("check.js", Some(&json!({"frames": frames, "deltas": deltas})));

    let expected: Vec<Value> =
        messages.iter().map(|(_, json)| serde_json::from_str(json).unwrap()).chain([json!({})]).collect();
    assert_eq!(answer["frames"][0], json!(expected));
    let seen = answer["frames"][1].as_array().unwrap();
    assert_eq!(seen.len(), expected.len());
    for (seen, expected) in seen.iter().zip(&expected) {
        assert_eq!(pruned(seen, 0), pruned(&with_texts(expected), 0));
    }
    let applied = answer["deltas"].as_array().unwrap();
    let expected = codecs
        .iter()
        .flat_map(|_| &pairs)
        .flat_map(|(_, new)| [true, false].map(|is_delta| json!({"isDelta": is_delta, "data": hex(new)})));
    assert_eq!(applied, &expected.collect::<Vec<_>>());
}
