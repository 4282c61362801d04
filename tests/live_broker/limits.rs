use actix_charter::live::broker::{Broker, HistoryQuery, MemoryLimits};

use crate::fixture::{draft, pass, paused, position, publish, seconds, started, ten_for_a_minute};

fn two() -> MemoryLimits {
    MemoryLimits { streams: 2, ..MemoryLimits::default() }
}

#[test]
fn a_third_stream_is_refused_while_two_have_publications() {
    paused(async {
        let (broker, _) = started(two()).await;
        publish(&broker, "a", "1").await;
        publish(&broker, "b", "1").await;
        let options = ten_for_a_minute();
        for _ in 0..3 {
            let error = broker.publish("c", draft("1"), &options).await.unwrap_err();
            assert!(error.temporary() && error.is_full());
            assert!(broker.history("c", HistoryQuery::all()).await.unwrap_err().is_full());
        }
        assert_eq!((broker.streams(), broker.channels()), (2, 2));
        assert_eq!(publish(&broker, "a", "2").await.position.offset, 2, "those that are there go on");
    });
}

#[test]
fn what_was_refused_may_be_tried_again_with_its_key() {
    paused(async {
        let (broker, _) = started(two()).await;
        publish(&broker, "a", "1").await;
        publish(&broker, "b", "1").await;
        let keyed =
            actix_charter::live::broker::PublicationDraft { idempotency_key: Some("k".into()), ..draft("1") };
        let options = ten_for_a_minute();
        broker.publish("c", keyed.clone(), &options).await.unwrap_err();
        broker.remove_history("a").await.unwrap();
        assert_eq!(broker.publish("c", keyed, &options).await.unwrap().suppressed, None);
    });
}

#[test]
fn positions_that_nobody_holds_make_room_the_oldest_first() {
    paused(async {
        let (broker, _) = started(two()).await;
        let a = position(&broker, "a").await;
        let b = position(&broker, "b").await;
        publish(&broker, "b", "1").await;
        publish(&broker, "c", "1").await;
        assert_eq!(broker.streams(), 2);
        assert_eq!(position(&broker, "b").await.epoch, b.epoch);
        pass(seconds(60)).await;
        broker.tick(tokio::time::Instant::now(), 10);
        assert_ne!(position(&broker, "a").await.epoch, a.epoch);
    });
}

#[test]
fn positions_of_subscribed_channels_stay() {
    paused(async {
        let (broker, _) = started(two()).await;
        broker.subscribe("a").await.unwrap();
        let a = position(&broker, "a").await;
        position(&broker, "b").await;
        publish(&broker, "c", "1").await;
        let error = broker.publish("d", draft("1"), &ten_for_a_minute()).await.unwrap_err();
        assert!(error.is_full());
        assert_eq!(position(&broker, "a").await, a);
        broker.unsubscribe("a").await.unwrap();
        publish(&broker, "d", "1").await;
        assert_eq!(broker.streams(), 2);
    });
}
