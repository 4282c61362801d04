//! Who leaves a channel is told to have left, however the connection ends.

use std::sync::Arc;

use actix_charter::live::{
    ClientInfo, LiveNode, LiveSettings,
    broker::{BrokerError, Engine, Presence, PresenceAdded, PresenceRemoved, PresenceStats, Whom},
    protocol::{DisconnectCode, UnsubscribeCode},
};
use futures_util::future::BoxFuture;
use serde_json::json;
use tokio::sync::Semaphore;

use crate::{
    double::Kind,
    fixture::{Client, double, live_of, present, seconds, settings, settle},
};

/// Taking somebody out takes a permit.
#[derive(Debug)]
struct Slow(Arc<dyn Presence>, Arc<Semaphore>);

impl Presence for Slow {
    fn add<'a>(
        &'a self,
        channel: &'a str,
        info: Arc<ClientInfo>,
    ) -> BoxFuture<'a, Result<PresenceAdded, BrokerError>> {
        self.0.add(channel, info)
    }

    fn remove<'a>(
        &'a self,
        channel: &'a str,
        info: &'a ClientInfo,
    ) -> BoxFuture<'a, Result<PresenceRemoved, BrokerError>> {
        Box::pin(async move {
            self.1.acquire().await.unwrap().forget();
            self.0.remove(channel, info).await
        })
    }

    fn get<'a>(&'a self, channel: &'a str) -> BoxFuture<'a, Result<Vec<Arc<ClientInfo>>, BrokerError>> {
        self.0.get(channel)
    }

    fn stats<'a>(&'a self, channel: &'a str) -> BoxFuture<'a, Result<PresenceStats, BrokerError>> {
        self.0.stats(channel)
    }

    fn connections<'a>(
        &'a self,
        channel: &'a str,
        user: &'a str,
    ) -> BoxFuture<'a, Result<usize, BrokerError>> {
        self.0.connections(channel, user)
    }
}

/// Who waits for one client does not answer the pings of another.
fn patient() -> LiveSettings {
    settings().ping(seconds(10_000), seconds(8)).broker_timeout(seconds(1000))
}

async fn room(gate: &Arc<Semaphore>) -> LiveNode {
    let mut engine = Engine::default();
    engine.presence = Arc::new(Slow(engine.presence, Arc::clone(gate)));
    live_of(double().with("room", Kind::new(present())), patient(), engine).await
}

/// One who watches, and one who is seen.
async fn two(live: &LiveNode) -> (Client, Client) {
    let watch = Client::connect(live, "watch").await;
    watch.ask("subscribe", json!({"channel": "room", "join_leave": true})).await;
    assert_eq!(watch.push().await["join"]["info"]["user"], "watch");
    let ada = Client::connect(live, "ada").await;
    ada.subscribe("room").await;
    assert_eq!(watch.push().await["join"]["info"]["user"], "ada");
    (watch, ada)
}

async fn has_left(live: &LiveNode, watch: &Client) {
    assert_eq!(watch.push().await["leave"]["info"]["user"], "ada");
    assert_eq!(live.broadcaster().presence_stats("room").await.unwrap().clients, 1);
    // And it was counted once: the next visit is seen from its beginning to its end.
    let again = Client::connect(live, "ada").await;
    again.subscribe("room").await;
    assert_eq!(watch.push().await["join"]["info"]["user"], "ada");
    drop(again);
    assert_eq!(watch.push().await["leave"]["info"]["user"], "ada");
    assert!(watch.is_quiet().await);
}

#[actix_web::test]
async fn a_client_that_closes_while_its_leave_waits_for_a_command() {
    tokio::time::pause();
    let live = room(&Arc::new(Semaphore::new(100))).await;
    let (watch, ada) = two(&live).await;
    ada.send("rpc", json!({"method": "never"}));
    settle().await;
    live.broadcaster().unsubscribe(Whom::user("ada"), "room", UnsubscribeCode::SERVER).await.unwrap();
    assert_eq!(ada.push().await["unsubscribe"]["code"], 2000);
    drop(ada);
    has_left(&live, &watch).await;
}

#[actix_web::test]
async fn a_client_that_the_server_takes_out_and_disconnects_at_once() {
    tokio::time::pause();
    let live = room(&Arc::new(Semaphore::new(100))).await;
    let (watch, ada) = two(&live).await;
    ada.connection.pause(true);
    settle().await;
    live.broadcaster().unsubscribe(Whom::user("ada"), "room", UnsubscribeCode::SERVER).await.unwrap();
    live.broadcaster().disconnect(Whom::user("ada"), DisconnectCode::FORCE_NO_RECONNECT).await.unwrap();
    settle().await;
    ada.connection.pause(false);
    assert_eq!(ada.ended().await, 3503);
    has_left(&live, &watch).await;
}

#[actix_web::test]
async fn a_client_that_unsubscribes_and_closes_while_the_store_is_slow() {
    tokio::time::pause();
    let gate = Arc::new(Semaphore::new(0));
    let live = room(&gate).await;
    let (watch, ada) = two(&live).await;
    ada.send("unsubscribe", json!({"channel": "room"}));
    settle().await;
    drop(ada);
    settle().await;
    gate.add_permits(100);
    has_left(&live, &watch).await;
}
