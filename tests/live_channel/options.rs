use std::time::Duration;

use actix_charter::{
    live::{ChannelLayer, ChannelOptions, Personal, RecoveryMode, SlowPolicy},
    prelude::*,
};

use crate::fixture::probe;

struct Loud;

#[channel(
    "chat:{room}",
    history(size = 10, ttl = Duration::from_secs(7), server),
    recover = cache,
    presence(server),
    join_leave,
    leave_delay = "2s",
    meta_ttl = "1d",
    delta,
    slow = drop_oldest
)]
impl Loud {
    #[subscribe]
    fn enter(&self) {}
}

struct Quiet;

#[channel("chat:{room}:log", history = false, presence = false, recover = none)]
impl Quiet {
    #[subscribe]
    fn enter(&self) {}
}

struct Plain;

#[channel("plain")]
impl Plain {
    #[subscribe]
    fn enter(&self) {}
}

#[test]
fn the_innermost_that_says_anything_wins() {
    let outer = ChannelLayer::new()
        .history(100, Duration::from_secs(60))
        .recovery(RecoveryMode::Stream)
        .presence(true)
        .slow(SlowPolicy::Conflate);
    // A namespace has no say outside of itself.
    let kept = Personal::new("user:{id}").options(ChannelLayer::new().history(1, Duration::from_secs(1)));
    let probe = probe(
        Live::new()
            .options(outer)
            .namespace("plain", ChannelLayer::new().presence(false))
            .personal(kept)
            .channel(Loud)
            .channel(Plain),
    );
    let loud = probe.options("chat:1").unwrap();
    let mut expected = ChannelOptions::default();
    expected.history_size = 10;
    expected.history_ttl = Duration::from_secs(7);
    expected.recovery = RecoveryMode::Cache;
    expected.presence = true;
    expected.join_leave = true;
    expected.leave_delay = Duration::from_secs(2);
    expected.meta_ttl = Duration::from_secs(24 * 60 * 60);
    expected.delta = true;
    expected.slow = SlowPolicy::DropOldest;
    assert_eq!(loud, expected);
    let plain = probe.options("plain").unwrap();
    assert_eq!(
        (plain.history_size, plain.recovery, plain.slow),
        (100, RecoveryMode::Stream, SlowPolicy::Conflate)
    );
    assert!(plain.history_for_clients && plain.presence && plain.presence_for_clients);
    assert_eq!(probe.options("user:ann").unwrap().history_size, 1);
}

#[test]
fn explicitly_none_is_not_nothing_said() {
    let outer = ChannelLayer::new().history(100, Duration::from_secs(60)).recovery(RecoveryMode::Stream);
    let chat = ChannelLayer::new().presence(true).slow(SlowPolicy::Conflate);
    let probe = probe(Live::new().options(outer).namespace("chat", chat).channel(Quiet));
    let quiet = probe.options("chat:1:log").unwrap();
    assert_eq!((quiet.history_size, quiet.recovery, quiet.presence), (0, RecoveryMode::None, false));
    assert!(!quiet.history_for_clients && !quiet.presence_for_clients);
    assert_eq!(quiet.slow, SlowPolicy::Conflate);
}
