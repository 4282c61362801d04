//! What a client is not told stands in the log. Alone in its program, because a log is the whole program's.
#![allow(clippy::unwrap_used, reason = "a test may")]

use std::{
    fmt,
    sync::{Arc, Mutex},
};

use actix_charter::{ApiError, problem::Problem};
use thiserror::Error;

#[derive(Debug, Error, ApiError)]
#[error("the disk /var/secret is full")]
#[api(status = 503)]
struct Storage(#[source] Disk);

#[derive(Debug, Error)]
#[error("ENOSPC on sda1")]
struct Disk(#[source] std::io::Error);

/// Keeps what is logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<String>>);

impl tracing::Subscriber for Log {
    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        true
    }
    fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        tracing::span::Id::from_u64(1)
    }
    fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}
    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}
    fn event(&self, event: &tracing::Event<'_>) {
        struct Visit<'a>(&'a mut String);
        impl tracing::field::Visit for Visit<'_> {
            fn record_debug(&mut self, field: &tracing::field::Field, value: &dyn fmt::Debug) {
                self.0.push_str(&format!("{field}={value:?} "));
            }
        }
        event.record(&mut Visit(&mut self.0.lock().unwrap()));
    }
    fn enter(&self, _: &tracing::span::Id) {}
    fn exit(&self, _: &tracing::span::Id) {}
}

#[test]
fn a_servers_error_is_logged_with_all_its_causes() {
    let log = Log::default();
    tracing::subscriber::set_global_default(log.clone()).unwrap();
    let problem = Problem::from(Storage(Disk(std::io::Error::other("no blocks left"))));
    assert_eq!(problem.get_detail(), None);
    let log = log.0.lock().unwrap();
    for part in ["the disk /var/secret is full", "ENOSPC on sda1: no blocks left", "Storage(", "status=503"] {
        assert!(log.contains(part), "{part} is not in {log}");
    }
}
