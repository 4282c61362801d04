use actix_charter::live::{
    Position,
    broker::{Broker, HistoryQuery, MemoryLimits, StreamOptions},
};

use crate::fixture::{
    draft, offsets, paused, position, publish, publish_as, read, seconds, started, ten_for_a_minute,
};

#[test]
fn the_latest_are_kept_by_size() {
    paused(async {
        let (broker, _) = started(MemoryLimits::default()).await;
        for n in 1..=5 {
            publish_as(&broker, "a", draft(&n.to_string()), &StreamOptions::history(3, seconds(60))).await;
        }
        let history = read(&broker, "a", HistoryQuery::all()).await;
        assert_eq!(offsets(&history), [3, 4, 5]);
        assert_eq!(history.position.offset, 5);
        publish_as(&broker, "a", draft("6"), &StreamOptions::history(1, seconds(60))).await;
        assert_eq!(offsets(&read(&broker, "a", HistoryQuery::all()).await), [6]);
    });
}

#[test]
fn parts_of_it() {
    paused(async {
        let (broker, _) = started(MemoryLimits::default()).await;
        for n in 1..=6 {
            publish(&broker, "a", &n.to_string()).await;
        }
        let epoch = position(&broker, "a").await.epoch;
        let since = |offset| Some(Position { offset, epoch: epoch.clone() });
        let all = HistoryQuery::all;
        let cases = [
            (all(), vec![1, 2, 3, 4, 5, 6]),
            (HistoryQuery::position(), vec![]),
            (HistoryQuery::newest(), vec![6]),
            (HistoryQuery { limit: Some(2), ..all() }, vec![1, 2]),
            (HistoryQuery { limit: Some(2), reverse: true, ..all() }, vec![6, 5]),
            (HistoryQuery { since: since(4), ..all() }, vec![5, 6]),
            (HistoryQuery { since: since(2), limit: Some(2), ..all() }, vec![3, 4]),
            (HistoryQuery { since: since(4), reverse: true, ..all() }, vec![3, 2, 1]),
            (HistoryQuery { since: since(4), reverse: true, limit: Some(1), ..all() }, vec![3]),
            (HistoryQuery { since: since(6), ..all() }, vec![]),
            (HistoryQuery { since: since(900), ..all() }, vec![]),
            (HistoryQuery { since: since(0), reverse: true, ..all() }, vec![]),
            (HistoryQuery { since: Some(Position { offset: 4, epoch: "other".into() }), ..all() }, vec![]),
            (
                HistoryQuery { since: Some(Position { offset: 4, ..Position::default() }), ..all() },
                vec![5, 6],
            ),
            (HistoryQuery::recovery(Position { offset: 1, epoch: epoch.clone() }, 2), vec![2, 3, 4]),
        ];
        for (query, expected) in cases {
            let history = read(&broker, "a", query.clone()).await;
            assert_eq!(offsets(&history), expected, "{query:?}");
            assert_eq!(history.position, Position { offset: 6, epoch: epoch.clone() }, "{query:?}");
        }
    });
}

#[test]
fn reading_begins_a_stream_so_that_its_reader_holds_a_position() {
    paused(async {
        let (broker, _) = started(MemoryLimits::default()).await;
        let before = position(&broker, "a").await;
        assert_eq!(before.offset, 0);
        assert!(!before.epoch.is_empty());
        let published = publish(&broker, "a", "1").await;
        assert_eq!(published.position, Position { offset: 1, epoch: before.epoch });
    });
}

#[test]
fn removing_it_keeps_the_position() {
    paused(async {
        let (broker, _) = started(MemoryLimits::default()).await;
        publish(&broker, "a", "1").await;
        let before = publish(&broker, "a", "2").await.position;
        broker.remove_history("a").await.unwrap();
        broker.remove_history("never was").await.unwrap();
        let history = read(&broker, "a", HistoryQuery::all()).await;
        assert_eq!((offsets(&history), history.position), (vec![], before.clone()));
        assert_eq!(publish(&broker, "a", "3").await.position, Position { offset: 3, ..before });
        assert_eq!(broker.channels(), 1);
    });
}

#[test]
fn streams_have_epochs_of_their_own() {
    paused(async {
        let (broker, _) = started(MemoryLimits::default()).await;
        let (other, _) = started(MemoryLimits::default()).await;
        let a = publish(&broker, "a", "1").await.position.epoch;
        let b = publish(&broker, "b", "1").await.position.epoch;
        let restarted = publish_as(&other, "a", draft("1"), &ten_for_a_minute()).await.position.epoch;
        assert!(a != b && a != restarted && b != restarted);
    });
}
