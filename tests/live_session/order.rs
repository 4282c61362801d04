//! Random publishers, random disconnects: each client sees one order without a gap or a repeat.

use std::{
    collections::HashMap,
    sync::{Arc, atomic::Ordering},
};

use actix_charter::live::{LiveNode, broker::Engine};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::{
    double::{Double, Kind},
    fixture::{Client, live_of, seconds, settings, settle, stream},
    recovery::Faulty,
};

const CHANNELS: [&str; 2] = ["stream:a", "stream:b"];

#[derive(Debug, Clone)]
enum Step {
    /// So many at once, by the broadcaster.
    Publish {
        channel: usize,
        count: u64,
    },
    /// By a client.
    Say {
        client: usize,
        channel: usize,
    },
    Drop {
        client: usize,
    },
    Unsubscribe {
        client: usize,
        channel: usize,
    },
    Read {
        client: usize,
    },
    Settle,
    /// From now on the broker loses what it is to deliver, or does no more.
    Lose(bool),
}

fn steps(loses: bool) -> impl Strategy<Value = Vec<Step>> {
    let lose = if loses { any::<bool>().prop_map(Step::Lose).boxed() } else { Just(Step::Settle).boxed() };
    let step = prop_oneof![
        3 => (0..2_usize, 1..5_u64).prop_map(|(channel, count)| Step::Publish { channel, count }),
        2 => (0..3_usize, 0..2_usize).prop_map(|(client, channel)| Step::Say { client, channel }),
        2 => (0..3_usize).prop_map(|client| Step::Drop { client }),
        1 => (0..3_usize, 0..2_usize).prop_map(|(client, channel)| Step::Unsubscribe { client, channel }),
        1 => (0..3_usize).prop_map(|client| Step::Read { client }),
        2 => Just(Step::Settle),
        1 => lose,
    ];
    proptest::collection::vec(step, 1..60)
}

/// What a client knows of a channel, over all its connections.
#[derive(Default)]
struct Known {
    epoch: Value,
    offset: u64,
    data: Vec<u64>,
    is_subscribed: bool,
}

struct Peer {
    client: Option<Client>,
    known: HashMap<String, Known>,
    asked: HashMap<u64, String>,
}

impl Peer {
    /// Connects if it has to, and asks for every channel it is not in.
    async fn come(&mut self, live: &LiveNode) {
        if self.client.is_none() {
            self.client = Some(Client::connect(live, "ada").await);
            self.asked.clear();
            for known in self.known.values_mut() {
                known.is_subscribed = false;
            }
        }
        let client = self.client.as_ref().unwrap();
        for channel in CHANNELS {
            let known = self.known.entry(channel.to_owned()).or_default();
            if !known.is_subscribed && !self.asked.values().any(|asked| asked == channel) {
                let mut request = json!({"channel": channel});
                if !known.epoch.is_null() {
                    request["recover"] = json!(true);
                    request["epoch"] = known.epoch.clone();
                    request["offset"] = json!(known.offset);
                }
                let id = client.send("subscribe", request);
                self.asked.insert(id.into(), channel.to_owned());
            }
        }
    }

    fn take(&mut self, publication: &Value, channel: &str) {
        let known = self.known.get_mut(channel).unwrap();
        assert!(known.is_subscribed, "nothing comes before the reply");
        assert_eq!(publication["offset"], known.offset + 1, "no gap and no repeat");
        known.offset += 1;
        known.data.push(publication["data"].as_u64().unwrap());
    }

    /// Reads what has come.
    fn read(&mut self) {
        loop {
            let Some(text) = self.client.as_ref().and_then(|client| client.connection.try_next()) else {
                return;
            };
            let message: Value = serde_json::from_str(&text).unwrap();
            if let Some(push) = message.get("push") {
                let channel = push["channel"].as_str().unwrap();
                if push.get("pub").is_some() {
                    self.take(&push["pub"], channel);
                } else {
                    assert_eq!(push["unsubscribe"]["code"], 2500, "{push}");
                    self.known.get_mut(channel).unwrap().is_subscribed = false;
                }
            } else if let Some(channel) = message["id"].as_u64().and_then(|id| self.asked.remove(&id)) {
                let reply = &message["subscribe"];
                let known = self.known.get_mut(&channel).unwrap();
                known.is_subscribed = true;
                if known.epoch.is_null() {
                    known.offset = reply["offset"].as_u64().unwrap_or_default();
                    known.data = Vec::from([u64::MAX; 1]);
                } else {
                    assert_eq!(reply["recovered"], true, "{reply}");
                    assert_eq!(reply["offset"].as_u64().unwrap_or_default(), known.offset);
                }
                known.epoch = reply["epoch"].clone();
                for publication in reply["publications"].as_array().cloned().unwrap_or_default() {
                    self.take(&publication, &channel);
                }
            }
        }
    }
}

