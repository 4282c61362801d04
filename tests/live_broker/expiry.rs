use actix_charter::live::broker::{Broker, HistoryQuery, MemoryLimits, StreamOptions};
use tokio::time::Instant;

use crate::fixture::{
    draft, offsets, pass, paused, position, publish, publish_as, read, seconds, started, ten_for_a_minute,
};

#[test]
fn each_publication_is_kept_for_its_time() {
    paused(async {
        let (broker, _) = started(MemoryLimits::default()).await;
        publish(&broker, "a", "1").await;
        pass(seconds(30)).await;
        publish(&broker, "a", "2").await;
        pass(seconds(29)).await;
        assert_eq!(offsets(&read(&broker, "a", HistoryQuery::all()).await), [1, 2]);
        pass(seconds(1)).await;
        assert_eq!(offsets(&read(&broker, "a", HistoryQuery::all()).await), [2]);
        pass(seconds(30)).await;
        let history = read(&broker, "a", HistoryQuery::all()).await;
        assert_eq!((offsets(&history), history.position.offset), (vec![], 2));
    });
}

#[test]
fn the_position_outlives_the_publications_and_ends_at_last() {
    paused(async {
        let (broker, _) = started(MemoryLimits::default()).await;
        let options = StreamOptions { meta_ttl: seconds(600), ..ten_for_a_minute() };
        let first = publish_as(&broker, "a", draft("1"), &options).await.position;
        pass(seconds(599)).await;
        let second = publish_as(&broker, "a", draft("2"), &options).await.position;
        assert_eq!((second.offset, &second.epoch), (2, &first.epoch));
        pass(seconds(600)).await;
        let third = publish_as(&broker, "a", draft("3"), &options).await.position;
        assert_eq!(third.offset, 1);
        assert_ne!(third.epoch, first.epoch);
    });
}

#[test]
fn reading_keeps_a_position_alive() {
    paused(async {
        let (broker, _) = started(MemoryLimits::default()).await;
        let query = HistoryQuery { meta_ttl: seconds(100), ..HistoryQuery::position() };
        let options = StreamOptions { meta_ttl: seconds(100), ..ten_for_a_minute() };
        let first = publish_as(&broker, "a", draft("1"), &options).await.position;
        pass(seconds(99)).await;
        assert_eq!(read(&broker, "a", query.clone()).await.position, first);
        pass(seconds(99)).await;
        assert_eq!(read(&broker, "a", query.clone()).await.position, first);
        pass(seconds(100)).await;
        assert_ne!(read(&broker, "a", query).await.position, first);
    });
}

#[test]
fn a_position_lives_as_long_as_the_publications() {
    paused(async {
        let (broker, _) = started(MemoryLimits::default()).await;
        let options = StreamOptions { meta_ttl: seconds(1), ..ten_for_a_minute() };
        publish_as(&broker, "a", draft("1"), &options).await;
        pass(seconds(59)).await;
        assert_eq!(offsets(&read(&broker, "a", HistoryQuery::all()).await), [1]);
    });
}

#[test]
fn the_sweep_gives_everything_back_within_its_budget() {
    paused(async {
        let (broker, _) = started(MemoryLimits::default()).await;
        let options = StreamOptions { meta_ttl: seconds(120), ..ten_for_a_minute() };
        for channel in 0..100 {
            let draft = actix_charter::live::broker::PublicationDraft {
                idempotency_key: Some("key".into()),
                idempotency_ttl: Some(seconds(60)),
                ..draft("1")
            };
            publish_as(&broker, &format!("channel {channel}"), draft, &options).await;
        }
        broker.subscribe("channel 0").await.unwrap();
        assert_eq!(broker.tick(Instant::now(), 1000), 0);
        pass(seconds(60)).await;
        // The entry of each, and its key.
        let mut steps = Vec::new();
        loop {
            steps.push(broker.tick(Instant::now(), 30));
            if steps.last() != Some(&30) {
                break;
            }
        }
        assert_eq!(steps, [30, 30, 30, 30, 30, 30, 20]);
        assert_eq!((broker.idempotency_keys(), broker.streams(), broker.channels()), (0, 100, 100));
        pass(seconds(60)).await;
        assert_eq!(broker.tick(Instant::now(), 1000), 100);
        assert_eq!((broker.streams(), broker.channels()), (0, 1), "one is subscribed");
        broker.unsubscribe("channel 0").await.unwrap();
        assert_eq!(broker.channels(), 0);
    });
}

#[test]
fn maintaining_sweeps_by_itself() {
    paused(async {
        let (broker, _) = started(MemoryLimits::default()).await;
        let options = StreamOptions { meta_ttl: seconds(60), ..ten_for_a_minute() };
        for channel in 0..10_000 {
            publish_as(&broker, &format!("channel {channel}"), draft("1"), &options).await;
        }
        let maintained = tokio::time::timeout(seconds(62), broker.maintain()).await;
        assert!(maintained.is_err(), "it never ends");
        assert_eq!((broker.streams(), broker.channels()), (0, 0));
    });
}

#[test]
fn churn_leaves_nothing_to_be_looked_at_later() {
    // A quiet position that becomes a busy stream and quiet again, over and over, is one thing to look at, not many.
    paused(async {
        let (broker, _) = started(MemoryLimits::default()).await;
        for _ in 0..50 {
            publish(&broker, "a", "1").await;
            pass(seconds(60)).await;
            assert_eq!(broker.tick(Instant::now(), 1000), 1);
            position(&broker, "a").await;
        }
        assert_eq!(position(&broker, "a").await.offset, 50);
        pass(seconds(31 * 24 * 60 * 60)).await;
        assert_eq!(broker.tick(Instant::now(), 1000), 1);
        assert_eq!(broker.channels(), 0);
    });
}
