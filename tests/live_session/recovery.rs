use std::{
    collections::{BTreeMap, HashMap},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use actix_charter::live::{
    ClientInfo, Epoch, LiveNode, Publication, RecoveryMode,
    broker::{
        Broker, BrokerError, BrokerEvents, ControlMessage, Engine, History, HistoryQuery, LivePublication,
        MemoryBroker, PublicationDraft, Published, StreamOptions,
    },
};
use futures_util::future::BoxFuture;
use serde_json::{Value, json};
use tokio::sync::Semaphore;

use crate::{
    double::{Double, Kind},
    fixture::{Client, arrival, double, error, live, live_of, seconds, settings, settle, stream},
};

async fn publish(live: &LiveNode, channel: &str, numbers: impl IntoIterator<Item = u64>) {
    for number in numbers {
        live.broadcaster().publish(channel, &number).await.unwrap();
    }
}

fn since(channel: &str, reply: &Value, offset: u64) -> Value {
    json!({"channel": channel, "recover": true, "epoch": reply["epoch"], "offset": offset})
}

fn numbers(reply: &Value) -> Vec<u64> {
    let publications = reply["subscribe"]["publications"].as_array().cloned().unwrap_or_default();
    publications.iter().map(|publication| publication["data"].as_u64().unwrap()).collect()
}

#[actix_web::test]
async fn who_was_away_gets_exactly_what_was_missed() {
    tokio::time::pause();
    let live = live(double()).await;
    let client = Client::connect(&live, "ada").await;
    let first = client.subscribe("stream:a").await;
    publish(&live, "stream:a", 1..=2).await;
    assert_eq!((client.data().await, client.data().await), (json!(1), json!(2)));
    drop(client);
    publish(&live, "stream:a", 3..=5).await;

    let client = Client::connect(&live, "ada").await;
    let reply = client.ask("subscribe", since("stream:a", &first, 2)).await;
    assert_eq!(numbers(&reply), [3, 4, 5]);
    let subscribe = &reply["subscribe"];
    assert_eq!(
        (&subscribe["recovered"], &subscribe["was_recovering"], &subscribe["offset"]),
        (&json!(true), &json!(true), &json!(2))
    );
    publish(&live, "stream:a", [6]).await;
    assert_eq!(client.data().await, 6);
    assert!(client.is_quiet().await);
}

#[actix_web::test]
async fn more_than_the_history_holds_is_not_recovered_at_all() {
    tokio::time::pause();
    let live = live(double()).await;
    let client = Client::connect(&live, "ada").await;
    let first = client.subscribe("stream:a").await;
    client.ask("unsubscribe", json!({"channel": "stream:a"})).await;
    publish(&live, "stream:a", 1..=11).await;
    let reply = client.ask("subscribe", since("stream:a", &first, 0)).await;
    assert_eq!((&reply["subscribe"]["recovered"], &reply["subscribe"]["offset"]), (&Value::Null, &json!(11)));
    assert!(numbers(&reply).is_empty());
    client.ask("unsubscribe", json!({"channel": "stream:a"})).await;

    let mut request = since("stream:a", &first, 0);
    request["flag"] = json!(2);
    assert_eq!(error(&client.ask("subscribe", request).await), 112);
    assert_eq!(live.metrics().subscriptions, 0);
    let other = json!({"channel": "stream:a", "recover": true, "epoch": "another", "offset": 11});
    assert_eq!(client.ask("subscribe", other).await["subscribe"]["recovered"], Value::Null);
}

#[actix_web::test]
async fn a_cache_gives_the_latest_alone() {
    tokio::time::pause();
    let mut options = stream(10);
    options.recovery = RecoveryMode::Cache;
    let live = live(Double::new().with("cache", Kind::new(options))).await;
    publish(&live, "cache", 1..=3).await;
    let client = Client::connect(&live, "ada").await;
    let reply = client.ask("subscribe", json!({"channel": "cache"})).await;
    assert_eq!(numbers(&reply), [3]);
    publish(&live, "cache", [4]).await;
    assert_eq!(client.data().await, 4);
}

#[actix_web::test]
async fn subscriptions_of_the_servers_recover_when_one_connects() {
    tokio::time::pause();
    let channels = double().of_peer(|_| vec!["stream:news".to_owned()]);
    let live = live(channels).await;
    let client = Client::open(&live, arrival("ada"));
    let reply = client.ask("connect", json!({})).await;
    let epoch = reply["connect"]["subs"]["stream:news"]["epoch"].clone();
    drop(client);
    publish(&live, "stream:news", 1..=3).await;
    let client = Client::open(&live, arrival("ada"));
    let subs = json!({"stream:news": {"recover": true, "epoch": epoch, "offset": 1}});
    let reply = client.ask("connect", json!({"subs": subs})).await;
    let sub = &reply["connect"]["subs"]["stream:news"];
    assert_eq!(sub["recovered"], true);
    assert_eq!(sub["publications"].as_array().unwrap().len(), 2);
    publish(&live, "stream:news", [4]).await;
    assert_eq!(client.data().await, 4);
}

#[actix_web::test]
async fn the_history_is_read_in_pages_from_both_ends() {
    tokio::time::pause();
    let live = live(double()).await;
    publish(&live, "stream:a", 1..=5).await;
    let client = Client::connect(&live, "ada").await;
    assert_eq!(error(&client.ask("history", json!({"channel": "stream:a", "limit": 2})).await), 103);
    let epoch = client.subscribe("stream:a").await["epoch"].clone();
    let page = async |request: Value| {
        let reply = client.ask("history", request).await["history"].clone();
        assert_eq!((&reply["offset"], &reply["epoch"]), (&json!(5), &epoch));
        let publications = reply["publications"].as_array().cloned().unwrap_or_default();
        publications.iter().map(|one| one["data"].as_u64().unwrap()).collect::<Vec<_>>()
    };
    assert!(page(json!({"channel": "stream:a"})).await.is_empty());
    assert_eq!(page(json!({"channel": "stream:a", "limit": -1})).await, [1, 2, 3, 4, 5]);
    assert_eq!(page(json!({"channel": "stream:a", "limit": 2})).await, [1, 2]);
    let since = json!({"offset": 2, "epoch": epoch});
    assert_eq!(page(json!({"channel": "stream:a", "limit": 2, "since": since})).await, [3, 4]);
    let reverse = json!({"channel": "stream:a", "limit": 2, "reverse": true});
    assert_eq!(page(reverse).await, [5, 4]);
    let since = json!({"offset": 4, "epoch": epoch});
    assert_eq!(
        page(json!({"channel": "stream:a", "limit": 2, "since": since, "reverse": true})).await,
        [3, 2]
    );
    let other = json!({"offset": 2, "epoch": "another"});
    let reply = client.ask("history", json!({"channel": "stream:a", "limit": 2, "since": other})).await;
    assert_eq!(error(&reply), 112);
    client.subscribe("plain:a").await;
    assert_eq!(error(&client.ask("history", json!({"channel": "plain:a"})).await), 108);
}

/// A broker that loses or fails when it is told to.
#[derive(Debug, Default)]
pub(crate) struct Faulty {
    inner: MemoryBroker,
    pub(crate) loses: Arc<AtomicBool>,
    pub(crate) is_down: AtomicBool,
    pub(crate) hangs: AtomicBool,
    /// A permit of it lets one history be read.
    pub(crate) gate: Mutex<Option<Arc<Semaphore>>>,
    /// All that was published: by channel, then by offset.
    pub(crate) published: Mutex<HashMap<String, BTreeMap<u64, u64>>>,
}

struct Losing(Arc<dyn BrokerEvents>, Arc<AtomicBool>);

impl BrokerEvents for Losing {
    fn publication(&self, channel: &Arc<str>, publication: &LivePublication) {
        if !self.1.load(Ordering::SeqCst) {
            self.0.publication(channel, publication);
        }
    }

    fn join(&self, channel: &Arc<str>, info: &Arc<ClientInfo>) {
        self.0.join(channel, info);
    }

    fn leave(&self, channel: &Arc<str>, info: &Arc<ClientInfo>) {
        self.0.leave(channel, info);
    }

    fn control(&self, message: &ControlMessage) {
        self.0.control(message);
    }
}

impl Faulty {
    fn now<'a, T: Send + 'a>(
        &'a self,
        asked: BoxFuture<'a, Result<T, BrokerError>>,
    ) -> BoxFuture<'a, Result<T, BrokerError>> {
        Box::pin(async move {
            if self.hangs.load(Ordering::SeqCst) {
                std::future::pending::<()>().await;
            }
            if self.is_down.load(Ordering::SeqCst) {
                return Err(BrokerError::unavailable("It is down."));
            }
            asked.await
        })
    }
}

