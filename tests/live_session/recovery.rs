use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, Ordering},
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
        self.now(self.inner.publish(channel, draft, options))
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
        self.now(self.inner.history(channel, query))
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
