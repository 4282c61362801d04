//! What the server does to connections that are there.

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use actix_charter::live::{
    BroadcastError, Position,
    broker::Whom,
    protocol::{DisconnectCode, ErrorCode, UnsubscribeCode},
    seam::Grant,
};
use serde_json::{Value, json};
use tokio::{sync::Semaphore, time::Instant};

use crate::{
    double::{Double, Kind},
    fixture::{Client, double, error, live, live_with, present, seconds, settings, settle, stream},
};

fn secret() -> Kind {
    Kind::new(stream(10)).on_subscribe(|_| Err(ErrorCode::PERMISSION_DENIED.into()))
}

fn in_seconds(count: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + seconds(1_700_000_000 + count)
}

#[actix_web::test]
async fn the_server_subscribes_whom_it_wants_without_asking() {
    tokio::time::pause();
    let live = live(double().with("secret", secret())).await;
    let (phone, tablet) = (Client::connect(&live, "ada").await, Client::connect(&live, "ada").await);
    let bob = Client::connect(&live, "bob").await;
    let broadcaster = live.broadcaster();
    broadcaster.publish("secret:a", &0).await.unwrap();
    assert_eq!(error(&phone.ask("subscribe", json!({"channel": "secret:a"})).await), 103);
    broadcaster.subscribe(Whom::user("ada"), "secret:a").data(&json!({"by": "bob"})).await.unwrap();
    for device in [&phone, &tablet] {
        let push = device.push().await;
        let subscribe = &push["subscribe"];
        assert_eq!(push["channel"], "secret:a");
        assert_eq!(
            (&subscribe["recoverable"], &subscribe["positioned"], &subscribe["offset"], &subscribe["data"]),
            (&json!(true), &json!(true), &json!(1), &json!({"by": "bob"}))
        );
        assert!(!subscribe["epoch"].as_str().unwrap().is_empty());
    }
    broadcaster.publish("secret:a", &1).await.unwrap();
    assert_eq!((phone.data().await, tablet.data().await), (json!(1), json!(1)));
    assert!(bob.is_quiet().await);
    assert_eq!(error(&phone.ask("subscribe", json!({"channel": "secret:a"})).await), 105);

    // Once more changes nothing.
    broadcaster.subscribe(Whom::user("ada"), "secret:a").await.unwrap();
    assert!(phone.is_quiet().await);
    assert_eq!(live.metrics().subscriptions, 2);

    broadcaster.unsubscribe(Whom::user("ada"), "secret:a", UnsubscribeCode::SERVER).await.unwrap();
    assert_eq!(phone.push().await["unsubscribe"]["code"], 2000);
    settle().await;
    assert_eq!(live.metrics().subscriptions, 0);

    let unknown = broadcaster.subscribe(Whom::user("ada"), "nothing:a").await;
    assert!(matches!(unknown, Err(BroadcastError::UnknownChannel)));
    broadcaster.subscribe(Whom::user("ada"), "plain:\u{e4}").await.unwrap();
    assert!(phone.is_quiet().await, "a name that is none is logged, and nothing else");
}

#[actix_web::test]
async fn what_was_missed_follows_the_subscription_or_it_is_told_where_it_begins() {
    tokio::time::pause();
    let live = live(double()).await;
    let broadcaster = live.broadcaster();
    let mut position = Position::default();
    for number in 1..=3 {
        position = broadcaster.publish("stream:a", &number).await.unwrap().position;
    }
    position.offset = 1;
    let client = Client::connect(&live, "ada").await;
    broadcaster.subscribe(Whom::user("ada"), "stream:a").recover_since(position.clone()).await.unwrap();
    assert_eq!(client.push().await["subscribe"]["offset"], 1, "where it was");
    for offset in 2..=3 {
        let publication = client.push().await["pub"].clone();
        assert_eq!((&publication["offset"], &publication["data"]), (&json!(offset), &json!(offset)));
    }
    broadcaster.publish("stream:a", &4).await.unwrap();
    assert_eq!(client.data().await, 4);

    for number in 5..=12 {
        broadcaster.publish("stream:a", &number).await.unwrap();
    }
    let late = Client::connect(&live, "bob").await;
    broadcaster.subscribe(Whom::user("bob"), "stream:a").recover_since(position).await.unwrap();
    assert_eq!(late.push().await["subscribe"]["offset"], 12, "it is too late: it begins at the top");
    broadcaster.publish("stream:a", &13).await.unwrap();
    assert_eq!(late.data().await, 13);
}

