//! Several workers, each on its thread, as a server has them.

use std::sync::{Arc, Barrier};

use actix_charter::live::LiveNode;
use actix_web::rt::System;
use serde_json::json;

use crate::{
    double::{Double, Kind},
    fixture::{Client, settle, stream},
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
