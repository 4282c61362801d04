use actix_charter::live::{
    LiveSettings,
    broker::{Engine, PublicationDraft, StreamOptions},
};
use serde_json::{Value, json};

use crate::fixture::{Client, arrival, double, error, live, live_of, live_with, seconds, settings, settle};

#[actix_web::test]
async fn too_many_commands_are_refused_and_then_end_the_connection() {
    tokio::time::pause();
    let live = live_with(double(), settings().commands(10, 20)).await;
    let (client, neighbour) = (Client::connect(&live, "ada").await, Client::connect(&live, "bob").await);
    for _ in 1..20 {
        assert!(client.ask("ping", json!({})).await["error"].is_null());
    }
    let refused = client.ask("rpc", json!({"method": "echo"})).await;
    assert_eq!((error(&refused), &refused["error"]["temporary"]), (111, &json!(true)));
    tokio::time::advance(seconds(1)).await;
    for _ in 0..10 {
        assert!(client.ask("ping", json!({})).await["error"].is_null());
    }
    for _ in 0..101 {
        client.send("ping", json!({}));
        crate::fixture::settle().await;
    }
    assert_eq!(client.ended().await, 3013);
    assert!(neighbour.is_alive().await);
}

#[actix_web::test]
async fn commands_that_wait_are_bounded() {
    tokio::time::pause();
    let live = live_with(double(), settings().commands(100_000, 100_000)).await;
    let client = Client::connect(&live, "ada").await;
    client.send("rpc", json!({"method": "never"}));
    for _ in 0..11 {
        let frame: Vec<_> =
            (0..100).map(|_| json!({"id": 9, "rpc": {"method": "echo"}}).to_string()).collect();
        client.connection.send(frame.join("\n"));
        crate::fixture::settle().await;
    }
    assert_eq!(client.ended().await, 3013);
}

#[actix_web::test]
async fn bytes_that_wait_are_bounded() {
    tokio::time::pause();
    let live = live(double()).await;
    let client = Client::connect(&live, "ada").await;
    let frame = |id: u32, size: usize| {
        json!({"id": id, "rpc": {"method": "echo", "data": "x".repeat(size)}}).to_string()
    };
    // What is done does not count.
    for id in 100..120 {
        client.connection.send(frame(id, 60_000));
        settle().await;
        assert_eq!(client.next().await["id"], id);
    }
    client.send("rpc", json!({"method": "never"}));
    for id in 200..204 {
        client.connection.send(frame(id, 60_000));
        settle().await;
    }
    assert!(client.connection.closed().is_none());
    client.connection.send(frame(300, 60_000));
    settle().await;
    assert_eq!(client.connection.closed().map(|(code, _)| code), Some(3013));
}

#[actix_web::test]
async fn a_session_is_small() {
    let size = actix_charter::live::seam::session_sizes();
    // Beside the socket's own; of 13 KiB in all, Actix takes 12.2.
    assert!(size.0 + size.1 <= 400, "{size:?}");
}

#[actix_web::test]
async fn publishers_wait_for_a_worker_that_is_behind() {
    tokio::time::pause();
    for settings in [settings().mailbox(4), settings().mailbox_bytes(4)] {
        let live = live_with(double(), settings).await;
        let client = Client::connect(&live, "ada").await;
        client.subscribe("stream:a").await;
        for number in 0..200 {
            live.broadcaster().publish("stream:a", &number).detach().unwrap();
        }
        for number in 0..200 {
            assert_eq!(client.data().await, number);
        }
        assert_eq!((live.metrics().lost, live.metrics().insufficient), (0, 0));
    }
}

#[actix_web::test]
async fn what_a_worker_had_no_room_for_is_recovered() {
    tokio::time::pause();
    for settings in [settings().mailbox(4), settings().mailbox_bytes(4)] {
        what_found_no_room_is_recovered(settings).await;
    }
}

async fn what_found_no_room_is_recovered(settings: LiveSettings) {
    let engine = Engine::default();
    // Who waits for one client does not answer the pings of another.
    let settings = settings.ping(seconds(10_000), seconds(8));
    let channels = double().of_peer(|peer| match peer.user.as_str() {
        "bob" => vec!["stream:a".to_owned()],
        _ => Vec::new(),
    });
    let live = live_of(channels, settings, engine.clone()).await;
    let (ada, bob) = (Client::connect(&live, "ada").await, Client::connect(&live, "bob").await);
    let first = ada.subscribe("stream:a").await;
    // As another node publishes: nobody waits for a worker of this one.
    for number in 0..8 {
        let draft = PublicationDraft::new(number.to_string());
        let options = StreamOptions::history(10, seconds(300));
        engine.broker.publish("stream:a", draft, &options).await.unwrap();
    }
    let mut got = Vec::new();
    let ended = loop {
        let push = ada.push().await;
        match push.get("pub") {
            Some(publication) => got.push(publication["data"].as_u64().unwrap()),
            None => break push,
        }
    };
    assert_eq!(ended["unsubscribe"]["code"], 2500);
    assert!(live.metrics().lost > 0);
    let request =
        json!({"channel": "stream:a", "recover": true, "epoch": first["epoch"], "offset": got.len()});
    let reply = ada.ask("subscribe", request).await["subscribe"].clone();
    assert_eq!(reply["recovered"], true);
    got.extend(reply["publications"].as_array().unwrap().iter().map(|one| one["data"].as_u64().unwrap()));
    assert!(got.into_iter().eq(0..8), "all of it");
    assert_eq!(bob.ended().await, 3010, "the server's subscriptions are made by connecting");
}

#[actix_web::test]
async fn names_and_versions_of_clients_are_short() {
    tokio::time::pause();
    let live = live(double()).await;
    let long = |count| "x".repeat(count);
    for wrong in [json!({"name": long(17)}), json!({"version": long(65)})] {
        let client = Client::open(&live, arrival("ada"));
        client.send("connect", wrong);
        let message: Value = serde_json::from_str(&client.connection.next().await.unwrap()).unwrap();
        let why = &message["push"]["disconnect"];
        assert_eq!(why["code"], 3501);
        assert!(why["reason"].as_str().unwrap().contains("longer than"), "{why}");
    }
    let client = Client::open(&live, arrival("ada"));
    let reply = client.ask("connect", json!({"name": long(16), "version": long(64)})).await;
    assert!(reply["error"].is_null());
    settle().await;
    assert_eq!(live.metrics().connections, 1);
}
