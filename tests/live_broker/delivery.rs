use actix_charter::live::{
    Position,
    broker::{Broker, MemoryLimits, PublicationDraft, Published, StreamOptions},
};

use crate::fixture::{Event, draft, info, paused, publish, publish_as, started, ten_for_a_minute};

#[test]
fn subscribed_channels_are_told_of_in_order_and_others_are_not() {
    paused(async {
        let (broker, ears) = started(MemoryLimits::default()).await;
        publish(&broker, "a", "before").await;
        broker.subscribe("a").await.unwrap();
        publish(&broker, "a", "1").await;
        publish(&broker, "b", "elsewhere").await;
        publish(&broker, "a", "2").await;
        let told = ears.publications();
        let told: Vec<_> =
            told.iter().map(|live| (live.publication.offset, &*live.publication.data)).collect();
        assert_eq!(told, [(2, &b"1"[..]), (3, b"2")]);
        broker.unsubscribe("a").await.unwrap();
        publish(&broker, "a", "after").await;
        assert!(ears.take().is_empty());
    });
}

#[test]
fn subscriptions_are_counted() {
    paused(async {
        let (broker, ears) = started(MemoryLimits::default()).await;
        broker.subscribe("a").await.unwrap();
        broker.subscribe("a").await.unwrap();
        broker.unsubscribe("a").await.unwrap();
        publish(&broker, "a", "1").await;
        assert_eq!(ears.texts(), ["1"], "once, though there were two");
        broker.unsubscribe("a").await.unwrap();
        broker.unsubscribe("a").await.unwrap();
        publish(&broker, "a", "2").await;
        assert!(ears.take().is_empty());
        broker.subscribe("a").await.unwrap();
        publish(&broker, "a", "3").await;
        assert_eq!(ears.texts(), ["3"], "one unsubscribe too many is not owed later");
    });
}

#[test]
fn a_publication_keeps_everything_of_its_draft() {
    paused(async {
        let (broker, ears) = started(MemoryLimits::default()).await;
        broker.subscribe("a").await.unwrap();
        let draft = PublicationDraft {
            info: Some(info("ada", "c1")),
            tags: Some([("kind".into(), "news".into())].into()),
            time: 1_700_000_000_123,
            version: 7,
            ..draft("{}")
        };
        let published = publish_as(&broker, "a", draft.clone(), &ten_for_a_minute()).await;
        let live = ears.publications().remove(0);
        assert_eq!(live.position(), published.position);
        assert_eq!(published.position.offset, 1);
        assert!(!published.position.epoch.is_empty());
        let publication = &*live.publication;
        assert_eq!((&publication.data, &publication.info), (&draft.data, &draft.info));
        assert_eq!((&publication.tags, publication.time, publication.version), (&draft.tags, draft.time, 7));
    });
}

#[test]
fn without_history_there_are_no_places() {
    paused(async {
        let (broker, ears) = started(MemoryLimits::default()).await;
        broker.subscribe("a").await.unwrap();
        let published = publish_as(&broker, "a", draft("1"), &StreamOptions::none()).await;
        assert_eq!(published, Published::default());
        let live = ears.publications().remove(0);
        assert_eq!(live.position(), Position::default());
        publish_as(&broker, "nobody", draft("2"), &StreamOptions::none()).await;
        assert_eq!((broker.channels(), broker.streams()), (1, 0));
    });
}

#[test]
fn the_one_before_comes_along_only_for_deltas() {
    paused(async {
        let (broker, ears) = started(MemoryLimits::default()).await;
        broker.subscribe("a").await.unwrap();
        let delta = StreamOptions { delta: true, ..ten_for_a_minute() };
        for data in ["1", "2"] {
            publish_as(&broker, "a", draft(data), &delta).await;
        }
        publish(&broker, "a", "3").await;
        let before: Vec<_> =
            ears.publications().into_iter().map(|live| live.previous.map(|it| it.data.clone())).collect();
        assert_eq!(before, [None, Some("1".into()), None]);
    });
}

#[test]
fn coming_and_leaving_keep_their_place_among_publications() {
    paused(async {
        let (broker, ears) = started(MemoryLimits::default()).await;
        broker.publish_join("a", info("ada", "c0")).await.unwrap();
        broker.subscribe("a").await.unwrap();
        broker.publish_join("a", info("ada", "c1")).await.unwrap();
        publish(&broker, "a", "1").await;
        broker.publish_leave("a", info("ada", "c1")).await.unwrap();
        let events = ears.take();
        assert_eq!(events.len(), 3, "{events:?}");
        assert_eq!(events[0], Event::Join("a".to_owned(), info("ada", "c1")));
        assert!(matches!(&events[1], Event::Publication(channel, _) if channel == "a"));
        assert_eq!(events[2], Event::Leave("a".to_owned(), info("ada", "c1")));
    });
}

#[test]
fn it_is_started_once() {
    paused(async {
        let (broker, ears) = started(MemoryLimits::default()).await;
        let error = broker.start(ears).await.unwrap_err();
        assert!(!error.temporary());
    });
}

#[test]
fn a_future_that_is_never_polled_publishes_nothing() {
    paused(async {
        let (broker, _) = started(MemoryLimits::default()).await;
        drop(broker.publish("a", draft("1"), &ten_for_a_minute()));
        assert_eq!(publish(&broker, "a", "2").await.position.offset, 1);
    });
}

#[test]
fn a_sink_that_panics_loses_nothing_but_the_delivery() {
    struct Bomb;
    impl actix_charter::live::broker::BrokerEvents for Bomb {
        fn publication(&self, _: &std::sync::Arc<str>, _: &actix_charter::live::broker::LivePublication) {
            panic!("as planned");
        }
        fn join(&self, _: &std::sync::Arc<str>, _: &std::sync::Arc<actix_charter::live::ClientInfo>) {}
        fn leave(&self, _: &std::sync::Arc<str>, _: &std::sync::Arc<actix_charter::live::ClientInfo>) {}
        fn control(&self, _: &actix_charter::live::broker::ControlMessage) {}
    }
    paused(async {
        use futures_util::FutureExt as _;
        let broker = actix_charter::live::broker::MemoryBroker::default();
        broker.start(std::sync::Arc::new(Bomb)).await.unwrap();
        broker.subscribe("a").await.unwrap();
        let options = ten_for_a_minute();
        let publishing = std::panic::AssertUnwindSafe(broker.publish("a", draft("1"), &options));
        assert!(publishing.catch_unwind().await.is_err());
        broker.unsubscribe("a").await.unwrap();
        assert_eq!(publish(&broker, "a", "2").await.position.offset, 2);
    });
}