type Done<'a, T> = BoxFuture<'a, Result<T, BrokerError>>;

impl Broker for Faulty {
    fn start(&self, events: Arc<dyn BrokerEvents>) -> Done<'_, ()> {
        self.inner.start(Arc::new(Losing(events, self.loses.clone())))
    }

    fn publish<'a>(
        &'a self,
        channel: &'a str,
        draft: PublicationDraft,
        options: &'a StreamOptions,
    ) -> Done<'a, Published> {
        let data = std::str::from_utf8(&draft.data).unwrap().parse().unwrap_or_default();
        let asked = self.inner.publish(channel, draft, options);
        self.now(Box::pin(async move {
            let published = asked.await?;
            let mut all = self.published.lock().unwrap();
            all.entry(channel.to_owned()).or_default().insert(published.position.offset, data);
            Ok(published)
        }))
    }

    fn publish_join<'a>(&'a self, channel: &'a str, info: Arc<ClientInfo>) -> Done<'a, ()> {
        self.inner.publish_join(channel, info)
    }

    fn publish_leave<'a>(&'a self, channel: &'a str, info: Arc<ClientInfo>) -> Done<'a, ()> {
        self.inner.publish_leave(channel, info)
    }

    fn subscribe<'a>(&'a self, channel: &'a str) -> Done<'a, ()> {
        self.now(self.inner.subscribe(channel))
    }

    fn unsubscribe<'a>(&'a self, channel: &'a str) -> Done<'a, ()> {
        self.inner.unsubscribe(channel)
    }

    fn history<'a>(&'a self, channel: &'a str, query: HistoryQuery) -> Done<'a, History> {
        let gate = self.gate.lock().unwrap().clone();
        let asked = self.inner.history(channel, query);
        self.now(Box::pin(async move {
            if let Some(gate) = gate {
                gate.acquire().await.unwrap().forget();
            }
            asked.await
        }))
    }

    fn remove_history<'a>(&'a self, channel: &'a str) -> Done<'a, ()> {
        self.inner.remove_history(channel)
    }
}

