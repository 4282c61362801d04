use std::{collections::BTreeSet, sync::Arc};

use actix_charter::live::{
    ChannelOptions, SlowPolicy,
    broker::Whom,
    protocol::{ErrorCode, ReplyError, UnsubscribeCode},
    seam::{Draft, Grant},
    socket::SocketSettings,
};
use serde_json::{Value, json};
use tokio::sync::Semaphore;

use crate::{
    double::{Double, Kind},
    fixture::{Client, arrival, double, error, live, live_with, seconds, settings, settle, stream},
};

#[actix_web::test]
async fn a_subscription_tells_where_it_begins_and_gets_what_comes() {
    tokio::time::pause();
    let live = live(double()).await;
    live.broadcaster().publish("stream:a", &"before").await.unwrap();
    let client = Client::connect(&live, "ada").await;
    let reply = client.subscribe("stream:a").await;
    assert_eq!(
        (&reply["offset"], &reply["recoverable"], &reply["positioned"]),
        (&json!(1), &json!(true), &json!(true))
    );
    assert!(!reply["epoch"].as_str().unwrap().is_empty());
    assert!(reply.get("publications").is_none());
    live.broadcaster().publish("stream:a", &json!({"n": 1})).await.unwrap();
    let push = client.push().await;
    assert_eq!((&push["channel"], &push["pub"]["offset"]), (&json!("stream:a"), &json!(2)));
    assert_eq!(push["pub"]["data"], json!({"n": 1}));

    let reply = client.subscribe("plain:a").await;
    assert_eq!(reply, json!({}));
    live.broadcaster().publish("plain:a", &1).await.unwrap();
    assert_eq!(
        client.push().await,
        json!({"channel": "plain:a", "pub": {"data": 1, "time": 1_700_000_000_000_u64}})
    );
}

#[actix_web::test]
async fn the_reply_comes_before_what_is_published_meanwhile() {
    tokio::time::pause();
    let gate = Arc::new(Semaphore::new(0));
    let live = live(double().with("gated", Kind::new(stream(10)).gate(&gate))).await;
    let client = Client::connect(&live, "ada").await;
    let id = client.send("subscribe", json!({"channel": "gated"}));
    settle().await;
    live.broadcaster().publish("gated", &1).await.unwrap();
    assert!(client.is_quiet().await);
    gate.add_permits(1);
    live.broadcaster().publish("gated", &2).await.unwrap();
    let reply = client.next().await;
    assert_eq!(reply["id"], id);
    let begins = reply["subscribe"]["offset"].as_u64().unwrap();
    for offset in begins + 1..=2 {
        assert_eq!(client.push().await["pub"]["offset"], offset);
    }
    assert!(client.is_quiet().await);
}

#[actix_web::test]
async fn what_is_wrong_with_a_subscription_is_told() {
    tokio::time::pause();
    let forbidden = Kind::new(stream(10)).on_subscribe(|_| Err(ErrorCode::PERMISSION_DENIED.into()));
    let own = Kind::new(stream(10))
        .on_subscribe(|_| Err(ReplyError::new(ErrorCode::own(400).unwrap(), "The room is full.")));
    let panics = Kind::new(stream(10)).on_subscribe(|_| panic!("a test wants it so"));
    let live = live(double().with("secret", forbidden).with("own", own).with("panics", panics)).await;
    let client = Client::connect(&live, "ada").await;
    let ask = async |request: Value| error(&client.ask("subscribe", request).await);
    assert_eq!(ask(json!({"channel": "nothing:a"})).await, 102);
    assert_eq!(ask(json!({"channel": "secret"})).await, 103);
    assert_eq!(ask(json!({"channel": "own"})).await, 400);
    assert_eq!(ask(json!({"channel": "panics"})).await, 100);
    assert_eq!(ask(json!({"channel": ""})).await, 107);
    assert_eq!(ask(json!({"channel": "plain:ä"})).await, 107);
    assert_eq!(ask(json!({"channel": format!("plain:{}", "x".repeat(250))})).await, 107);
    assert_eq!(ask(json!({"channel": "plain:a", "tf": {"op": "nonsense"}})).await, 107);
    assert_eq!(ask(json!({"channel": "plain:a", "token": "t"})).await, 103);
    client.subscribe("plain:a").await;
    assert_eq!(ask(json!({"channel": "plain:a"})).await, 105);
    client.subscribe(&format!("plain:{}", "x".repeat(249))).await;

    live.broadcaster().publish("secret", &1).await.unwrap();
    assert!(client.is_quiet().await);
    assert_eq!(live.metrics().subscriptions, 2);
}

