//! Connections whose peer does not read, and that are ended from elsewhere: Actix polls their body no more.

use actix_charter::live::{LiveSettings, broker::Whom, protocol::DisconnectCode, socket::SocketSettings};
use serde_json::json;

use crate::{
    double::{Double, Kind},
    fixture::{Client, arrival, live_with, present, seconds, settings, stream},
};

async fn node(settings: LiveSettings) -> actix_charter::live::LiveNode {
    live_with(Double::new().with("room", Kind::new(present())), settings).await
}

#[actix_web::test]
async fn who_is_ended_while_stuck_is_gone_all_the_same() {
    tokio::time::pause();
    let live = node(settings().connections_per_user(1)).await;
    let client = Client::connect(&live, "ada").await;
    client.subscribe("room:a").await;
    client.connection.pause(true);
    live.broadcaster().disconnect(Whom::user("ada"), DisconnectCode::FORCE_RECONNECT).await.unwrap();
    tokio::time::sleep(seconds(3)).await;
    assert_eq!(live.metrics().connections, 0);
    assert_eq!(live.metrics().subscriptions, 0);
    assert!(live.broadcaster().presence("room:a").await.unwrap().is_empty(), "no ghost");
    // The seat is free again.
    drop(Client::connect(&live, "ada").await);
}

#[actix_web::test]
async fn a_drain_does_not_wait_for_who_is_stuck() {
    tokio::time::pause();
    let live = node(settings()).await;
    let client = Client::connect(&live, "ada").await;
    client.connection.pause(true);
    let before = tokio::time::Instant::now();
    live.drain(seconds(1)).await;
    assert_eq!(live.metrics().connections, 0);
    assert!(before.elapsed() < seconds(5), "{:?}", before.elapsed());
}

#[actix_web::test]
async fn what_is_read_at_once_is_no_more_than_may_wait() {
    tokio::time::pause();
    let live = live_with(Double::new().with("a", Kind::new(stream(100))), settings()).await;
    let of = SocketSettings::new().queue_bytes(32 * 1024);
    let client = Client::with(&live, arrival("ada"), of.clone());
    client.ask("connect", json!({})).await;
    let place = client.subscribe("a").await;
    client.ask("unsubscribe", json!({"channel": "a"})).await;
    let large = "x".repeat(10 * 1024);
    for _ in 0..20 {
        live.broadcaster().publish("a", &large).await.unwrap();
    }
    let recover = json!({"channel": "a", "recover": true, "offset": 0, "epoch": place["epoch"]});
    let reply = client.ask("subscribe", recover.clone()).await;
    assert_eq!(reply["subscribe"]["was_recovering"], true, "{reply}");
    assert_eq!(reply["subscribe"].get("recovered"), None, "200 KiB are more than four times 32");

    let (mut since, mut seen) = (json!({"offset": 0, "epoch": place["epoch"]}), Vec::new());
    loop {
        let page = client.ask("history", json!({"channel": "a", "limit": -1, "since": since})).await;
        let page = page["history"]["publications"].as_array().cloned().unwrap_or_default();
        if page.is_empty() {
            break;
        }
        assert!(page.len() <= 3, "{}", page.len());
        seen.extend(page.iter().map(|one| one["offset"].as_u64().unwrap()));
        since["offset"] = json!(seen.last());
    }
    assert_eq!(seen, (1..=20).collect::<Vec<_>>());

    let roomy = Client::connect(&live, "bob").await;
    assert_eq!(roomy.ask("subscribe", recover).await["subscribe"]["recovered"], true);
}
