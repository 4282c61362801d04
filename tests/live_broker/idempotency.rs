use actix_charter::live::broker::{
    Broker, MemoryBroker, MemoryLimits, PublicationDraft, Published, StreamOptions, Suppressed,
};

use crate::fixture::{draft, pass, paused, publish_as, seconds, started, ten_for_a_minute};

fn keyed(key: &str, ttl: Option<u64>) -> PublicationDraft {
    PublicationDraft { idempotency_key: Some(key.into()), idempotency_ttl: ttl.map(seconds), ..draft(key) }
}

async fn publish(broker: &MemoryBroker, draft: PublicationDraft) -> Published {
    publish_as(broker, "a", draft, &ten_for_a_minute()).await
}

#[test]
fn the_same_key_is_answered_as_before_and_not_sent() {
    paused(async {
        let (broker, ears) = started(MemoryLimits::default()).await;
        broker.subscribe("a").await.unwrap();
        let first = publish(&broker, keyed("k", None)).await;
        publish(&broker, draft("between")).await;
        let again = publish(&broker, keyed("k", None)).await;
        assert_eq!(again.position, first.position);
        assert_eq!((first.suppressed, again.suppressed), (None, Some(Suppressed::Idempotency)));
        assert_eq!(ears.texts(), ["k", "between"]);
        let elsewhere = publish_as(&broker, "b", keyed("k", None), &ten_for_a_minute()).await;
        assert_eq!(elsewhere.suppressed, None, "a key is the channel's");
    });
}

#[test]
fn keys_are_remembered_for_five_minutes() {
    paused(async {
        let (broker, _) = started(MemoryLimits::default()).await;
        publish(&broker, keyed("k", None)).await;
        pass(seconds(299)).await;
        assert!(publish(&broker, keyed("k", None)).await.suppressed.is_some(), "and not for longer by that");
        pass(seconds(1)).await;
        assert_eq!(publish(&broker, keyed("k", None)).await.position.offset, 2);
        assert_eq!(broker.idempotency_keys(), 1);
    });
}

#[test]
fn never_for_less_than_a_second() {
    paused(async {
        let (broker, _) = started(MemoryLimits::default()).await;
        publish(&broker, keyed("k", Some(0))).await;
        pass(std::time::Duration::from_millis(999)).await;
        assert!(publish(&broker, keyed("k", Some(0))).await.suppressed.is_some());
        pass(std::time::Duration::from_millis(1)).await;
        assert!(publish(&broker, keyed("k", Some(0))).await.suppressed.is_none());
    });
}

#[test]
fn it_holds_without_history_too() {
    paused(async {
        let (broker, ears) = started(MemoryLimits::default()).await;
        broker.subscribe("a").await.unwrap();
        for _ in 0..3 {
            publish_as(&broker, "a", keyed("k", None), &StreamOptions::none()).await;
        }
        assert_eq!(ears.texts(), ["k"]);
    });
}

#[test]
fn a_publication_suppressed_by_its_version_stays_so() {
    paused(async {
        let (broker, ears) = started(MemoryLimits::default()).await;
        broker.subscribe("a").await.unwrap();
        publish(&broker, PublicationDraft { version: 5, ..draft("5") }).await;
        let late = PublicationDraft { version: 4, ..keyed("k", None) };
        assert_eq!(publish(&broker, late.clone()).await.suppressed, Some(Suppressed::Version));
        let retried = PublicationDraft { version_epoch: Some("new".into()), ..late };
        assert_eq!(publish(&broker, retried).await.suppressed, Some(Suppressed::Idempotency));
        assert_eq!(ears.texts(), ["5"]);
    });
}

#[test]
fn their_number_is_bounded() {
    paused(async {
        let limits = MemoryLimits { idempotency_keys: 3, ..MemoryLimits::default() };
        let (broker, _) = started(limits).await;
        for key in ["1", "2", "3", "4"] {
            publish(&broker, keyed(key, None)).await;
        }
        assert_eq!(broker.idempotency_keys(), 3);
        assert!(publish(&broker, keyed("4", None)).await.suppressed.is_some());
        assert!(publish(&broker, keyed("2", None)).await.suppressed.is_some());
        assert!(publish(&broker, keyed("1", None)).await.suppressed.is_none(), "the oldest was forgotten");
    });
}
