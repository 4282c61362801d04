use actix_charter::live::broker::{MemoryPresence, Presence, PresenceAdded, PresenceRemoved, PresenceStats};
use tokio::time::Instant;

use crate::fixture::{info, pass, paused, seconds};

async fn stats(presence: &MemoryPresence) -> (usize, usize) {
    let PresenceStats { clients, users } = presence.stats("a").await.unwrap();
    (clients, users)
}

async fn clients(presence: &MemoryPresence) -> Vec<String> {
    let mut clients: Vec<_> =
        presence.get("a").await.unwrap().iter().map(|info| info.client.clone()).collect();
    clients.sort();
    clients
}

#[test]
fn two_devices_are_one_user() {
    paused(async {
        let presence = MemoryPresence::default();
        let added = |new_client, new_user| PresenceAdded { new_client, new_user };
        assert_eq!(presence.add("a", info("ada", "c1")).await.unwrap(), added(true, true));
        assert_eq!(presence.add("a", info("ada", "c2")).await.unwrap(), added(true, false));
        assert_eq!(presence.add("a", info("ada", "c2")).await.unwrap(), added(false, false));
        assert_eq!(presence.add("a", info("bob", "c3")).await.unwrap(), added(true, true));
        assert_eq!(stats(&presence).await, (3, 2));
        assert_eq!(clients(&presence).await, ["c1", "c2", "c3"]);
        assert_eq!(presence.connections("a", "ada").await.unwrap(), 2);

        let removed = |was_there, user_gone| PresenceRemoved { was_there, user_gone };
        assert_eq!(presence.remove("a", &info("ada", "c1")).await.unwrap(), removed(true, false));
        assert_eq!(presence.remove("a", &info("ada", "c1")).await.unwrap(), removed(false, false));
        assert_eq!(stats(&presence).await, (2, 2));
        assert_eq!(presence.remove("a", &info("ada", "c2")).await.unwrap(), removed(true, true));
        assert_eq!(presence.remove("a", &info("bob", "c3")).await.unwrap(), removed(true, true));
        assert_eq!(presence.remove("a", &info("bob", "c3")).await.unwrap(), removed(false, true));
        assert_eq!((stats(&presence).await, presence.channels()), ((0, 0), 0));
    });
}

#[test]
fn only_the_channel_itself() {
    paused(async {
        let presence = MemoryPresence::default();
        presence.add("b", info("ada", "c1")).await.unwrap();
        assert_eq!(stats(&presence).await, (0, 0));
        assert!(clients(&presence).await.is_empty());
    });
}

#[test]
fn an_entry_that_is_alone_and_refreshed_is_not_new() {
    paused(async {
        let presence = MemoryPresence::default();
        presence.add("a", info("ada", "c1")).await.unwrap();
        let again = presence.add("a", info("ada", "c1")).await.unwrap();
        assert_eq!(again, PresenceAdded { new_client: false, new_user: false });
        let other = presence.add("a", info("bob", "c1")).await.unwrap();
        assert_eq!(other, PresenceAdded { new_client: false, new_user: true });
        assert_eq!(stats(&presence).await, (1, 1));
        assert_eq!(presence.connections("a", "ada").await.unwrap(), 0);
    });
}

#[test]
fn entries_expire_unless_refreshed() {
    paused(async {
        let presence = MemoryPresence::default();
        presence.add("a", info("ada", "c1")).await.unwrap();
        presence.add("a", info("ada", "c2")).await.unwrap();
        for _ in 0..4 {
            pass(seconds(25)).await;
            presence.add("a", info("ada", "c2")).await.unwrap();
        }
        assert_eq!(clients(&presence).await, ["c2"]);
        assert_eq!(stats(&presence).await, (1, 1));
        pass(seconds(59)).await;
        assert_eq!(stats(&presence).await, (1, 1));
        pass(seconds(1)).await;
        assert_eq!(stats(&presence).await, (0, 0));
        let back = presence.add("a", info("ada", "c2")).await.unwrap();
        assert_eq!(back, PresenceAdded { new_client: true, new_user: true });
    });
}

#[test]
fn the_sweep_gives_everything_back_within_its_budget() {
    paused(async {
        let presence = MemoryPresence::new(seconds(10));
        for channel in 0..50 {
            for client in ["c1", "c2"] {
                presence.add(&format!("channel {channel}"), info("", client)).await.unwrap();
            }
        }
        assert_eq!(presence.tick(Instant::now(), 1000), 0);
        pass(seconds(10)).await;
        assert_eq!(presence.tick(Instant::now(), 60), 60);
        assert_eq!(presence.tick(Instant::now(), 60), 40);
        assert_eq!(presence.channels(), 0);
    });
}

#[test]
fn maintaining_sweeps_by_itself() {
    paused(async {
        let presence = MemoryPresence::default();
        presence.add("a", info("ada", "c1")).await.unwrap();
        assert!(tokio::time::timeout(seconds(61), presence.maintain()).await.is_err());
        assert_eq!(presence.channels(), 0);
    });
}
