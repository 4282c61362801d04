//! Several workers, each on its thread, as a server has them.

use std::{
    sync::{
        Arc, Barrier,
        mpsc::{Receiver, Sender, channel},
    },
    task::{Context, Waker},
    thread::JoinHandle,
    time::Duration,
};

use actix_charter::live::{
    BroadcastError, LiveNode, LiveSettings,
    broker::{Engine, PublicationDraft, StreamOptions, Whom},
    protocol::{DisconnectCode, UnsubscribeCode},
    seam::AsArrived,
};
use actix_web::rt::System;
use serde_json::{Value, json};

use crate::{
    double::{Double, Kind},
    fixture::{Client, double, settle, stream},
    npm::started,
};

const PUBLISHERS: u64 = 2;
const EACH: u64 = 2_000;

/// What each client of a worker got, with its offset.
fn worker(live: LiveNode, ready: Arc<Barrier>) -> Vec<Vec<(u64, u64)>> {
    System::new().block_on(async move {
        let mut clients = Vec::new();
        for _ in 0..3 {
            let client = Client::connect(&live, "ada").await;
            client.subscribe("stream:a").await;
            clients.push(client);
        }
        ready.wait();
        let mut all = Vec::new();
        for client in &clients {
            let mut seen = Vec::new();
            for _ in 0..PUBLISHERS * EACH {
                let publication = client.push().await["pub"].clone();
                seen.push((publication["offset"].as_u64().unwrap(), publication["data"].as_u64().unwrap()));
            }
            all.push(seen);
        }
        drop(clients);
        settle().await;
        all
    })
}

#[test]
fn all_workers_see_one_sequence_that_was_encoded_once() {
    let live = started(Double::new().with("stream", Kind::new(stream(10))));
    let ready = Arc::new(Barrier::new(4));
    let workers: Vec<_> = (0..3)
        .map(|_| {
            let (live, ready) = (live.clone(), Arc::clone(&ready));
            std::thread::spawn(move || worker(live, ready))
        })
        .collect();
    ready.wait();
    let publishers: Vec<_> = (0..PUBLISHERS)
        .map(|publisher| {
            let broadcaster = live.broadcaster();
            std::thread::spawn(move || {
                System::new().block_on(async {
                    for number in 0..EACH {
                        broadcaster.publish("stream:a", &(publisher * EACH + number)).await.unwrap();
                    }
                });
            })
        })
        .collect();
    for publisher in publishers {
        publisher.join().unwrap();
    }
    let seen: Vec<_> = workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect();
    assert_eq!(seen.len(), 9);
    let first = &seen[0];
    assert!(first.iter().map(|(offset, _)| *offset).eq(1..=PUBLISHERS * EACH), "offsets without a hole");
    assert!(seen.iter().all(|other| other == first), "one order everywhere");
    for publisher in 0..PUBLISHERS {
        let own = first.iter().map(|(_, data)| *data).filter(|data| data / EACH == publisher);
        assert!(own.is_sorted(), "each publisher's order is kept");
    }
    let metrics = live.metrics();
    assert_eq!(metrics.encodings, PUBLISHERS * EACH);
    assert_eq!(metrics.deliveries, 9 * PUBLISHERS * EACH);
    assert_eq!((metrics.connections, metrics.subscriptions, metrics.lost), (0, 0, 0));
}

#[test]
fn a_publication_wakes_only_workers_that_want_it() {
    let live = started(Double::new().with("stream", Kind::new(stream(10))));
    System::new().block_on(async {
        let client = Client::connect(&live, "ada").await;
        client.subscribe("stream:a").await;
        live.broadcaster().publish("stream:b", &1).await.unwrap();
        live.broadcaster().publish("stream:a", &json!([1])).await.unwrap();
        assert_eq!(client.data().await, json!([1]));
        assert_eq!(live.metrics().publications, 1, "the broker tells of channels with subscribers");
    });
}

/// A worker that stands still, with more events before it than it has room for.
struct Blocked {
    live: LiveNode,
    go: Sender<()>,
    /// All that its client got after that.
    got: JoinHandle<Vec<Value>>,
}

