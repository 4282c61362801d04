use std::sync::Arc;

use serde_json::{Value, json};

use crate::{
    double::Kind,
    fixture::{Client, double, error, live, live_with, present, seconds, settings, settle},
};

fn clients(reply: &Value) -> Vec<&Value> {
    reply["presence"]["presence"].as_object().unwrap().values().collect()
}

#[actix_web::test]
async fn two_devices_are_one_user_who_leaves_with_the_last() {
    tokio::time::pause();
    // Who waits for one client does not answer the pings of another.
    let settings = settings().ping(seconds(10_000), seconds(8));
    let live = live_with(double().with("room", Kind::new(present())), settings).await;
    let watch = Client::connect(&live, "watch").await;
    let reply = watch.ask("subscribe", json!({"channel": "room", "join_leave": true})).await;
    assert!(reply["error"].is_null());
    assert_eq!(watch.push().await["join"]["info"]["user"], "watch");

    let (phone, tablet) = (Client::connect(&live, "ada").await, Client::connect(&live, "ada").await);
    phone.subscribe("room").await;
    tablet.subscribe("room").await;
    assert_eq!(watch.push().await["join"]["info"]["user"], "ada");
    assert!(watch.is_quiet().await, "one user joins once");
    let stats = watch.ask("presence_stats", json!({"channel": "room"})).await;
    assert_eq!(stats["presence_stats"], json!({"num_clients": 3, "num_users": 2}));
    assert_eq!(clients(&watch.ask("presence", json!({"channel": "room"})).await).len(), 3);

    drop(phone);
    tokio::time::advance(seconds(16)).await;
    assert!(watch.is_quiet().await);
    let stats = watch.ask("presence_stats", json!({"channel": "room"})).await;
    assert_eq!(stats["presence_stats"], json!({"num_clients": 2, "num_users": 2}));

    // Away for a moment: nobody sees it.
    drop(tablet);
    settle().await;
    tokio::time::advance(seconds(10)).await;
    let again = Client::connect(&live, "ada").await;
    again.subscribe("room").await;
    tokio::time::advance(seconds(10)).await;
    assert!(watch.is_quiet().await);

    again.ask("unsubscribe", json!({"channel": "room"})).await;
    let start = tokio::time::Instant::now();
    assert_eq!(watch.push().await["leave"]["info"]["user"], "ada");
    assert_eq!(start.elapsed().as_secs(), 15);
    let stats = watch.ask("presence_stats", json!({"channel": "room"})).await;
    assert_eq!(stats["presence_stats"], json!({"num_clients": 1, "num_users": 1}));
}

#[actix_web::test]
async fn presence_is_for_those_whom_the_channel_lets_see_it() {
    tokio::time::pause();
    let mut hidden = present();
    hidden.presence_for_clients = false;
    let live = live(double().with("room", Kind::new(present())).with("hidden", Kind::new(hidden))).await;
    let client = Client::connect(&live, "ada").await;
    for command in ["presence", "presence_stats"] {
        let ask = async |channel: &str| error(&client.ask(command, json!({"channel": channel})).await);
        assert_eq!(ask("room").await, 103, "not subscribed");
        assert_eq!(ask("plain:a").await, 108);
        assert_eq!(ask("nothing").await, 102);
    }
    client.subscribe("hidden").await;
    client.subscribe("plain:a").await;
    assert_eq!(error(&client.ask("presence", json!({"channel": "hidden"})).await), 103);
    assert_eq!(error(&client.ask("presence", json!({"channel": "plain:a"})).await), 108);
    assert_eq!(live.broadcaster().presence("hidden").await.unwrap().len(), 1);
}

#[actix_web::test]
async fn who_stays_stays_present_and_who_goes_is_gone() {
    tokio::time::pause();
    let live = live(double().with("room", Kind::new(present()))).await;
    let client = Client::connect(&live, "ada").await;
    client.subscribe("room").await;
    for _ in 0..4 {
        // Longer in all than an entry holds without being refreshed.
        assert_eq!(client.connection.next().await.unwrap(), "{}");
        client.connection.send("{}");
    }
    assert_eq!(live.broadcaster().presence_stats("room").await.unwrap().clients, 1);
    drop(client);
    settle().await;
    assert_eq!(live.broadcaster().presence_stats("room").await.unwrap().clients, 0);
}

#[actix_web::test]
async fn of_channels_that_everybody_has_left_nothing_stays() {
    tokio::time::pause();
    let settings = settings().ping(seconds(10_000), seconds(8));
    let live = live_with(double().with("room", Kind::new(present())), settings).await;
    let client = Client::connect(&live, "ada").await;
    let mut names = Vec::new();
    // Each is left while the leave before it still waits.
    for number in 0..20 {
        let room = format!("room:{number}");
        client.subscribe(&room).await;
        let channels = live.broadcaster().channels();
        names.push(Arc::downgrade(channels.iter().find(|name| name[..] == room).unwrap()));
        drop(channels);
        client.ask("unsubscribe", json!({"channel": room})).await;
        tokio::time::advance(seconds(10)).await;
        settle().await;
    }
    let kept = names.iter().filter(|name| name.strong_count() > 0).count();
    assert!(kept <= 2, "{kept} of {}", names.len());
}
