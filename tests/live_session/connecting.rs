use std::time::Duration;

use actix_charter::live::{LiveSettings, broker::Whom, protocol::DisconnectCode};
use serde_json::json;
use tokio::time::Instant;

use crate::fixture::{Client, arrival, double, error, live, live_with, seconds, settings};

#[actix_web::test]
async fn the_reply_tells_who_one_is_and_how_often_pings_come() {
    tokio::time::pause();
    let live = live(double()).await;
    let client = Client::open(&live, arrival("ada"));
    let reply = client.ask("connect", json!({})).await;
    let connect = &reply["connect"];
    assert_eq!(connect["client"].as_str().unwrap().len(), 32);
    assert_eq!((&connect["ping"], &connect["pong"]), (&json!(25), &json!(true)));
    assert!(connect["version"].as_str().unwrap().starts_with("actix-charter "));
    assert_eq!(connect["expires"], json!(null));
    let who = client.ask("rpc", json!({"method": "who"})).await;
    assert_eq!(who["rpc"]["data"], "ada");
}

#[actix_web::test]
async fn the_first_command_has_to_be_connect() {
    tokio::time::pause();
    let live = live(double()).await;
    for first in [
        r#"{"id":1,"subscribe":{"channel":"plain:a"}}"#,
        r#"{"id":1,"ping":{}}"#,
        "{}",
        "",
        "{\"id\":1,",
        r#"{"connect":{}}"#,
    ] {
        let client = Client::open(&live, arrival(""));
        client.connection.send(first);
        assert_eq!(client.ended().await, 3501, "{first}");
    }
    let client = Client::connect(&live, "ada").await;
    client.send("connect", json!({}));
    assert_eq!(client.ended().await, 3501);
    let client = Client::connect(&live, "ada").await;
    client.connection.send("{}");
    assert_eq!(client.ended().await, 3501, "nobody asked for this pong");
}

#[actix_web::test]
async fn who_says_nothing_is_let_go_after_15_seconds() {
    tokio::time::pause();
    let live = live(double()).await;
    let start = Instant::now();
    let client = Client::open(&live, arrival("ada"));
    assert_eq!(client.ended().await, 3502);
    assert_eq!(start.elapsed().as_secs(), 15);
    assert_eq!(live.metrics().connections, 0);
}

#[actix_web::test]
async fn pings_come_and_who_does_not_answer_is_let_go() {
    tokio::time::pause();
    let live = live(double()).await;
    let client = Client::connect(&live, "ada").await;
    let start = Instant::now();
    assert_eq!(client.connection.next().await.unwrap(), "{}");
    let first = start.elapsed();
    assert!(
        first >= Duration::from_millis(12_500) && first <= seconds(25) + Duration::from_millis(10),
        "{first:?}"
    );
    client.connection.send("{}");
    assert_eq!(client.connection.next().await.unwrap(), "{}");
    assert_eq!((start.elapsed() - first).as_secs(), 25);
    let second = Instant::now();
    assert!(client.connection.next().await.is_none(), "it is closed at once");
    assert_eq!(second.elapsed().as_secs(), 8);
}

#[actix_web::test]
async fn pings_are_answered_while_the_application_thinks() {
    tokio::time::pause();
    let live = live(double()).await;
    let client = Client::connect(&live, "ada").await;
    client.send("rpc", json!({"method": "never"}));
    assert!(client.ask("ping", json!({})).await["error"].is_null());
    assert_eq!(client.connection.next().await.unwrap(), "{}");
    client.connection.send("{}");
    assert_eq!(client.connection.next().await.unwrap(), "{}", "the pong was heard");
}

#[actix_web::test]
async fn commands_are_answered_in_their_order() {
    tokio::time::pause();
    let live = live(double()).await;
    let client = Client::open(&live, arrival("ada"));
    client.connection.send(
        "{\"id\":1,\"connect\":{}}\n{\"id\":2,\"subscribe\":{\"channel\":\"plain:a\"}}\n{\"id\":3,\"rpc\":{\"method\":\"echo\",\"data\":[1]}}",
    );
    for id in 1..=3 {
        assert_eq!(client.next().await["id"], id);
    }
}

#[actix_web::test]
async fn a_handler_that_panics_fails_one_command() {
    tokio::time::pause();
    let live = live(double()).await;
    let client = Client::connect(&live, "ada").await;
    let reply = client.ask("rpc", json!({"method": "panic"})).await;
    assert_eq!((error(&reply), &reply["error"]["temporary"]), (100, &json!(true)));
    assert_eq!(error(&client.ask("rpc", json!({"method": "nothing"})).await), 104);
    assert_eq!(client.ask("rpc", json!({"method": "echo", "data": 7})).await["rpc"]["data"], 7);
}