#[actix_web::test]
async fn a_connection_has_128_channels() {
    tokio::time::pause();
    let live = live(double()).await;
    let client = Client::connect(&live, "ada").await;
    for number in 0..128 {
        client.subscribe(&format!("plain:{number}")).await;
    }
    assert_eq!(error(&client.ask("subscribe", json!({"channel": "plain:128"})).await), 106);
    client.ask("unsubscribe", json!({"channel": "plain:0"})).await;
    client.subscribe("plain:128").await;
    drop(client);
    settle().await;
    assert_eq!((live.metrics().connections, live.metrics().subscriptions), (0, 0));
}

#[actix_web::test]
async fn channels_nobody_is_in_are_given_back_after_a_second() {
    tokio::time::pause();
    let live = live(double()).await;
    let client = Client::connect(&live, "ada").await;
    client.subscribe("plain:a").await;
    client.ask("unsubscribe", json!({"channel": "plain:a"})).await;
    assert_eq!(live.broadcaster().channels().len(), 1, "they may come back");
    tokio::time::advance(seconds(2)).await;
    settle().await;
    assert!(live.broadcaster().channels().is_empty());
    client.subscribe("plain:a").await;
    live.broadcaster().publish("plain:a", &1).await.unwrap();
    assert_eq!(client.data().await, 1);
}

#[actix_web::test]
async fn clients_publish_what_the_channel_makes_of_it() {
    tokio::time::pause();
    let chat = Kind::new(stream(10)).on_publish(|ask| {
        let said: Value = serde_json::from_slice(&ask.data).unwrap();
        if said["text"] == "" {
            return Err(ReplyError::new(ErrorCode::own(422).unwrap(), "text: is empty"));
        }
        let data = json!({"text": said["text"], "by": ask.peer.user});
        Ok(Draft { data: data.to_string().into(), ..Draft::default() })
    });
    let mute = Kind::new(stream(10)).on_publish(|_| Err(ErrorCode::PERMISSION_DENIED.into()));
    let live = live(Double::new().with("chat", chat).with("mute", mute)).await;
    let (ada, bob) = (Client::connect(&live, "ada").await, Client::connect(&live, "bob").await);
    ada.subscribe("chat").await;
    bob.subscribe("chat").await;
    ada.publish("chat", json!({"text": "hello"})).await;
    for client in [&ada, &bob] {
        let push = client.push().await;
        assert_eq!(push["pub"]["data"], json!({"text": "hello", "by": "ada"}));
        assert_eq!(push["pub"]["info"]["user"], "ada");
    }
    let refused = ada.ask("publish", json!({"channel": "chat", "data": {"text": ""}})).await;
    assert_eq!(refused["error"], json!({"code": 422, "message": "text: is empty"}));
    assert_eq!(error(&ada.ask("publish", json!({"channel": "mute", "data": 1})).await), 103);
    assert_eq!(error(&ada.ask("publish", json!({"channel": "none", "data": 1})).await), 102);
    assert_eq!(error(&ada.ask("publish", json!({"channel": "chat"})).await), 107);
    assert!(bob.is_quiet().await);
}

#[actix_web::test]
async fn a_publication_is_encoded_once_however_many_get_it() {
    tokio::time::pause();
    let live = live(double()).await;
    let mut clients = Vec::new();
    for _ in 0..50 {
        let client = Client::connect(&live, "ada").await;
        client.subscribe("stream:a").await;
        clients.push(client);
    }
    for number in 0..3 {
        live.broadcaster().publish("stream:a", &number).await.unwrap();
    }
    for client in &clients {
        for number in 0..3 {
            assert_eq!(client.data().await, number);
        }
    }
    let metrics = live.metrics();
    assert_eq!((metrics.publications, metrics.encodings, metrics.deliveries), (3, 3, 150));
}