pub(crate) async fn faulty(channels: Double) -> (LiveNode, Arc<Faulty>) {
    let broker = Arc::new(Faulty::default());
    let engine = Engine { broker: broker.clone(), ..Engine::default() };
    // Who waits for one client does not answer the pings of another.
    let settings = settings().ping(seconds(10_000), seconds(8));
    (live_of(channels, settings, engine).await, broker)
}

#[actix_web::test]
async fn a_publication_that_is_lost_is_noticed_by_the_next_one() {
    tokio::time::pause();
    let (live, broker) = faulty(double()).await;
    let client = Client::connect(&live, "ada").await;
    let first = client.subscribe("stream:a").await;
    publish(&live, "stream:a", [1]).await;
    assert_eq!(client.data().await, 1);
    broker.loses.store(true, Ordering::SeqCst);
    publish(&live, "stream:a", [2]).await;
    broker.loses.store(false, Ordering::SeqCst);
    assert!(client.is_quiet().await);
    publish(&live, "stream:a", [3]).await;
    assert_eq!(client.push().await["unsubscribe"]["code"], 2500);
    let reply = client.ask("subscribe", since("stream:a", &first, 1)).await;
    assert_eq!(numbers(&reply), [2, 3]);
    publish(&live, "stream:a", [4]).await;
    assert_eq!(client.data().await, 4);
    assert_eq!(live.metrics().insufficient, 1);
}

