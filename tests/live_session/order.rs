//! Random publishers, random disconnects: each client sees one order without a gap or a repeat.

use std::{
    collections::{BTreeMap, HashMap},
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

/// More than any of these tests publishes.
const ALL: usize = 10_000;

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
    /// What was published is forgotten.
    Forget {
        channel: usize,
    },
}

/// How a broker behaves.
#[derive(Debug, Clone, Copy)]
struct Broken {
    /// It loses some of what it is to deliver.
    loses: bool,
    /// How much it keeps; from time to time it forgets that, too.
    keeps: usize,
}

fn steps(broken: Broken) -> impl Strategy<Value = Vec<Step>> {
    let lose =
        if broken.loses { any::<bool>().prop_map(Step::Lose).boxed() } else { Just(Step::Settle).boxed() };
    let forget = if broken.keeps < ALL {
        (0..2_usize).prop_map(|channel| Step::Forget { channel }).boxed()
    } else {
        Just(Step::Settle).boxed()
    };
    let step = prop_oneof![
        3 => (0..2_usize, 1..5_u64).prop_map(|(channel, count)| Step::Publish { channel, count }),
        2 => (0..3_usize, 0..2_usize).prop_map(|(client, channel)| Step::Say { client, channel }),
        2 => (0..3_usize).prop_map(|client| Step::Drop { client }),
        1 => (0..3_usize, 0..2_usize).prop_map(|(client, channel)| Step::Unsubscribe { client, channel }),
        1 => (0..3_usize).prop_map(|client| Step::Read { client }),
        2 => Just(Step::Settle),
        1 => lose,
        1 => forget,
    ];
    proptest::collection::vec(step, 1..60)
}

/// What a client knows of a channel, over all its connections.
#[derive(Default)]
struct Known {
    epoch: Value,
    offset: u64,
    /// What came, by its offset: ever larger ones.
    data: Vec<(u64, u64)>,
    is_subscribed: bool,
    /// How often it was told that it missed something for good.
    failures: u64,
}

/// What is known about the broker, to judge what clients are told.
struct Truth {
    loses: bool,
    keeps: usize,
    /// Up to where a channel's publications were forgotten.
    forgotten: HashMap<String, u64>,
}

impl Truth {
    /// Whether somebody at this offset can miss nothing of what there is up to the top.
    fn is_there(&self, channel: &str, offset: u64, top: u64) -> bool {
        let forgotten = self.forgotten.get(channel).copied().unwrap_or_default();
        offset == top || (offset >= forgotten && top - offset <= self.keeps as u64)
    }
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
        known.data.push((known.offset, publication["data"].as_u64().unwrap()));
    }

    /// Reads what has come.
    fn read(&mut self, truth: &Truth) {
        loop {
            let Some(text) = self.client.as_ref().and_then(|client| client.connection.try_next()) else {
                return;
            };
            let message: Value = serde_json::from_str(&text).unwrap();
            if let Some(disconnect) = message["push"].get("disconnect") {
                // What was read and what came meanwhile did not meet.
                assert_eq!((&disconnect["code"], truth.loses), (&json!(3010), true));
                self.client = None;
                return;
            }
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
                let told = reply["offset"].as_u64().unwrap_or_default();
                if known.epoch.is_null() {
                    known.offset = told;
                } else if reply["recovered"] == true {
                    assert_eq!((told, &reply["epoch"]), (known.offset, &known.epoch));
                } else {
                    // It is told, it is given nothing that has a gap before it, and it is true.
                    assert_eq!(reply["was_recovering"], true, "{reply}");
                    assert!(reply["publications"].is_null(), "{reply}");
                    assert_eq!(reply["epoch"], known.epoch);
                    assert!(!truth.is_there(&channel, known.offset, told), "{reply}");
                    known.offset = told;
                    known.failures += 1;
                }
                known.epoch = reply["epoch"].clone();
                for publication in reply["publications"].as_array().cloned().unwrap_or_default() {
                    self.take(&publication, &channel);
                }
            }
        }
    }
}

