//! PyPI's `cent`, Centrifugo's own client for servers, over a real socket.

use std::process::Command;

use actix_charter::{
    live::{LiveApi, LiveNode},
    router::Router,
};
use actix_web::{App, web};
use serde_json::{Value, json};

use crate::{
    double::Kind,
    fixture::{Client, arrival, double, present},
    foreign::{python, run},
    npm::started,
};

const SCRIPTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/live_session/python");
const KEY: &str = "k-51c0ffee";

pub(crate) fn router(live: &LiveNode) -> Router {
    Router::new("/api").scheme(LiveApi::keys([(KEY, "tests")])).controller(LiveApi::new(live))
}

async fn connect(live: &LiveNode, user: &str, session: &str) -> (Client, String) {
    let mut arrival = arrival(user);
    arrival.session = Some(session.to_owned());
    arrival.info = Some("{\"from\":\"tests\"}".into());
    let client = Client::open(live, arrival);
    let reply = client.ask("connect", json!({})).await;
    client.subscribe("plain:a").await;
    (client, reply["connect"]["client"].as_str().unwrap().to_owned())
}

#[actix_web::test]
async fn cent_does_whatever_it_can() {
    // First: it may take longer than connections go without an answer to a ping.
    let python = python("cent", &format!("{SCRIPTS}/requirements.txt"));
    let live = started(double().with("room", Kind::new(present())));
    let (phone, phone_id) = connect(&live, "ada", "s1").await;
    let (tablet, _) = connect(&live, "ada", "s2").await;
    let (bob, _) = connect(&live, "bob", "s3").await;
    for client in [&phone, &tablet, &bob] {
        client.subscribe("room").await;
    }
    let node = live.clone();
    let server = actix_test::start(move || App::new().service(router(&node)));
    let url = server.url("/api");
    let seen = web::block(move || {
        let mut cent = Command::new(python);
        cent.arg(format!("{SCRIPTS}/server_api.py")).args([url.as_str(), KEY, phone_id.as_str(), "s2"]);
        run(&mut cent)
    });
    let seen: Value = serde_json::from_slice(&seen.await.unwrap()).unwrap();
    let words = json!({"from": "tests"});
    let told = |code: u32, message: &str| json!([code, message]);
    let expected = json!({
        "publish": [1, true, true],
        "broadcast": [2, 1, 102],
        "plain": [0, ""],
        "history": [[1, {"n": 1}, {"kind": "one"}], [2, [1, null, "ä"], null]],
        "position": [2, true, []],
        "since": [2],
        "reverse": [2],
        "removed": {"publications": [], "offset": 1},
        "presence": [["ada", true, words], ["ada", true, words], ["bob", true, words]],
        "stats": [3, 2],
        "channels": {"plain:a": 3, "room": 3},
        "pattern": ["plain:a"],
        "info": [3, 2, 6, 2, true],
        "batch False": [0, 2, true],
        "batch True": [0, 2, true],
        "errors": {
            "unknown": told(102, "unknown channel"),
            "no name": told(107, "channel: no name of a channel"),
            "no history": told(108, "the channel keeps no history"),
            "no presence": told(108, "the channel does not keep who is there"),
            "other epoch": told(112, "unrecoverable position"),
            "nobody": told(107, "user: is empty"),
            "bad code": told(107, "disconnect: no code that the server may send"),
            "bytes": told(107, "b64data: is not JSON"),
            "override": told(108, "override: only of presence and join_leave"),
            "nonsense": 400,
        },
        "wrong key": true,
        "async": 3,
    });
    for (name, expected) in expected.as_object().unwrap() {
        assert_eq!(&seen[name], expected, "{name}");
    }

    // What the connections saw of it.
    assert_eq!(phone.data().await, 1);
    let push = phone.push().await;
    assert_eq!((&push["channel"], &push["subscribe"]["offset"]), (&json!("stream:a"), &json!(1)));
    assert_eq!(push["subscribe"]["data"], json!({"by": "cent"}));
    assert_eq!(phone.data().await, json!([1, null, "ä"]));
    assert_eq!(phone.push().await, json!({"refresh": {}}));
    assert_eq!(phone.data().await, json!({"last": true}));
    assert_eq!(tablet.data().await, 1);
    let push = tablet.push().await;
    assert_eq!((&push["channel"], &push["unsubscribe"]["code"]), (&json!("plain:a"), &json!(2000)));
    assert_eq!(tablet.ended().await, 3503);
    assert_eq!(bob.data().await, 1);
    assert_eq!(bob.push().await["disconnect"], json!({"code": 4500, "reason": "enough"}));
    assert!(bob.connection.next().await.is_none());
}
