//! Random publishers, losses, expiry and disconnects: a client that keeps its position sees all publications once and
//! in one order, and is told so when it does not. Judged by a model that keeps everything and knows nothing of rings.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use actix_charter::live::{
    ClientInfo, Position,
    broker::{
        Accept, Broker, BrokerEvents, ControlMessage, HistoryQuery, LivePublication, MemoryBroker,
        PublicationDraft, Recovery, StreamOptions, recover,
    },
};
use proptest::{collection::vec, prelude::*};
use tokio::time::Instant;

use crate::fixture::{paused, seconds};

fn options() -> StreamOptions {
    StreamOptions { meta_ttl: seconds(40), ..StreamOptions::history(8, seconds(10)) }
}

#[derive(Debug, Clone)]
enum Step {
    Publish,
    /// With a key of few, so that some come again.
    PublishKeyed(u8),
    /// The live leg loses the next publication.
    Lose,
    Pass(u64),
    Sweep,
    RemoveHistory,
    Disconnect(usize),
    /// The next thing on a client's way: buffer and subscribe, read, commit.
    Go(usize),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        12 => Just(Step::Publish),
        2 => (0..3u8).prop_map(Step::PublishKeyed),
        1 => Just(Step::Lose),
        3 => (0..4u64).prop_map(Step::Pass),
        1 => (9..60u64).prop_map(Step::Pass),
        1 => Just(Step::Sweep),
        1 => Just(Step::RemoveHistory),
        3 => (0..3usize).prop_map(Step::Disconnect),
        12 => (0..3usize).prop_map(Step::Go),
    ]
}

/// The node: passes on what the broker tells it, unless it is to be lost.
#[derive(Default)]
struct Leg {
    told: Mutex<Vec<LivePublication>>,
    lose: Mutex<bool>,
}

impl BrokerEvents for Leg {
    fn publication(&self, _: &Arc<str>, publication: &LivePublication) {
        if !std::mem::take(&mut *self.lose.lock().unwrap()) {
            self.told.lock().unwrap().push(publication.clone());
        }
    }
    fn join(&self, _: &Arc<str>, _: &Arc<ClientInfo>) {}
    fn leave(&self, _: &Arc<str>, _: &Arc<ClientInfo>) {}
    fn control(&self, _: &ControlMessage) {}
}

/// Everything that was ever published, with its place in the list for its data.
#[derive(Default)]
struct World {
    log: Vec<(Position, Instant)>,
    /// Publications before this one were removed by hand.
    removed: usize,
    /// How many may be recovered at once.
    limit: usize,
}

impl World {
    /// Whether a client that saw everything up to `seen` can be given the rest.
    fn recoverable(&self, position: &Position, current: &Position, now: Instant) -> bool {
        if position.epoch != current.epoch {
            return false;
        }
        let in_epoch: Vec<_> =
            self.log.iter().enumerate().filter(|(_, (at, _))| at.epoch == current.epoch).collect();
        let missed: Vec<_> = in_epoch.iter().filter(|(_, (at, _))| at.offset > position.offset).collect();
        missed.len() <= self.limit
            && missed.iter().all(|(place, (_, when))| {
                *place >= self.removed
                    && *when + options().ttl > now
                    && in_epoch.iter().filter(|(other, _)| other > place).count() < options().size
            })
    }
}

#[derive(Default)]
struct Client {
    way: Way,
    /// As the client would tell it when it comes back.
    position: Option<Position>,
    /// The places in the log of what it got, since it last had to read the application's state.
    got: Vec<usize>,
    /// Where in the log it began.
    from: usize,
}

#[derive(Default)]
enum Way {
    #[default]
    Away,
    Buffering(Vec<LivePublication>),
    Read(Recovery, Vec<LivePublication>),
    Live(Position),
}

impl Client {
    fn hear(&mut self, live: &LivePublication) {
        let insufficient = match &mut self.way {
            Way::Away => false,
            Way::Buffering(buffer) | Way::Read(_, buffer) => {
                buffer.push(live.clone());
                false
            }
            Way::Live(position) => match position.accept(live.publication.offset, &live.epoch) {
                Accept::Deliver => {
                    self.position = Some(position.clone());
                    self.got.push(place(&live.publication.data));
                    false
                }
                Accept::Skip => false,
                Accept::Insufficient => true,
            },
        };
        if insufficient {
            self.way = Way::Away;
        }
    }

    fn whole(&self) -> bool {
        self.got.iter().copied().eq(self.from..self.from + self.got.len())
    }
}