#[actix_web::test]
async fn a_publication_that_is_lost_is_noticed_where_nothing_follows() {
    tokio::time::pause();
    let (live, broker) = faulty(double().of_peer(|peer| match peer.user.as_str() {
        "bob" => vec!["stream:a".to_owned()],
        _ => Vec::new(),
    }))
    .await;
    let (ada, bob) = (Client::connect(&live, "ada").await, Client::connect(&live, "bob").await);
    ada.subscribe("stream:a").await;
    ada.subscribe("stream:quiet").await;
    broker.loses.store(true, Ordering::SeqCst);
    publish(&live, "stream:a", [1]).await;
    broker.loses.store(false, Ordering::SeqCst);
    let start = tokio::time::Instant::now();
    let push = ada.push().await;
    assert_eq!((&push["channel"], &push["unsubscribe"]["code"]), (&json!("stream:a"), &json!(2500)));
    assert!(start.elapsed() <= seconds(82), "{:?}", start.elapsed());
    assert_eq!(bob.ended().await, 3010, "the server's subscriptions are made by connecting");
    assert!(ada.is_quiet().await);
}

#[actix_web::test]
async fn while_the_broker_is_down_sockets_stay_and_commands_fail_for_now() {
    tokio::time::pause();
    let (live, broker) = faulty(double()).await;
    let client = Client::connect(&live, "ada").await;
    client.subscribe("stream:a").await;
    for fault in [&broker.is_down, &broker.hangs] {
        fault.store(true, Ordering::SeqCst);
        let start = tokio::time::Instant::now();
        let publish = client.ask("publish", json!({"channel": "stream:a", "data": 1})).await;
        assert_eq!((error(&publish), &publish["error"]["temporary"]), (100, &json!(true)));
        let subscribe = client.ask("subscribe", json!({"channel": "stream:b"})).await;
        assert_eq!((error(&subscribe), &subscribe["error"]["temporary"]), (100, &json!(true)));
        assert!(
            start.elapsed() <= seconds(2) + std::time::Duration::from_millis(10),
            "{:?}",
            start.elapsed()
        );
        fault.store(false, Ordering::SeqCst);
        settle().await;
    }
    assert_eq!(live.metrics().subscriptions, 1);
    client.subscribe("stream:b").await;
    publish(&live, "stream:b", [1]).await;
    assert_eq!(client.data().await, 1);
}

/// Publishes while a history is being read.
#[derive(Debug, Default)]
struct Meanwhile {
    publications: Mutex<Vec<(u64, &'static str)>>,
    epoch: &'static str,
    events: std::sync::OnceLock<Arc<Sink>>,
}

struct Sink(Arc<dyn BrokerEvents>);

impl std::fmt::Debug for Sink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sink")
    }
}