impl Blocked {
    fn new() -> Self {
        let engine = Engine::default();
        let settings = LiveSettings::new().mailbox(4);
        let live =
            LiveNode::start(Arc::new(double()), Arc::new(AsArrived), engine.clone(), settings).unwrap();
        let (go, may_go): (_, Receiver<()>) = channel();
        let (is_there, there) = channel();
        let worker = live.clone();
        let got = std::thread::spawn(move || {
            System::new().block_on(async move {
                let client = Client::connect(&worker, "ada").await;
                client.subscribe("stream:a").await;
                settle().await;
                is_there.send(()).unwrap();
                may_go.recv().unwrap();
                settle().await;
                std::iter::from_fn(|| client.connection.try_next())
                    .map(|text| serde_json::from_str(&text).unwrap())
                    .collect()
            })
        });
        there.recv().unwrap();
        System::new().block_on(async {
            // As another node publishes: nobody waits for a worker of this one.
            for number in 0..8 {
                let options = StreamOptions::history(10, Duration::from_secs(300));
                let draft = PublicationDraft::new(number.to_string());
                engine.broker.publish("stream:a", draft, &options).await.unwrap();
            }
        });
        assert_eq!(live.metrics().lost, 4);
        Self { live, go, got }
    }

    fn goes_on(self) -> Vec<Value> {
        self.go.send(()).unwrap();
        self.got.join().unwrap()
    }
}

#[test]
fn orders_reach_a_worker_that_is_behind_after_what_was_published_before_them() {
    let blocked = Blocked::new();
    let broadcaster = blocked.live.broadcaster();
    System::new().block_on(async {
        broadcaster.to_connection("nobody", &1).await.unwrap();
        broadcaster.unsubscribe(Whom::user("ada"), "stream:a", UnsubscribeCode::SERVER).await.unwrap();
        broadcaster.disconnect(Whom::user("ada"), DisconnectCode::FORCE_NO_RECONNECT).await.unwrap();
    });
    let got = blocked.goes_on();
    for (number, message) in got.iter().take(4).enumerate() {
        assert_eq!(message["push"]["pub"]["data"], number);
    }
    assert_eq!(got.last().unwrap()["push"]["disconnect"]["code"], 3503);
}

#[test]
fn what_a_worker_cannot_be_told_is_an_error_and_a_drain_waits_for_it() {
    let blocked = Blocked::new();
    let (live, broadcaster) = (blocked.live.clone(), blocked.live.broadcaster());
    let error = System::new().block_on(async {
        loop {
            if let Err(error) = broadcaster.to_connection("nobody", &1).await {
                break error;
            }
        }
    });
    assert!(matches!(&error, BroadcastError::Broker(error) if error.is_full()) && error.temporary());
    assert_eq!(live.metrics().lost, 4, "nothing more");
    let got = System::new().block_on(async {
        let drained = live.drain(Duration::ZERO);
        let mut drained = std::pin::pin!(drained);
        assert!(drained.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        let got = std::thread::spawn(move || blocked.goes_on());
        drained.await;
        got.join().unwrap()
    });
    assert_eq!(got.last().unwrap()["push"]["disconnect"]["code"], 3001);
    System::new().block_on(async { broadcaster.to_connection("nobody", &1).await.unwrap() });
}

#[test]
fn a_worker_that_ends_gives_its_channels_back() {
    let live = started(Double::new().with("stream", Kind::new(stream(10))));
    let worker = live.clone();
    let ended = std::thread::spawn(move || {
        System::new().block_on(async move {
            let client = Client::connect(&worker, "ada").await;
            client.subscribe("stream:a").await;
            worker.broadcaster().publish("stream:a", &1).await.unwrap();
            assert_eq!(client.data().await, 1);
        });
    });
    ended.join().unwrap();
    System::new().block_on(async { live.broadcaster().publish("stream:a", &2).await.unwrap() });
    assert_eq!(live.metrics().publications, 1, "the broker tells of channels with subscribers");
    assert!(live.broadcaster().channels().is_empty());
}
