use actix_charter::live::broker::LeaveDamping;
use tokio::time::Instant;

use crate::fixture::{info, pass, paused, seconds};

/// The connections whose leave is told now.
fn told(damping: &mut LeaveDamping) -> Vec<String> {
    let now = Instant::now();
    std::iter::from_fn(|| damping.due(now)).map(|leave| leave.info.client.clone()).collect()
}

fn leave(damping: &mut LeaveDamping, user: &str, client: &str) -> Option<String> {
    damping.leave("a", &info(user, client), Instant::now()).map(|leave| leave.info.client.clone())
}

#[test]
fn a_leave_is_told_after_the_delay() {
    paused(async {
        let mut damping = LeaveDamping::default();
        assert!(damping.join("a", &info("ada", "c1")));
        assert_eq!(damping.next_due(), None);
        assert_eq!(leave(&mut damping, "ada", "c1"), None);
        assert_eq!(damping.next_due(), Some(Instant::now() + seconds(15)));
        pass(seconds(14)).await;
        assert!(told(&mut damping).is_empty());
        pass(seconds(1)).await;
        assert_eq!(told(&mut damping), ["c1"]);
        assert!(told(&mut damping).is_empty(), "once");
        assert!(damping.join("a", &info("ada", "c1")), "coming later is told");
    });
}

#[test]
fn who_comes_back_in_time_neither_left_nor_came() {
    paused(async {
        let mut damping = LeaveDamping::default();
        assert!(damping.join("a", &info("ada", "c1")));
        for _ in 0..3 {
            assert_eq!(leave(&mut damping, "ada", "c1"), None);
            pass(seconds(14)).await;
            assert!(!damping.join("a", &info("ada", "c1")));
            assert_eq!(damping.next_due(), None);
        }
        pass(seconds(60)).await;
        assert!(told(&mut damping).is_empty());
        assert_eq!(leave(&mut damping, "ada", "c1"), None);
        pass(seconds(15)).await;
        assert_eq!(told(&mut damping), ["c1"], "the delay is that of the last leave");
    });
}

#[test]
fn without_a_delay_it_is_told_at_once() {
    paused(async {
        let mut damping = LeaveDamping::new(seconds(0));
        assert!(damping.join("a", &info("ada", "c1")));
        assert_eq!(leave(&mut damping, "ada", "c1"), Some("c1".to_owned()));
        assert_eq!(leave(&mut damping, "ada", "c1"), None, "who is not there does not leave");
        assert!(damping.join("a", &info("ada", "c1")));
    });
}

#[test]
fn connections_are_told_of_one_by_one() {
    paused(async {
        let mut damping = LeaveDamping::default();
        assert!(damping.join("a", &info("ada", "c1")));
        assert_eq!(leave(&mut damping, "ada", "c1"), None);
        assert!(damping.join("a", &info("ada", "c2")), "another connection is another");
        pass(seconds(15)).await;
        assert_eq!(told(&mut damping), ["c1"]);
    });
}

#[test]
fn a_user_leaves_with_the_last_device() {
    paused(async {
        let mut damping = LeaveDamping::default().by_user();
        assert!(damping.join("a", &info("ada", "phone")));
        assert!(!damping.join("a", &info("ada", "laptop")));
        assert_eq!(leave(&mut damping, "ada", "phone"), None);
        assert_eq!(leave(&mut damping, "ada", "phone"), None, "a second time is not the laptop's");
        assert_eq!(damping.next_due(), None);
        assert_eq!(leave(&mut damping, "ada", "laptop"), None);
        pass(seconds(10)).await;
        assert!(!damping.join("a", &info("ada", "tablet")), "back with another device");
        pass(seconds(60)).await;
        assert!(told(&mut damping).is_empty());
        assert_eq!(leave(&mut damping, "ada", "tablet"), None);
        pass(seconds(15)).await;
        assert_eq!(told(&mut damping), ["tablet"]);
    });
}

#[test]
fn nobody_anonymous_is_taken_for_another() {
    paused(async {
        let mut damping = LeaveDamping::default().by_user();
        assert!(damping.join("a", &info("", "c1")));
        assert!(damping.join("a", &info("", "c2")));
        assert_eq!(leave(&mut damping, "", "c1"), None);
        pass(seconds(15)).await;
        assert_eq!(told(&mut damping), ["c1"]);
    });
}

#[test]
fn channels_are_apart() {
    paused(async {
        let mut damping = LeaveDamping::default();
        assert!(damping.join("a", &info("ada", "c1")));
        assert_eq!(leave(&mut damping, "ada", "c1"), None);
        assert!(damping.join("b", &info("ada", "c1")));
        pass(seconds(15)).await;
        let gone = damping.due(Instant::now()).unwrap();
        assert_eq!((&*gone.channel, &*gone.info.client), ("a", "c1"));
    });
}

#[test]
fn when_too_many_wait_the_earliest_is_told_early() {
    paused(async {
        let mut damping = LeaveDamping::default().max_waiting(2);
        for client in ["c1", "c2", "c3"] {
            assert!(damping.join("a", &info("", client)));
        }
        assert_eq!(leave(&mut damping, "", "c1"), None);
        pass(seconds(1)).await;
        assert_eq!(leave(&mut damping, "", "c2"), None);
        assert_eq!(leave(&mut damping, "", "c3"), Some("c1".to_owned()));
        pass(seconds(15)).await;
        assert_eq!(told(&mut damping), ["c2", "c3"]);
    });
}