#[actix_web::test]
async fn it_may_say_who_is_seen_and_how() {
    tokio::time::pause();
    let live = live(double().with("room", Kind::new(present()))).await;
    let broadcaster = live.broadcaster();
    let watch = Client::connect(&live, "watch").await;
    watch.ask("subscribe", json!({"channel": "room", "join_leave": true})).await;
    assert_eq!(watch.push().await["join"]["info"]["user"], "watch");
    let hidden = Client::connect(&live, "hidden").await;
    let order = broadcaster.subscribe(Whom::user("hidden"), "room");
    order.presence(false).join_leave(false).await.unwrap();
    assert!(hidden.push().await.get("subscribe").is_some());
    assert!(watch.is_quiet().await);
    let ada = Client::connect(&live, "ada").await;
    broadcaster.subscribe(Whom::user("ada"), "room").info(&json!({"seat": 3})).await.unwrap();
    assert!(ada.push().await.get("subscribe").is_some());
    assert_eq!(watch.push().await["join"]["info"]["chan_info"], json!({"seat": 3}));
    assert_eq!(broadcaster.presence_stats("room").await.unwrap().clients, 2);
}

#[actix_web::test]
async fn an_order_that_was_taken_back_is_not_done() {
    tokio::time::pause();
    let gate = Arc::new(Semaphore::new(0));
    let live = live(double().with("gated", Kind::new(stream(10)).gate(&gate))).await;
    let client = Client::connect(&live, "ada").await;
    let id = client.send("subscribe", json!({"channel": "gated"}));
    settle().await;
    let broadcaster = live.broadcaster();
    broadcaster.subscribe(Whom::user("ada"), "plain:a").await.unwrap();
    broadcaster.subscribe(Whom::user("ada"), "plain:b").await.unwrap();
    broadcaster.unsubscribe(Whom::user("ada"), "plain:a", UnsubscribeCode::SERVER).await.unwrap();
    settle().await;
    gate.add_permits(1);
    assert_eq!(client.next().await["id"], id);
    assert_eq!(client.push().await, json!({"channel": "plain:b", "subscribe": {}}));
    assert!(client.is_quiet().await);
}

#[actix_web::test]
async fn a_subscription_of_the_servers_that_expires_ends_the_connection() {
    tokio::time::pause();
    // By connecting: the channel says no when it is asked again.
    let once = Arc::new(Semaphore::new(1));
    let kind = Kind::new(stream(10)).on_subscribe(move |_| match once.try_acquire() {
        Ok(permit) => {
            permit.forget();
            Ok(Grant { expires: Some(in_seconds(60)), ..Grant::default() })
        }
        Err(_) => Err(ErrorCode::PERMISSION_DENIED.into()),
    });
    let channels = Double::new()
        .with("news", kind)
        .with("secret", secret())
        .of_peer(|peer| if peer.user == "ada" { vec!["news".to_owned()] } else { Vec::new() });
    // Who waits for one client does not answer the pings of another.
    let live = live_with(channels, settings().ping(seconds(10_000), seconds(8))).await;
    let start = Instant::now();
    let ada = Client::connect(&live, "ada").await;
    assert_eq!(live.metrics().subscriptions, 1);
    assert_eq!(ada.keep_until_end().await, 3006);
    assert_eq!(start.elapsed().as_secs(), 60);

    // By an order: there is nobody to ask.
    let bob = Client::connect(&live, "bob").await;
    let at = in_seconds(start.elapsed().as_secs() + 60);
    live.broadcaster().subscribe(Whom::user("bob"), "secret:a").expires(at).await.unwrap();
    assert!(bob.push().await.get("subscribe").is_some());
    let start = Instant::now();
    assert_eq!(bob.keep_until_end().await, 3006);
    assert_eq!(start.elapsed(), seconds(60 + 25));
}

fn infos(there: &[Arc<actix_charter::live::ClientInfo>]) -> Vec<Value> {
    let words = |info: &actix_charter::live::ClientInfo| {
        info.connection.as_ref().map_or(Value::Null, |words| serde_json::from_slice(words).unwrap())
    };
    there.iter().map(|info| words(info)).collect()
}