#[actix_web::test]
async fn a_user_gets_it_on_all_devices_and_nobody_else_does() {
    tokio::time::pause();
    let personal =
        Double::new().with("#", Kind::new(stream(10))).of_peer(|peer| vec![format!("#{}", peer.user)]);
    let live = live(personal).await;
    let mut devices = Vec::new();
    for _ in 0..3 {
        devices.push(Client::connect(&live, "ada").await);
    }
    let other = Client::open(&live, arrival("bob"));
    let reply = other.ask("connect", json!({})).await;
    let subs = reply["connect"]["subs"].as_object().unwrap();
    assert_eq!(subs.keys().collect::<Vec<_>>(), ["#bob"]);
    assert_eq!(subs["#bob"]["recoverable"], true);
    live.broadcaster().to_user("ada", &"hi").await.unwrap();
    for device in &devices {
        assert_eq!(device.push().await["pub"]["data"], "hi");
        assert!(device.is_quiet().await);
    }
    assert!(other.is_quiet().await);
}

#[actix_web::test]
async fn one_is_published_once_by_its_key_and_its_version() {
    tokio::time::pause();
    let live = live(double()).await;
    let client = Client::connect(&live, "ada").await;
    client.subscribe("stream:a").await;
    let broadcaster = live.broadcaster();
    for _ in 0..2 {
        let published = broadcaster.publish("stream:a", &1).idempotency_key("k").await.unwrap();
        assert_eq!(published.position.offset, 1);
    }
    for version in [2, 1, 2, 3] {
        broadcaster.publish("stream:a", &version).version(version).await.unwrap();
    }
    let many = broadcaster.broadcast(["stream:a", "stream:b", "nothing"], &9).await.unwrap();
    assert_eq!(many.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, true, false]);
    for expected in [1, 2, 3, 9] {
        assert_eq!(client.data().await, expected);
    }
    assert!(client.is_quiet().await);
}

#[actix_web::test]
async fn it_works_from_a_thread_without_a_runtime() {
    let live = crate::npm::started(double());
    let broadcaster = live.broadcaster();
    std::thread::spawn(move || broadcaster.publish("stream:a", &1).detach().unwrap()).join().unwrap();
    let history = loop {
        let query = actix_charter::live::broker::HistoryQuery::all();
        let history = live.broadcaster().history("stream:a", query).await.unwrap();
        if history.position.offset > 0 {
            break history;
        }
    };
    assert_eq!(&history.publications[0].data[..], b"1");
}

#[actix_web::test]
async fn tags_choose_and_what_is_left_out_is_no_gap() {
    tokio::time::pause();
    let live = live(double()).await;
    let client = Client::connect(&live, "ada").await;
    let filter = json!({"key": "colour", "cmp": "eq", "val": "red"});
    client.ask("subscribe", json!({"channel": "stream:a", "tf": filter})).await;
    for (number, colour) in ["red", "blue", "red"].into_iter().enumerate() {
        live.broadcaster().publish("stream:a", &number).tag("colour", colour).await.unwrap();
    }
    assert_eq!((client.data().await, client.data().await), (json!(0), json!(2)));
    assert!(client.is_quiet().await);
}

#[actix_web::test]
async fn deltas_begin_with_a_whole_one() {
    tokio::time::pause();
    let mut options = stream(10);
    options.delta = true;
    let live = live(double().with("delta", Kind::new(options))).await;
    let (delta, whole) = (Client::connect(&live, "ada").await, Client::connect(&live, "bob").await);
    let reply = delta.ask("subscribe", json!({"channel": "delta", "delta": "fossil"})).await;
    assert_eq!(reply["subscribe"]["delta"], true);
    whole.subscribe("delta").await;
    let state = |round: u32| json!({"scores": [10, 20, 30, 40, 50], "round": round});
    for round in 1..=2 {
        live.broadcaster().publish("delta", &state(round)).await.unwrap();
    }
    let first = delta.push().await["pub"].clone();
    assert_eq!(first["data"], state(1).to_string());
    assert_eq!(first.get("delta"), None);
    let second = delta.push().await["pub"].clone();
    assert_eq!(second["delta"], true);
    let applied = actix_charter::live::protocol::delta::apply(
        state(1).to_string().as_bytes(),
        second["data"].as_str().unwrap().as_bytes(),
        1024,
    );
    assert_eq!(applied.unwrap(), state(2).to_string().into_bytes());
    assert_eq!((whole.data().await, whole.data().await), (state(1), state(2)));
}