impl Broker for Meanwhile {
    fn start(&self, events: Arc<dyn BrokerEvents>) -> Done<'_, ()> {
        self.events.set(Arc::new(Sink(events))).unwrap();
        Box::pin(async { Ok(()) })
    }

    fn publish<'a>(&'a self, _: &'a str, _: PublicationDraft, _: &'a StreamOptions) -> Done<'a, Published> {
        Box::pin(async { Err(BrokerError::unsupported("not here")) })
    }

    fn publish_join<'a>(&'a self, _: &'a str, _: Arc<ClientInfo>) -> Done<'a, ()> {
        Box::pin(async { Ok(()) })
    }

    fn publish_leave<'a>(&'a self, _: &'a str, _: Arc<ClientInfo>) -> Done<'a, ()> {
        Box::pin(async { Ok(()) })
    }

    fn subscribe<'a>(&'a self, _: &'a str) -> Done<'a, ()> {
        Box::pin(async { Ok(()) })
    }

    fn unsubscribe<'a>(&'a self, _: &'a str) -> Done<'a, ()> {
        Box::pin(async { Ok(()) })
    }

    fn history<'a>(&'a self, channel: &'a str, query: HistoryQuery) -> Done<'a, History> {
        Box::pin(async move {
            let channel: Arc<str> = channel.into();
            for (offset, epoch) in self.publications.lock().unwrap().drain(..) {
                let publication =
                    Publication { offset, data: offset.to_string().into(), ..Publication::default() };
                let live = LivePublication {
                    publication: Arc::new(publication),
                    epoch: epoch.into(),
                    previous: None,
                };
                self.events.get().unwrap().0.publication(&channel, &live);
            }
            settle().await;
            let publications = if query.limit == Some(0) { 5..5 } else { 4..6 };
            let publications = publications
                .map(|offset| {
                    Arc::new(Publication {
                        offset,
                        data: offset.to_string().into(),
                        ..Publication::default()
                    })
                })
                .collect();
            let position = actix_charter::live::Position { offset: 5, epoch: Epoch::from(self.epoch) };
            Ok(History { publications, position })
        })
    }

    fn remove_history<'a>(&'a self, _: &'a str) -> Done<'a, ()> {
        Box::pin(async { Ok(()) })
    }
}

