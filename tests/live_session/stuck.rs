//! Connections whose peer does not read, and that are ended from elsewhere: Actix polls their body no more.

use actix_charter::live::{LiveSettings, broker::Whom, protocol::DisconnectCode};

use crate::{
    double::{Double, Kind},
    fixture::{Client, live_with, present, seconds, settings},
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