fn place(data: &[u8]) -> usize {
    std::str::from_utf8(data).unwrap().parse().unwrap()
}

async fn publish(broker: &MemoryBroker, world: &mut World, key: Option<u8>) {
    let draft = PublicationDraft {
        idempotency_key: key.map(|key| key.to_string().into()),
        idempotency_ttl: Some(seconds(5)),
        ..PublicationDraft::new(world.log.len().to_string())
    };
    let published = broker.publish("a", draft, &options()).await.unwrap();
    if published.suppressed.is_none() {
        world.log.push((published.position, Instant::now()));
    }
}

async fn go(client: &mut Client, broker: &MemoryBroker, world: &World) {
    client.way = match std::mem::take(&mut client.way) {
        Way::Away => {
            broker.subscribe("a").await.unwrap();
            Way::Buffering(Vec::new())
        }
        Way::Buffering(buffer) => {
            let recovery = match &client.position {
                Some(position) => {
                    let query = HistoryQuery {
                        meta_ttl: options().meta_ttl,
                        ..HistoryQuery::recovery(position.clone(), world.limit)
                    };
                    let found = broker.history("a", query).await.unwrap();
                    let possible = world.recoverable(position, &found.position, Instant::now());
                    let recovery = recover(position, found, world.limit);
                    assert_eq!(recovery.recovered, possible, "neither too timid nor too bold");
                    recovery
                }
                None => {
                    let query = HistoryQuery { meta_ttl: options().meta_ttl, ..HistoryQuery::position() };
                    Recovery::none(broker.history("a", query).await.unwrap().position)
                }
            };
            if !recovery.recovered {
                // It reads the application's state now, which has all that was published.
                client.from = world.log.len();
                client.got.clear();
                client.position = Some(recovery.position.clone());
            }
            Way::Read(recovery, buffer)
        }
        Way::Read(recovery, buffer) => match recovery.merge(buffer) {
            Ok(merged) => {
                client.got.extend(merged.publications.iter().map(|it| place(&it.data)));
                client.position = Some(merged.position.clone());
                Way::Live(merged.position)
            }
            Err(_) => Way::Away,
        },
        live @ Way::Live(_) => live,
    };
}

async fn play(limit: usize, steps: Vec<Step>) {
    let (broker, leg) = (MemoryBroker::default(), Arc::new(Leg::default()));
    let mut world = World { limit, ..World::default() };
    broker.start(Arc::clone(&leg) as _).await.unwrap();
    let mut clients = [Client::default(), Client::default(), Client::default()];
    for step in steps {
        match step {
            Step::Publish => publish(&broker, &mut world, None).await,
            Step::PublishKeyed(key) => publish(&broker, &mut world, Some(key)).await,
            Step::Lose => *leg.lose.lock().unwrap() = true,
            Step::Pass(time) => tokio::time::advance(Duration::from_secs(time)).await,
            Step::Sweep => drop(broker.tick(Instant::now(), 100)),
            Step::RemoveHistory => {
                broker.remove_history("a").await.unwrap();
                world.removed = world.log.len();
            }
            Step::Disconnect(number) => clients[number].way = Way::Away,
            Step::Go(number) => go(&mut clients[number], &broker, &world).await,
        }
        for live in std::mem::take(&mut *leg.told.lock().unwrap()) {
            clients.iter_mut().for_each(|client| client.hear(&live));
        }
        for client in &clients {
            assert!(client.whole(), "from {}: {:?}", client.from, client.got);
        }
    }
    // After the storm all come back, hear one more, and have everything.
    *leg.lose.lock().unwrap() = false;
    for client in &mut clients {
        for _ in 0..7 {
            go(client, &broker, &world).await;
            let behind = match &client.way {
                Way::Live(position) => {
                    let top = broker.history("a", HistoryQuery::position()).await.unwrap().position;
                    position.lacks(&top)
                }
                _ => false,
            };
            if behind {
                client.way = Way::Away; // As the look at a quiet subscription does.
            }
        }
        assert!(matches!(client.way, Way::Live(_)), "all are back");
    }
    publish(&broker, &mut world, None).await;
    for live in std::mem::take(&mut *leg.told.lock().unwrap()) {
        clients.iter_mut().for_each(|client| client.hear(&live));
    }
    for client in &clients {
        assert!(client.whole());
        assert_eq!(client.from + client.got.len(), world.log.len(), "nothing is missing at the end");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn no_gap_no_repeat_one_order(limit in 2..12usize, steps in vec(step(), 1..120)) {
        paused(play(limit, steps));
    }
}