#[actix_web::test]
async fn the_server_ends_a_subscription_and_the_client_may_come_again() {
    tokio::time::pause();
    let live = live(double()).await;
    let (ada, bob) = (Client::connect(&live, "ada").await, Client::connect(&live, "bob").await);
    for client in [&ada, &bob] {
        client.subscribe("stream:a").await;
    }
    let broadcaster = live.broadcaster();
    broadcaster.unsubscribe(Whom::user("ada"), "stream:a", UnsubscribeCode::SERVER).await.unwrap();
    let push = ada.push().await;
    assert_eq!(push["unsubscribe"], json!({"code": 2000, "reason": "server unsubscribe"}));
    broadcaster.publish("stream:a", &1).await.unwrap();
    assert_eq!(bob.data().await, 1);
    assert!(ada.is_quiet().await);
    ada.subscribe("stream:a").await;
    broadcaster.publish("stream:a", &2).await.unwrap();
    assert_eq!(ada.data().await, 2);
}

#[actix_web::test]
async fn a_subscription_is_ended_of_a_user_of_one_device_or_of_a_session() {
    tokio::time::pause();
    let live = live(double()).await;
    let mut clients = Vec::new();
    for (user, session) in [("ada", "s1"), ("ada", "s2"), ("ada", "s2"), ("bob", "s3")] {
        let mut arrival = arrival(user);
        arrival.session = Some(session.to_owned());
        let client = Client::open(&live, arrival);
        let id = client.ask("connect", json!({})).await["connect"]["client"].as_str().unwrap().to_owned();
        client.subscribe("plain:a").await;
        client.subscribe("plain:b").await;
        clients.push((client, id));
    }
    let broadcaster = live.broadcaster();
    let ended = async |whom: Whom, channel: &str| {
        broadcaster.unsubscribe(whom, channel, UnsubscribeCode::SERVER).await.unwrap();
        settle().await;
        let told = clients.iter().map(|(client, _)| {
            let text = client.connection.try_next();
            text.is_some_and(|text| {
                let message: Value = serde_json::from_str(&text).unwrap();
                assert_eq!(message["push"]["channel"], channel);
                message["push"]["unsubscribe"]["code"] == 2000
            })
        });
        told.collect::<Vec<_>>()
    };
    assert_eq!(ended(Whom::client(&clients[0].1), "plain:a").await, [true, false, false, false]);
    assert_eq!(ended(Whom::session("s2"), "plain:a").await, [false, true, true, false]);
    let other = Whom { user: Some("bob".to_owned()), ..Whom::session("s2") };
    assert_eq!(ended(other, "plain:b").await, [false; 4], "all that is told has to be so");
    assert_eq!(ended(Whom::user("ada"), "plain:b").await, [true, true, true, false]);
    assert_eq!(ended(Whom::default(), "plain:a").await, [false; 4]);
    assert_eq!(live.metrics().subscriptions, 2);
    broadcaster.publish("plain:a", &1).await.unwrap();
    assert_eq!(clients[3].0.data().await, 1);
    for (client, _) in &clients[..3] {
        assert!(client.is_quiet().await);
    }
}

#[actix_web::test]
async fn an_unsubscription_while_it_is_being_made_leaves_nothing() {
    tokio::time::pause();
    let gate = Arc::new(Semaphore::new(0));
    let live = live(double().with("gated", Kind::new(stream(10)).gate(&gate))).await;
    let client = Client::connect(&live, "ada").await;
    client.send("subscribe", json!({"channel": "gated"}));
    settle().await;
    live.broadcaster().unsubscribe(Whom::user("ada"), "gated", UnsubscribeCode::SERVER).await.unwrap();
    settle().await;
    gate.add_permits(1);
    assert_eq!(error(&client.next().await), 103, "it stays away, as it was told to");
    assert_eq!(live.metrics().subscriptions, 0);

    client.send("subscribe", json!({"channel": "gated"}));
    settle().await;
    let again = UnsubscribeCode::STATE_INVALIDATED;
    live.broadcaster().unsubscribe(Whom::user("ada"), "gated", again).await.unwrap();
    settle().await;
    gate.add_permits(1);
    let reply = client.next().await;
    assert_eq!((error(&reply), &reply["error"]["temporary"]), (100, &json!(true)), "it asks again");
}