#[actix_web::test]
async fn connections_end_by_user_client_and_session() {
    tokio::time::pause();
    let live = live(double()).await;
    let broadcaster = live.broadcaster();
    let open = async |user: &str, session: &str| {
        let mut arrival = arrival(user);
        arrival.session = Some(session.to_owned());
        let client = Client::open(&live, arrival);
        let id = client.ask("connect", json!({})).await["connect"]["client"].as_str().unwrap().to_owned();
        (client, id)
    };
    let (phone, phone_id) = open("ada", "s1").await;
    let (tablet, tablet_id) = open("ada", "s2").await;
    let (laptop, _) = open("ada", "s3").await;
    let (other, other_id) = open("bob", "s4").await;

    broadcaster.disconnect(Whom::client(phone_id), DisconnectCode::FORCE_RECONNECT).await.unwrap();
    assert_eq!(phone.ended().await, 3011);
    let session = Whom { session: Some("s3".to_owned()), ..Whom::default() };
    broadcaster.disconnect(session, DisconnectCode::FORCE_NO_RECONNECT).await.unwrap();
    assert_eq!(laptop.ended().await, 3503);
    let except = vec![tablet_id];
    broadcaster.disconnect_except(Whom::user("ada"), except, DisconnectCode::EXPIRED).await.unwrap();
    assert!(tablet.is_quiet().await);
    broadcaster.disconnect(Whom::user("ada"), DisconnectCode::EXPIRED).await.unwrap();
    assert_eq!(tablet.ended().await, 3005);

    broadcaster.to_connection(other_id, &json!({"hi": 1})).await.unwrap();
    assert_eq!(other.push().await["message"]["data"], json!({"hi": 1}));
    assert_eq!(live.metrics().connections, 1);
}

#[actix_web::test]
async fn a_user_has_so_many_connections_and_no_more() {
    tokio::time::pause();
    let live = live_with(double(), settings().connections_per_user(2)).await;
    let first = Client::connect(&live, "ada").await;
    let _second = Client::connect(&live, "ada").await;
    let third = Client::open(&live, arrival("ada"));
    third.send("connect", json!({}));
    assert_eq!(third.ended().await, 3504);
    let _other = Client::connect(&live, "bob").await;
    drop(first);
    crate::fixture::settle().await;
    let _again = Client::connect(&live, "ada").await;
}

#[actix_web::test]
async fn a_drain_spreads_the_goodbyes() {
    tokio::time::pause();
    let live = live_with(double(), LiveSettings::new()).await;
    let mut clients = Vec::new();
    for _ in 0..5 {
        clients.push(Client::connect(&live, "ada").await);
    }
    let start = Instant::now();
    let draining = live.clone();
    let drained = actix_web::rt::spawn(async move { draining.drain(seconds(5)).await });
    let mut times = Vec::new();
    for client in &clients {
        assert_eq!(client.ended().await, 3001);
        times.push(start.elapsed().as_secs());
    }
    assert_eq!(times, [0, 1, 2, 3, 4]);
    drained.await.unwrap();
    assert_eq!(live.metrics().connections, 0);
    let late = Client::open(&live, arrival("ada"));
    late.send("connect", json!({}));
    assert_eq!(late.ended().await, 3001);
}

/// The signals are real: whoever else in this process listens for them does so only to end.
#[cfg(unix)]
#[actix_web::test]
async fn a_signal_drains_and_a_second_one_waits_no_longer() {
    let terminate = || {
        let id = std::process::id().to_string();
        assert!(std::process::Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    };
    let live = live_with(double(), LiveSettings::new()).await;
    let client = Client::connect(&live, "ada").await;
    let drained = actix_web::rt::spawn(live.drain_on_shutdown(seconds(0)));
    // It listens once it was polled.
    crate::fixture::settle().await;
    terminate();
    assert_eq!(client.ended().await, 3001);
    drained.await.unwrap();
    assert_eq!(live.metrics().connections, 0);

    let live = live_with(double(), LiveSettings::new()).await;
    let clients = [Client::connect(&live, "ada").await, Client::connect(&live, "bob").await];
    let drained = actix_web::rt::spawn(live.drain_on_shutdown(seconds(3600)));
    crate::fixture::settle().await;
    terminate();
    assert_eq!(clients[0].ended().await, 3001);
    terminate();
    drained.await.unwrap();
    assert_eq!(live.metrics().connections, 1, "half an hour early");
}

#[actix_web::test]
async fn a_shard_that_panics_is_begun_anew_and_its_clients_come_again() {
    tokio::time::pause();
    let live = live(double()).await;
    let client = Client::connect(&live, "ada").await;
    client.subscribe("stream:a").await;
    live.panic_shards();
    assert_eq!(client.ended().await, 3011);
    assert_eq!(
        (live.metrics().restarts, live.metrics().connections, live.metrics().subscriptions),
        (1, 0, 0)
    );
    let again = Client::connect(&live, "ada").await;
    again.subscribe("stream:a").await;
    live.broadcaster().publish("stream:a", &1).await.unwrap();
    assert_eq!(again.data().await, 1);
}

#[actix_web::test]
async fn who_was_away_may_answer_two_pings() {
    tokio::time::pause();
    // They wait for the answer longer than for the next ping.
    let live = live_with(double(), settings().ping(seconds(10), seconds(60))).await;
    let client = Client::connect(&live, "ada").await;
    for _ in 0..2 {
        assert_eq!(client.connection.next().await.unwrap(), "{}");
    }
    client.connection.send("{}");
    client.connection.send("{}");
    assert!(client.is_alive().await);
    client.connection.send("{}");
    assert_eq!(client.ended().await, 3501, "there was no third");
}