async fn meanwhile(publications: &[(u64, &'static str)]) -> (LiveNode, Client) {
    let broker =
        Meanwhile { publications: Mutex::new(publications.to_vec()), epoch: "e", ..Meanwhile::default() };
    let engine = Engine { broker: Arc::new(broker), ..Engine::default() };
    let live = live_of(double(), settings(), engine).await;
    let client = Client::connect(&live, "ada").await;
    (live, client)
}

#[actix_web::test]
async fn what_comes_while_the_history_is_read_is_put_behind_it_once() {
    tokio::time::pause();
    let (_live, client) = meanwhile(&[(4, "e"), (5, "e"), (6, "e"), (7, "e")]).await;
    let recover = json!({"channel": "stream:a", "recover": true, "epoch": "e", "offset": 3});
    let reply = client.ask("subscribe", recover).await;
    assert_eq!((numbers(&reply), &reply["subscribe"]["offset"]), (vec![4, 5, 6, 7], &json!(3)));
    assert!(client.is_quiet().await);

    let (_live, client) = meanwhile(&[(5, "e"), (6, "e"), (7, "e")]).await;
    let reply = client.subscribe("stream:a").await;
    assert_eq!(reply["offset"], 5);
    assert_eq!((client.data().await, client.data().await), (json!(6), json!(7)));
    assert!(client.is_quiet().await);
}

#[actix_web::test]
async fn a_hole_between_what_was_read_and_what_came_ends_the_connection() {
    tokio::time::pause();
    for publications in [[(7, "e")], [(6, "another")]] {
        let (live, client) = meanwhile(&publications).await;
        client.send("subscribe", json!({"channel": "stream:a"}));
        assert_eq!(client.ended().await, 3010);
        assert_eq!(live.metrics().subscriptions, 0);
    }
}

#[actix_web::test]
async fn more_than_can_wait_while_it_is_being_subscribed_is_recovered_by_coming_again() {
    tokio::time::pause();
    let mut long = stream(10_000);
    long.history_ttl = seconds(10_000);
    let broker = Arc::new(Faulty::default());
    let engine = Engine { broker: broker.clone(), ..Engine::default() };
    let settings = settings().broker_timeout(seconds(1000)).ping(seconds(10_000), seconds(8));
    let live = live_of(Double::new().with("long", Kind::new(long)), settings, engine).await;
    publish(&live, "long", [0]).await;
    let client = Client::connect(&live, "ada").await;
    let first = client.subscribe("long").await;
    drop(client);

    let gate = Arc::new(Semaphore::new(0));
    *broker.gate.lock().unwrap() = Some(Arc::clone(&gate));
    let client = Client::connect(&live, "ada").await;
    client.send("subscribe", since("long", &first, 1));
    settle().await;
    publish(&live, "long", 1..=100).await;
    publish(&live, "long", 101..=4200).await;
    settle().await;
    gate.add_permits(1);
    assert_eq!(client.ended().await, 3010);
    assert_eq!(live.metrics().subscriptions, 0);

    // It comes again, from where it was, and learns that it is too much; a page is not.
    *broker.gate.lock().unwrap() = None;
    let client = Client::connect(&live, "ada").await;
    let reply = client.ask("subscribe", since("long", &first, 1)).await;
    assert_eq!(
        (&reply["subscribe"]["recovered"], &reply["subscribe"]["offset"]),
        (&Value::Null, &json!(4201))
    );
    client.ask("unsubscribe", json!({"channel": "long"})).await;
    let reply = client.ask("subscribe", since("long", &first, 4001)).await;
    assert!(numbers(&reply).into_iter().eq(4001..=4200));
}

fn state(round: u64) -> Value {
    json!({"scores": [10, 20, 30, 40, 50, 60], "names": ["ada", "bob", "eve"], "round": round})
}

/// What a client that understands deltas holds.
#[derive(Default)]
struct Held(String);

impl Held {
    fn take(&mut self, publication: &Value) -> Value {
        let data = publication["data"].as_str().expect("a string, whole or a delta");
        self.0 = if publication["delta"] == true {
            let applied =
                actix_charter::live::protocol::delta::apply(self.0.as_bytes(), data.as_bytes(), 4096)
                    .unwrap();
            String::from_utf8(applied).unwrap()
        } else {
            data.to_owned()
        };
        serde_json::from_str(&self.0).unwrap()
    }
}

#[actix_web::test]
async fn deltas_go_on_through_a_recovery() {
    tokio::time::pause();
    let mut options = stream(10);
    options.delta = true;
    let live = live(double().with("delta", Kind::new(options))).await;
    let publish = async |rounds: std::ops::RangeInclusive<u64>| {
        for round in rounds {
            live.broadcaster().publish("delta", &state(round)).await.unwrap();
        }
    };
    let client = Client::connect(&live, "ada").await;
    let first =
        client.ask("subscribe", json!({"channel": "delta", "delta": "fossil"})).await["subscribe"].clone();
    publish(1..=2).await;
    let mut held = Held::default();
    for round in 1..=2 {
        assert_eq!(held.take(&client.push().await["pub"]), state(round));
    }
    drop(client);
    publish(3..=5).await;

    // The first is whole: what a client held does not outlive its connection. The others are small.
    let client = Client::connect(&live, "ada").await;
    let mut request = since("delta", &first, 2);
    request["delta"] = json!("fossil");
    let reply = client.ask("subscribe", request).await["subscribe"].clone();
    assert_eq!((&reply["recovered"], &reply["delta"]), (&json!(true), &json!(true)));
    let mut held = Held::default();
    for (round, publication) in (3..=5).zip(reply["publications"].as_array().unwrap()) {
        assert_eq!(publication["delta"] == true, round > 3, "{publication}");
        assert_eq!(held.take(publication), state(round));
    }
    // What comes is a delta to the last of them.
    publish(6..=6).await;
    let live_one = client.push().await["pub"].clone();
    assert_eq!(live_one["delta"], true);
    assert_eq!(held.take(&live_one), state(6));

    // After a subscription of its own, nothing was missed, and the next one is whole.
    client.ask("unsubscribe", json!({"channel": "delta"})).await;
    let mut request = since("delta", &first, 6);
    request["delta"] = json!("fossil");
    let reply = client.ask("subscribe", request).await["subscribe"].clone();
    assert_eq!((&reply["recovered"], &reply["publications"]), (&json!(true), &Value::Null));
    publish(7..=8).await;
    let mut held = Held::default();
    for round in 7..=8 {
        let publication = client.push().await["pub"].clone();
        assert_eq!(publication["delta"] == true, round > 7);
        assert_eq!(held.take(&publication), state(round));
    }
}

#[actix_web::test]
async fn deltas_hold_while_a_subscription_is_being_made() {
    tokio::time::pause();
    let mut options = stream(10);
    options.delta = true;
    let broker = Arc::new(Faulty::default());
    let engine = Engine { broker: broker.clone(), ..Engine::default() };
    let live = live_of(double().with("delta", Kind::new(options)), settings(), engine).await;
    for is_recovery in [false, true] {
        let gate = Arc::new(Semaphore::new(0));
        *broker.gate.lock().unwrap() = Some(Arc::clone(&gate));
        let client = Client::connect(&live, "ada").await;
        let mut request = json!({"channel": "delta", "delta": "fossil"});
        if is_recovery {
            request["recover"] = json!(true);
        }
        client.send("subscribe", request);
        settle().await;
        live.broadcaster().publish("delta", &state(1)).await.unwrap();
        live.broadcaster().publish("delta", &state(2)).await.unwrap();
        settle().await;
        gate.add_permits(1);
        let reply = client.next().await["subscribe"].clone();
        assert_eq!(reply["delta"], true);
        live.broadcaster().publish("delta", &state(3)).await.unwrap();
        let mut held = Held::default();
        let mut all: Vec<Value> = reply["publications"].as_array().cloned().unwrap_or_default();
        settle().await;
        while let Some(text) = client.connection.try_next() {
            let push: Value = serde_json::from_str(&text).unwrap();
            all.push(push["push"]["pub"].clone());
        }
        let seen: Vec<Value> = all.iter().map(|publication| held.take(publication)).collect();
        assert!(!seen.is_empty());
        assert_eq!(seen.last(), Some(&state(3)));
        assert!(seen.windows(2).all(|two| {
            let round = |value: &Value| value["round"].as_u64().unwrap();
            round(&two[1]) == round(&two[0]) + 1 || round(&two[1]) == 1
        }));
    }
}

#[actix_web::test]
async fn what_is_lost_while_positions_are_compared_is_looked_for_once_more() {
    tokio::time::pause();
    let broker = Arc::new(Faulty::default());
    let engine = Engine { broker: broker.clone(), ..Engine::default() };
    let settings = settings().mailbox(4).ping(seconds(10_000), seconds(8));
    let live = live_of(double(), settings, engine).await;
    let client = Client::connect(&live, "ada").await;
    for channel in ["plain:a", "stream:a", "stream:b"] {
        client.subscribe(channel).await;
    }
    let gate = Arc::new(Semaphore::new(0));
    *broker.gate.lock().unwrap() = Some(Arc::clone(&gate));
    // As another node publishes: nobody waits for a worker of this one.
    let publish = async |channel: &str, count: u32| {
        for number in 0..count {
            let draft = PublicationDraft::new(number.to_string());
            let options = StreamOptions::history(if channel == "plain:a" { 0 } else { 10 }, seconds(300));
            broker.publish(channel, draft, &options).await.unwrap();
        }
    };
    publish("plain:a", 8).await;
    settle().await;
    // One of the streams is compared, and found whole; then both lack something.
    gate.add_permits(1);
    settle().await;
    publish("plain:a", 4).await;
    publish("stream:a", 1).await;
    publish("stream:b", 1).await;
    assert_eq!(live.metrics().lost, 6);
    settle().await;
    gate.add_permits(1000);
    let start = tokio::time::Instant::now();
    for _ in 0..8 {
        assert_eq!(client.push().await["channel"], "plain:a");
    }
    let mut ended = [client.push().await, client.push().await].map(|push| {
        assert_eq!(push["unsubscribe"]["code"], 2500, "{push}");
        push["channel"].as_str().unwrap().to_owned()
    });
    ended.sort();
    assert_eq!(ended, ["stream:a", "stream:b"]);
    assert!(start.elapsed() < seconds(5), "{:?}", start.elapsed());
}
