use std::{
    collections::HashMap,
    sync::{Arc, Barrier, Mutex},
    thread,
};

use actix_charter::live::broker::{
    Broker, HistoryQuery, MemoryBroker, MemoryPresence, Presence, PublicationDraft, StreamOptions,
};
use futures_util::FutureExt as _;

use crate::fixture::{Ears, draft, info, offsets, seconds, text};

const THREADS: usize = 8;
const EACH: usize = 500;

/// Memory never waits.
fn now<T>(future: impl Future<Output = T>) -> T {
    future.now_or_never().expect("it is done at once")
}

fn large() -> StreamOptions {
    StreamOptions::history(THREADS * EACH, seconds(600))
}

fn started() -> (MemoryBroker, Arc<Ears>) {
    let (broker, ears) = (MemoryBroker::default(), Arc::new(Ears::default()));
    now(broker.start(Arc::clone(&ears) as _)).unwrap();
    (broker, ears)
}

/// Runs on so many threads, all at once.
fn at_once(act: impl Fn(usize) + Sync) {
    let (barrier, act) = (Barrier::new(THREADS), &act);
    thread::scope(|scope| {
        for number in 0..THREADS {
            let barrier = &barrier;
            scope.spawn(move || {
                barrier.wait();
                act(number);
            });
        }
    });
}

#[test]
fn all_see_one_order_without_a_hole() {
    let (broker, ears) = started();
    now(broker.subscribe("a")).unwrap();
    let answered = Mutex::new(HashMap::new());
    at_once(|thread| {
        for n in 0..EACH {
            let data = format!("{thread}:{n}");
            let published = now(broker.publish("a", draft(&data), &large())).unwrap();
            answered.lock().unwrap().insert(published.position.offset, data);
        }
    });
    let told: Vec<_> =
        ears.publications().iter().map(|it| (it.publication.offset, text(&it.publication.data))).collect();
    assert_eq!(told.len(), THREADS * EACH);
    assert!(told.iter().map(|(offset, _)| *offset).eq(1..=(THREADS * EACH) as u64), "in order, each once");
    let history = now(broker.history("a", HistoryQuery::all())).unwrap();
    let kept: Vec<_> = history.publications.iter().map(|it| (it.offset, text(&it.data))).collect();
    assert_eq!(told, kept);
    assert!(told.iter().all(|(offset, data)| answered.lock().unwrap()[offset] == *data));
    for thread in 0..THREADS {
        let own = told.iter().filter_map(|(_, data)| data.strip_prefix(&format!("{thread}:")));
        assert!(own.map(|n| n.parse::<usize>().unwrap()).eq(0..EACH), "in the order of their publisher");
    }
}

#[test]
fn many_channels_at_once_have_streams_of_their_own() {
    let (broker, _) = started();
    at_once(|thread| {
        for n in 0..EACH {
            let channel = format!("channel {}", (n + thread) % 20);
            now(broker.publish(&channel, draft("x"), &large())).unwrap();
        }
    });
    for channel in 0..20 {
        let history = now(broker.history(&format!("channel {channel}"), HistoryQuery::all())).unwrap();
        let count = (THREADS * EACH / 20) as u64;
        assert!(offsets(&history).into_iter().eq(1..=count), "{channel}");
        assert_eq!(history.position.offset, count);
    }
    assert_eq!((broker.streams(), broker.channels()), (20, 20));
}

#[test]
fn a_key_publishes_once_however_many_try() {
    let (broker, ears) = started();
    now(broker.subscribe("a")).unwrap();
    let answers = Mutex::new(HashMap::<usize, Vec<u64>>::new());
    at_once(|_| {
        for n in 0..EACH {
            let keyed = PublicationDraft { idempotency_key: Some(n.to_string().into()), ..draft("x") };
            let offset = now(broker.publish("a", keyed, &large())).unwrap().position.offset;
            answers.lock().unwrap().entry(n).or_default().push(offset);
        }
    });
    assert_eq!(ears.publications().len(), EACH);
    let answers = answers.into_inner().unwrap();
    assert!(answers.values().all(|all| all.len() == THREADS && all.iter().all(|one| *one == all[0])));
}

#[test]
fn a_version_is_published_once_and_never_goes_back() {
    let (broker, ears) = started();
    now(broker.subscribe("a")).unwrap();
    at_once(|_| {
        for version in 1..=EACH as u64 {
            let state = PublicationDraft { version, ..draft("x") };
            now(broker.publish("a", state, &large())).unwrap();
        }
    });
    let versions: Vec<_> = ears.publications().iter().map(|it| it.publication.version).collect();
    assert!(versions.is_sorted_by(|a, b| a < b));
    assert_eq!(versions.last(), Some(&(EACH as u64)));
}

#[test]
fn what_a_reader_finds_and_what_it_is_told_after_leave_no_hole() {
    // Subscribe, then read: each publication is found, told, or both.
    let (broker, ears) = started();
    let found = Mutex::new(None);
    at_once(|thread| {
        if thread == 0 {
            now(broker.subscribe("a")).unwrap();
            *found.lock().unwrap() = Some(now(broker.history("a", HistoryQuery::all())).unwrap());
        } else {
            for _ in 0..EACH {
                now(broker.publish("a", draft("x"), &large())).unwrap();
            }
        }
    });
    let found = found.into_inner().unwrap().unwrap();
    let start = actix_charter::live::Position { offset: 0, epoch: found.position.epoch.clone() };
    let merged = actix_charter::live::broker::merge(start, found.publications, ears.publications()).unwrap();
    let offsets = merged.publications.iter().map(|publication| publication.offset);
    assert!(offsets.eq(1..=((THREADS - 1) * EACH) as u64));
}

#[test]
fn subscribing_and_sweeping_meanwhile_loses_no_stream() {
    let (broker, _) = started();
    at_once(|thread| {
        for _ in 0..EACH {
            match thread {
                0 => drop(broker.tick(tokio::time::Instant::now(), 100)),
                1 => {
                    now(broker.subscribe("a")).unwrap();
                    now(broker.unsubscribe("a")).unwrap();
                }
                _ => drop(now(broker.publish("a", draft("x"), &large())).unwrap()),
            }
        }
    });
    let history = now(broker.history("a", HistoryQuery::all())).unwrap();
    assert!(offsets(&history).into_iter().eq(1..=((THREADS - 2) * EACH) as u64));
}

#[test]
fn presence_counts_right_whoever_comes_and_goes_at_once() {
    let presence = MemoryPresence::default();
    at_once(|thread| {
        for n in 0..EACH {
            let who = info(if n % 2 == 0 { "even" } else { "odd" }, &format!("{thread}:{n}"));
            now(presence.add("a", Arc::clone(&who))).unwrap();
            if n % 5 != 0 {
                now(presence.remove("a", &who)).unwrap();
            }
        }
    });
    let stats = now(presence.stats("a")).unwrap();
    assert_eq!((stats.clients, stats.users), (THREADS * EACH / 5, 2));
    assert_eq!(now(presence.get("a")).unwrap().len(), stats.clients);
    assert_eq!(now(presence.connections("a", "even")).unwrap(), THREADS * EACH / 10);
}