async fn play(steps: Vec<Step>, is_lossy: bool) {
    tokio::time::pause();
    let channels = Double::new().with("stream", Kind::new(stream(10_000)));
    let broker = Arc::new(Faulty::default());
    let engine = Engine { broker: broker.clone(), ..Engine::default() };
    let settings = settings().commands(1_000_000, 1_000_000).ping(seconds(10_000), seconds(8));
    let live = live_of(channels, settings, engine).await;
    let mut peers: Vec<Peer> =
        (0..3).map(|_| Peer { client: None, known: HashMap::new(), asked: HashMap::new() }).collect();
    let mut next = 0;
    let mut tasks = Vec::new();
    for step in steps {
        match step {
            Step::Publish { channel, count } => {
                for _ in 0..count {
                    next += 1;
                    let publish = live.broadcaster().publish(CHANNELS[channel], &next);
                    tasks.push(actix_web::rt::spawn(async move { publish.await.unwrap() }));
                }
            }
            Step::Say { client, channel } => {
                peers[client].come(&live).await;
                next += 1;
                let request = json!({"channel": CHANNELS[channel], "data": next});
                peers[client].client.as_ref().unwrap().send("publish", request);
            }
            Step::Drop { client } => {
                // What is under way to it is lost; what it has read, it knows.
                peers[client].read();
                peers[client].client = None;
            }
            Step::Unsubscribe { client, channel } => {
                peers[client].come(&live).await;
                settle().await;
                peers[client].read();
                let peer = &mut peers[client];
                peer.client.as_ref().unwrap().send("unsubscribe", json!({"channel": CHANNELS[channel]}));
                settle().await;
                peer.read();
                peer.known.get_mut(CHANNELS[channel]).unwrap().is_subscribed = false;
            }
            Step::Read { client } => {
                peers[client].come(&live).await;
                peers[client].read();
            }
            Step::Settle => settle().await,
            Step::Lose(loses) => broker.loses.store(loses, Ordering::SeqCst),
        }
    }
    for task in tasks {
        task.await.unwrap();
    }
    broker.loses.store(false, Ordering::SeqCst);
    for round in 0..3 {
        for peer in &mut peers {
            peer.come(&live).await;
        }
        settle().await;
        for peer in &mut peers {
            peer.read();
        }
        if is_lossy && round < 2 {
            // Nothing follows what was lost last: the positions are checked.
            tokio::time::advance(seconds(41)).await;
            settle().await;
            tokio::time::advance(seconds(2)).await;
            settle().await;
            for peer in &mut peers {
                peer.read();
            }
        }
    }
    for channel in CHANNELS {
        let query = actix_charter::live::broker::HistoryQuery::all();
        let history = live.broadcaster().history(channel, query).await.unwrap();
        let all: Vec<u64> = history
            .publications
            .iter()
            .map(|publication| std::str::from_utf8(&publication.data).unwrap().parse().unwrap())
            .collect();
        for peer in &peers {
            let known = &peer.known[channel];
            assert_eq!(known.offset, history.position.offset);
            let seen = &known.data[1..];
            assert!(all.ends_with(seen), "all see one order: {all:?} {seen:?}");
        }
    }
    drop(peers);
    settle().await;
    assert_eq!((live.metrics().connections, live.metrics().subscriptions), (0, 0));
    assert!(is_lossy || live.metrics().insufficient == 0, "nothing was lost, so nothing ended");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, max_shrink_iters: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_gap_no_repeat_one_order(steps in steps(false)) {
        actix_web::rt::System::new().block_on(play(steps, false));
    }

    #[test]
    fn nor_where_the_broker_loses_some(steps in steps(true)) {
        actix_web::rt::System::new().block_on(play(steps, true));
    }
}
