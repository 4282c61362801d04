//! A broker that does not answer.

use std::sync::{Arc, Mutex};

use actix_charter::live::{
    ClientInfo, LiveNode,
    broker::{
        Broker, BrokerError, BrokerEvents, Engine, History, HistoryQuery, MemoryBroker, PublicationDraft,
        Published, StreamOptions, Whom,
    },
    protocol::DisconnectCode,
};
use futures_util::future::{BoxFuture, join_all};
use serde_json::json;
use tokio::{sync::Semaphore, time::Instant};

use crate::{
    double::Kind,
    fixture::{Client, double, live_of, present, seconds, settings, settle},
};

/// Answers what it is told of `silent` channels when there is a permit for it.
#[derive(Debug)]
struct Silent {
    inner: MemoryBroker,
    answers: Semaphore,
    told: Mutex<Vec<String>>,
}

type Done<'a, T> = BoxFuture<'a, Result<T, BrokerError>>;

impl Silent {
    async fn tell(&self, channel: &str, what: &str, user: &str) -> Result<(), BrokerError> {
        if channel.starts_with("silent") {
            self.answers.acquire().await.unwrap().forget();
        }
        self.told.lock().unwrap().push(format!("{channel} {what} {user}"));
        Ok(())
    }
}

impl Broker for Silent {
    fn start(&self, events: Arc<dyn BrokerEvents>) -> Done<'_, ()> {
        self.inner.start(events)
    }

    fn publish<'a>(
        &'a self,
        channel: &'a str,
        draft: PublicationDraft,
        options: &'a StreamOptions,
    ) -> Done<'a, Published> {
        Box::pin(async move {
            self.tell(channel, "publish", "").await?;
            self.inner.publish(channel, draft, options).await
        })
    }

    fn publish_join<'a>(&'a self, channel: &'a str, info: Arc<ClientInfo>) -> Done<'a, ()> {
        Box::pin(async move { self.tell(channel, "join", &info.user).await })
    }

    fn publish_leave<'a>(&'a self, channel: &'a str, info: Arc<ClientInfo>) -> Done<'a, ()> {
        Box::pin(async move { self.tell(channel, "leave", &info.user).await })
    }

    fn subscribe<'a>(&'a self, channel: &'a str) -> Done<'a, ()> {
        self.inner.subscribe(channel)
    }

    fn unsubscribe<'a>(&'a self, channel: &'a str) -> Done<'a, ()> {
        self.inner.unsubscribe(channel)
    }

    fn history<'a>(&'a self, channel: &'a str, query: HistoryQuery) -> Done<'a, History> {
        self.inner.history(channel, query)
    }

    fn remove_history<'a>(&'a self, channel: &'a str) -> Done<'a, ()> {
        self.inner.remove_history(channel)
    }
}

async fn silent() -> (LiveNode, Arc<Silent>) {
    let broker = Arc::new(Silent {
        inner: MemoryBroker::default(),
        answers: Semaphore::new(0),
        told: Mutex::default(),
    });
    let mut at_once = present();
    at_once.leave_delay = seconds(0);
    let channels = double().with("silent", Kind::new(at_once.clone())).with("room", Kind::new(at_once));
    let engine = Engine { broker: Arc::clone(&broker) as _, ..Engine::default() };
    let settings = settings()
        .channels_per_connection(10_000)
        .commands(100_000, 100_000)
        .ping(seconds(10_000), seconds(8));
    (live_of(channels, settings, engine).await, broker)
}

#[actix_web::test]
async fn nobody_waits_for_more_than_the_timeout_however_much_is_queued() {
    tokio::time::pause();
    let (live, broker) = silent().await;
    let (ada, bob) = (Client::connect(&live, "ada").await, Client::connect(&live, "bob").await);
    let start = Instant::now();
    for number in 0..1000 {
        ada.subscribe(&format!("silent:{number}")).await;
    }
    for number in 0..50 {
        ada.ask("unsubscribe", json!({"channel": format!("silent:{number}")})).await;
    }
    assert_eq!(start.elapsed(), seconds(0));

    // More than are under way at once.
    let broadcaster = live.broadcaster();
    let publications =
        (0..1000).map(|number| broadcaster.publish(format!("silent:{number}"), &number).into_future());
    let publications = actix_web::rt::spawn(join_all(publications));
    settle().await;
    broadcaster.disconnect(Whom::user("bob"), DisconnectCode::FORCE_NO_RECONNECT).await.unwrap();
    assert_eq!(bob.ended().await, 3503);
    assert_eq!(start.elapsed(), seconds(0), "orders wait for no publications");

    let failed = publications.await.unwrap();
    assert!(failed.iter().all(|published| published.as_ref().is_err_and(|error| error.temporary())));
    assert!(start.elapsed() < seconds(1) + seconds(1) / 10, "{:?}", start.elapsed());

    // What was too late is not told afterwards.
    tokio::time::advance(seconds(3)).await;
    settle().await;
    broker.answers.add_permits(10_000);
    settle().await;
    assert!(broker.told.lock().unwrap().is_empty());
    broadcaster.publish("silent:0", &1).await.unwrap();
}

#[actix_web::test]
async fn channels_do_not_wait_for_each_other_and_within_one_there_is_an_order() {
    tokio::time::pause();
    let (live, broker) = silent().await;
    let (ada, bob) = (Client::connect(&live, "ada").await, Client::connect(&live, "bob").await);
    ada.subscribe("silent").await;
    bob.subscribe("silent").await;
    ada.ask("unsubscribe", json!({"channel": "silent"})).await;
    ada.subscribe("room").await;
    ada.ask("unsubscribe", json!({"channel": "room"})).await;
    settle().await;
    let told = || std::mem::take(&mut *broker.told.lock().unwrap());
    assert_eq!(told(), ["room join ada", "room leave ada"]);
    broker.answers.add_permits(10);
    settle().await;
    assert_eq!(told(), ["silent join ada", "silent join bob", "silent leave ada"]);
}