async fn play(steps: Vec<Step>, broken: Broken) -> u64 {
    tokio::time::pause();
    let mut truth = Truth { loses: broken.loses, keeps: broken.keeps, forgotten: HashMap::new() };
    let channels = Double::new().with("stream", Kind::new(stream(broken.keeps)));
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
                peers[client].read(&truth);
                peers[client].client = None;
            }
            Step::Unsubscribe { client, channel } => {
                peers[client].come(&live).await;
                settle().await;
                peers[client].read(&truth);
                let peer = &mut peers[client];
                let Some(open) = &peer.client else { continue };
                open.send("unsubscribe", json!({"channel": CHANNELS[channel]}));
                settle().await;
                peer.read(&truth);
                peer.known.get_mut(CHANNELS[channel]).unwrap().is_subscribed = false;
            }
            Step::Read { client } => {
                peers[client].come(&live).await;
                peers[client].read(&truth);
            }
            Step::Settle => settle().await,
            Step::Lose(loses) => broker.loses.store(loses, Ordering::SeqCst),
            Step::Forget { channel } => {
                // Nobody is in the middle of something, so that it is known who can recover.
                settle().await;
                live.broadcaster().remove_history(CHANNELS[channel]).await.unwrap();
                let top = broker.published.lock().unwrap().get(CHANNELS[channel]).map_or(0, BTreeMap::len);
                truth.forgotten.insert(CHANNELS[channel].to_owned(), top as u64);
            }
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
            peer.read(&truth);
        }
        if broken.loses && round < 2 {
            // Nothing follows what was lost last: the positions are checked.
            tokio::time::advance(seconds(41)).await;
            settle().await;
            tokio::time::advance(seconds(2)).await;
            settle().await;
            for peer in &mut peers {
                peer.read(&truth);
            }
        }
    }
    let mut failures = 0;
    let published = broker.published.lock().unwrap().clone();
    for channel in CHANNELS {
        let query = actix_charter::live::broker::HistoryQuery::position();
        let top = live.broadcaster().history(channel, query).await.unwrap().position.offset;
        let all = published.get(channel).cloned().unwrap_or_default();
        assert!(all.keys().copied().eq(1..=top), "each place was given once");
        for peer in &peers {
            let known = &peer.known[channel];
            assert_eq!(known.offset, top, "all end complete");
            assert!(known.data.iter().is_sorted_by(|one, other| one.0 < other.0), "nothing comes twice");
            assert!(
                known.data.iter().all(|(offset, data)| all[offset] == *data),
                "all see one order: {all:?} {:?}",
                known.data
            );
            failures += known.failures;
        }
    }
    drop(peers);
    settle().await;
    assert_eq!((live.metrics().connections, live.metrics().subscriptions), (0, 0));
    assert!(broken.loses || live.metrics().insufficient == 0, "nothing was lost, so nothing ended");
    assert!(broken.keeps < ALL || failures == 0, "all was there, so all could be recovered");
    failures
}

const WHOLE: Broken = Broken { loses: false, keeps: ALL };
const LOSSY: Broken = Broken { loses: true, keeps: ALL };
const SHORT: Broken = Broken { loses: false, keeps: 4 };
const WORST: Broken = Broken { loses: true, keeps: 4 };

fn run(steps: Vec<Step>, broken: Broken) -> u64 {
    actix_web::rt::System::new().block_on(play(steps, broken))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, max_shrink_iters: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_gap_no_repeat_one_order(steps in steps(WHOLE)) {
        run(steps, WHOLE);
    }

    #[test]
    fn nor_where_the_broker_loses_some(steps in steps(LOSSY)) {
        run(steps, LOSSY);
    }

    #[test]
    fn nor_where_what_is_missed_may_be_gone(steps in steps(SHORT)) {
        run(steps, SHORT);
    }

    #[test]
    fn nor_where_both_happen(steps in steps(WORST)) {
        run(steps, WORST);
    }
}

/// So that the tests above are about something: some recoveries fail in them.
#[test]
fn who_was_away_for_too_long_is_told_so() {
    let (client, channel) = (0, 0);
    let away = |count| {
        vec![
            Step::Read { client },
            Step::Settle,
            Step::Drop { client },
            Step::Publish { channel, count },
            Step::Settle,
            Step::Read { client },
        ]
    };
    assert_eq!((run(away(4), SHORT), run(away(5), SHORT)), (0, 1));
    let mut forgotten = away(2);
    forgotten.insert(5, Step::Forget { channel });
    assert_eq!(run(forgotten, SHORT), 1);
}