#[actix_web::test]
async fn who_goes_while_the_application_thinks_leaves_nothing() {
    tokio::time::pause();
    let gate = Arc::new(Semaphore::new(0));
    let live = live(double().with("gated", Kind::new(stream(10)).gate(&gate))).await;
    let client = Client::connect(&live, "ada").await;
    client.send("subscribe", json!({"channel": "gated"}));
    settle().await;
    drop(client);
    gate.add_permits(1);
    settle().await;
    assert_eq!((live.metrics().connections, live.metrics().subscriptions), (0, 0));
}

fn slow(policy: SlowPolicy) -> ChannelOptions {
    let mut options = ChannelOptions::default();
    options.slow = policy;
    options
}

#[actix_web::test]
async fn who_does_not_read_is_disconnected_or_misses_the_oldest_or_gets_the_latest() {
    tokio::time::pause();
    let keyed = Kind::new(slow(SlowPolicy::Conflate));
    let channels = double()
        .with("oldest", Kind::new(slow(SlowPolicy::DropOldest)))
        .with("latest", keyed)
        .with("all", Kind::new(slow(SlowPolicy::Disconnect)));
    let live = live(channels).await;
    let open = async |channel: &str| {
        let client = Client::with(&live, arrival("ada"), SocketSettings::new().queue_bytes(2000));
        client.ask("connect", json!({})).await;
        client.subscribe(channel).await;
        client.connection.pause(true);
        client
    };
    let (all, oldest, latest) = (open("all").await, open("oldest").await, open("latest").await);
    settle().await;
    let long = "x".repeat(100);
    for number in 0..100 {
        let broadcaster = live.broadcaster();
        broadcaster.publish("all", &json!([number, long])).await.unwrap();
        broadcaster.publish("oldest", &json!([number, long])).await.unwrap();
        let key = if number % 2 == 0 { "even" } else { "odd" };
        broadcaster.publish("latest", &json!([number, long])).key(key).await.unwrap();
        settle().await;
    }
    for client in [&all, &oldest, &latest] {
        client.connection.pause(false);
    }
    settle().await;
    assert!(all.connection.next().await.is_none());

    let mut numbers = Vec::new();
    while let Some(message) = oldest.connection.try_next() {
        let message: Value = serde_json::from_str(&message).unwrap();
        numbers.push(message["push"]["pub"]["data"][0].as_u64().unwrap());
    }
    assert!(numbers.len() < 20 && numbers.len() > 5, "{numbers:?}");
    assert!(numbers.ends_with(&[97, 98, 99]) && numbers.is_sorted(), "{numbers:?}");

    let both = [latest.data().await[0].clone(), latest.data().await[0].clone()];
    assert_eq!(
        both.iter().map(|number| number.as_u64().unwrap()).collect::<BTreeSet<_>>(),
        BTreeSet::from([98, 99])
    );
    assert!(latest.is_quiet().await);
}

#[actix_web::test]
async fn permission_may_carry_options_and_words_of_its_own() {
    tokio::time::pause();
    let kind = Kind::new(ChannelOptions::default()).on_subscribe(|ask| {
        assert_eq!(&ask.data[..], b"{\"as\":\"guest\"}");
        Ok(Grant { data: Some("{\"hello\":1}".into()), options: Some(stream(5)), ..Grant::default() })
    });
    let live = live_with(Double::new().with("a", kind), settings()).await;
    let client = Client::connect(&live, "ada").await;
    let reply = client.ask("subscribe", json!({"channel": "a", "data": {"as": "guest"}})).await;
    assert_eq!(
        (&reply["subscribe"]["data"], &reply["subscribe"]["recoverable"]),
        (&json!({"hello": 1}), &json!(true))
    );
}