#[actix_web::test]
async fn new_words_about_a_connection_are_what_others_see_from_then_on() {
    tokio::time::pause();
    let live = live(double().with("room", Kind::new(present())).with("hall", Kind::new(present()))).await;
    let client = Client::connect(&live, "ada").await;
    client.subscribe("room").await;
    let watch = Client::connect(&live, "watch").await;
    watch.ask("subscribe", json!({"channel": "hall", "join_leave": true})).await;
    assert!(watch.push().await.get("join").is_some());
    watch.subscribe("plain:a").await;
    let broadcaster = live.broadcaster();
    assert_eq!(infos(&broadcaster.presence("room").await.unwrap()), [Value::Null]);

    broadcaster.refresh(Whom::user("ada")).info(&json!({"name": "Ada"})).await.unwrap();
    assert_eq!(client.push().await, json!({"refresh": {}}), "it expires as little as before");
    settle().await;
    assert_eq!(infos(&broadcaster.presence("room").await.unwrap()), [json!({"name": "Ada"})]);
    client.subscribe("hall").await;
    assert_eq!(watch.push().await["join"]["info"]["conn_info"], json!({"name": "Ada"}));
    client.publish("plain:a", json!(1)).await;
    assert_eq!(watch.push().await["pub"]["info"]["conn_info"], json!({"name": "Ada"}));
    // The next refresh of presence says the same.
    tokio::time::advance(seconds(26)).await;
    settle().await;
    assert_eq!(infos(&broadcaster.presence("room").await.unwrap()), [json!({"name": "Ada"})]);
    // All of it goes with the connection.
    drop(client);
    settle().await;
    assert_eq!(broadcaster.presence_stats("room").await.unwrap().clients, 0);
}

#[actix_web::test]
async fn a_refresh_says_when_connections_end() {
    tokio::time::pause();
    let live = live_with(double(), settings().ping(seconds(10_000), seconds(8))).await;
    let broadcaster = live.broadcaster();
    let (ada, bob) = (Client::connect(&live, "ada").await, Client::connect(&live, "bob").await);
    let start = Instant::now();
    broadcaster.refresh(Whom::user("ada")).expires(in_seconds(30)).await.unwrap();
    broadcaster.refresh(Whom::user("bob")).expires(in_seconds(30)).await.unwrap();
    broadcaster.refresh(Whom::user("bob")).never_expires().await.unwrap();
    assert_eq!(
        ada.push().await,
        json!({"refresh": {}}),
        "there is nothing for a client without a token to do"
    );
    assert_eq!(ada.ended().await, 3005);
    assert_eq!(start.elapsed().as_secs(), 30);
    tokio::time::advance(Duration::from_secs(1000)).await;
    assert!(bob.is_alive().await);
    broadcaster.refresh(Whom::user("bob")).expired().await.unwrap();
    assert_eq!(bob.ended().await, 3005);
}

#[actix_web::test]
async fn messages_without_a_reply_are_taken_in_order() {
    tokio::time::pause();
    let channels = double();
    let messages = Arc::clone(&channels.messages);
    let live = live(channels).await;
    let client = Client::connect(&live, "ada").await;
    for text in ["1", "\"panic\"", "{\"seen\":2}"] {
        client.connection.send(format!(r#"{{"send":{{"data":{text}}}}}"#));
    }
    assert!(client.is_alive().await, "a handler that panics fails alone");
    client.ask("rpc", json!({"method": "who"})).await;
    let ada = |text: &str| ("ada".to_owned(), text.to_owned());
    assert_eq!(*messages.lock().unwrap(), [ada("1"), ada("{\"seen\":2}")]);
    let client = Client::open(&live, crate::fixture::arrival("bob"));
    client.connection.send(r#"{"send":{"data":1}}"#);
    assert_eq!(client.ended().await, 3501, "first one says who one is");
}

#[actix_web::test]
async fn a_last_word_comes_before_the_end_though_nobody_waited_for_it() {
    tokio::time::pause();
    let live = live(double()).await;
    let client = Client::connect(&live, "ada").await;
    client.subscribe("stream:a").await;
    let broadcaster = live.broadcaster();
    broadcaster.publish("stream:a", &"bye").detach().unwrap();
    broadcaster.disconnect(Whom::user("ada"), DisconnectCode::FORCE_NO_RECONNECT).await.unwrap();
    assert_eq!(client.data().await, "bye");
    assert_eq!(client.ended().await, 3503);
}
