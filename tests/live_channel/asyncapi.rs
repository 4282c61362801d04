use std::process::Command;

use actix_charter::{
    document::SchemeDoc,
    live::{Personal, Subscription},
    prelude::*,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    fixture::Caller,
    foreign::{node_modules, run},
};

const SCRIPTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/live_channel/node");

/// What AsyncAPI's own parser says.
fn parsed(document: &Value) -> Value {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), document.to_string()).unwrap();
    let mut node = Command::new("node");
    node.arg(format!("{SCRIPTS}/validate.js")).arg(file.path());
    serde_json::from_slice(&run(node.env("NODE_PATH", node_modules("live_channel", SCRIPTS)))).unwrap()
}

#[derive(Serialize, Deserialize, JsonSchema, Model)]
struct NewMessage {
    /// What is said.
    text: String,
    /// Where it is said, on the map.
    #[serde(default)]
    place: Option<(f64, f64)>,
}

#[derive(Serialize, JsonSchema, Model)]
struct Message {
    by: String,
    said: NewMessage,
}

#[derive(Serialize, JsonSchema, Model)]
struct Welcome {
    last: Option<Message>,
}

/// A room was closed.
#[derive(Serialize, JsonSchema, Model)]
struct Closed {
    reason: String,
}

#[derive(Deserialize, JsonSchema, Model)]
#[serde(rename_all = "lowercase")]
enum Kind {
    #[allow(dead_code, reason = "only its schema counts")]
    Public,
    #[allow(dead_code, reason = "only its schema counts")]
    Secret,
}

#[derive(Deserialize, JsonSchema, Model)]
struct Place {
    /// Which kind of room.
    #[allow(dead_code, reason = "only its schema counts")]
    kind: Kind,
    /// The number on the door.
    #[allow(dead_code, reason = "only its schema counts")]
    id: u32,
}

#[derive(Debug, thiserror::Error, ApiError)]
enum SayError {
    /// The room is full.
    #[error("the room is full")]
    #[api(status = 409, code = "full")]
    Full,
    /// Only members talk.
    #[error("only members talk")]
    #[api(status = 403, code = "not-a-member")]
    NotAMember,
}

struct Rooms;

/// A room to talk in.
///
/// There are as many as you like.
#[channel(
    "room:{kind}:{id}",
    history(size = 100, ttl = "1h"),
    recover,
    tag = "chat",
    error("full" = 1001),
    sends(Closed)
)]
impl Rooms {
    /// Who may listen.
    #[subscribe]
    async fn enter(&self, _: Path<Place>, _: Identity<Caller>) -> Result<Subscription<Welcome>, SayError> {
        Ok(Subscription::new(Welcome { last: None }))
    }

    /// Say something.
    ///
    /// What is returned is broadcast.
    #[publish]
    async fn say(&self, Body(said): Body<NewMessage>) -> Result<Message, SayError> {
        if said.text.is_empty() { Err(SayError::NotAMember) } else { Err(SayError::Full) }
    }

    #[rpc("rename", deprecated)]
    async fn change_name(&self, _: Path<(String, u32)>, Body(name): Body<String>) -> Option<String> {
        Some(name)
    }

    #[rpc(hidden)]
    fn secret(&self) {}
}

struct Plain;

#[channel("news/{topic}*", name = "News")]
impl Plain {
    #[subscribe]
    fn listen(&self) {}
}

fn live() -> Live {
    Live::new().channel(Rooms).channel(Plain).personal(Personal::new("user:{user}").sends::<Message>())
}

fn document() -> Value {
    let info = Info::new("Talk", "1.0")
        .summary("Talk.")
        .description("Rooms to talk in.")
        .license("MIT", "MIT")
        .contact("Ann", "ann@example.org")
        .server("https://talk.example.org/api", "production")
        .server("http://localhost:8080", "here");
    let schemes = [
        SchemeDoc { name: "session".into(), value: json!({"type": "apiKey", "in": "cookie", "name": "sid"}) },
        SchemeDoc { name: "bearer".into(), value: json!({"type": "http", "scheme": "bearer"}) },
    ];
    live().asyncapi(&info, "/live", &schemes).unwrap().to_value().clone()
}

#[test]
fn everything_that_is_declared_is_told() {
    insta::assert_json_snapshot!(document());
}

#[test]
fn asyncapi_s_own_parser_takes_the_document() {
    let parsed = parsed(&document());
    let wrong: Vec<&Value> =
        parsed["diagnostics"].as_array().unwrap().iter().filter(|told| told["severity"] == 0).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    let operations = parsed["operations"].as_array().unwrap();
    let told: Vec<_> = operations.iter().map(|operation| operation["id"].as_str().unwrap()).collect();
    let expected = [
        "news_listen",
        "rooms_change_name",
        "rooms_enter",
        "rooms_say",
        "rooms_say_broadcast",
        "rooms_sent",
        "user_user_sent",
    ];
    assert_eq!(told, expected);
    assert_eq!(operations[1]["reply"], json!(["change_name_reply", "change_name_error"]));
    assert_eq!(operations[1]["address"], json!(["room:{kind}:{id}"]));
    assert_eq!(
        (&operations[4]["action"], &operations[4]["messages"]),
        (&json!("send"), &json!(["say_broadcast"]))
    );
    // The parser finds what is wrong, too.
    let mut wrong = document();
    wrong["operations"]["rooms_say"]["action"] = "shout".into();
    assert_eq!(self::parsed(&wrong)["operations"], Value::Null);
}

#[test]
fn channels_of_one_name_are_told() {
    struct Again;
    #[channel("again", name = "News")]
    impl Again {
        #[subscribe]
        fn listen(&self) {}
    }
    let faults = live().channel(Again).asyncapi(&Info::new("Talk", "1.0"), "/live", &[]).unwrap_err();
    let told: Vec<_> = faults.iter().collect();
    let expected =
        "the channels `news/{topic}*` and `again` are both called `News`; give one of them `name = \"..\"`";
    assert_eq!(told, [expected]);
}
