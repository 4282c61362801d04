use actix_charter::live::broker::{Broker, MemoryLimits, PublicationDraft, StreamOptions, Suppressed};

use crate::fixture::{draft, paused, publish_as, started, ten_for_a_minute};

#[test]
fn only_newer_states_are_published() {
    paused(async {
        let (broker, ears) = started(MemoryLimits::default()).await;
        broker.subscribe("a").await.unwrap();
        // (version, its epoch, whether it is published)
        let steps = [
            (2, None, true),
            (2, None, false),
            (1, None, false),
            (3, Some("x"), true), // The stream had none.
            (3, Some("x"), false),
            (2, Some("y"), true), // Counting begins anew.
            (2, None, false),     // Compared with whatever stands.
            (0, None, true),      // Not a state.
            (2, Some("y"), false),
            (1, Some("x"), true),
            (4, None, true),
            (4, Some("x"), false), // The epoch stays when none is told.
        ];
        let mut top = 0;
        for (step, (version, epoch, expected)) in steps.into_iter().enumerate() {
            let draft = PublicationDraft { version, version_epoch: epoch.map(Into::into), ..draft("s") };
            let published = publish_as(&broker, "a", draft, &ten_for_a_minute()).await;
            top += u64::from(expected);
            assert_eq!(published.suppressed, (!expected).then_some(Suppressed::Version), "{step}");
            assert_eq!(published.position.offset, top, "{step}");
        }
        assert_eq!(ears.publications().len() as u64, top);
    });
}

#[test]
fn without_history_they_are_not_looked_at() {
    paused(async {
        let (broker, ears) = started(MemoryLimits::default()).await;
        broker.subscribe("a").await.unwrap();
        for _ in 0..2 {
            let draft = PublicationDraft { version: 1, ..draft("s") };
            publish_as(&broker, "a", draft, &StreamOptions::none()).await;
        }
        assert_eq!(ears.texts(), ["s", "s"]);
    });
}
