use std::{
    future::Future,
    sync::{Arc, Mutex},
    time::Duration,
};

use actix_charter::live::{
    ClientInfo, Position,
    broker::{
        Broker, BrokerEvents, ControlMessage, History, HistoryQuery, LivePublication, MemoryBroker,
        MemoryLimits, PublicationDraft, Published, StreamOptions,
    },
};

/// Runs with a clock that stands still unless it is advanced.
pub(crate) fn paused<T>(test: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    runtime.unwrap().block_on(test)
}

pub(crate) async fn pass(time: Duration) {
    tokio::time::advance(time).await;
}

pub(crate) const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

pub(crate) fn ten_for_a_minute() -> StreamOptions {
    StreamOptions::history(10, seconds(60))
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Event {
    Publication(String, LivePublication),
    Join(String, Arc<ClientInfo>),
    Leave(String, Arc<ClientInfo>),
    Control(ControlMessage),
}

/// Writes down what it is told.
#[derive(Debug, Default)]
pub(crate) struct Ears(Mutex<Vec<Event>>);

impl Ears {
    /// What came since the last time.
    pub(crate) fn take(&self) -> Vec<Event> {
        std::mem::take(&mut self.0.lock().unwrap())
    }

    pub(crate) fn publications(&self) -> Vec<LivePublication> {
        let events = self.take().into_iter();
        events
            .map(|event| match event {
                Event::Publication(_, publication) => publication,
                other => panic!("{other:?}"),
            })
            .collect()
    }

    pub(crate) fn texts(&self) -> Vec<String> {
        self.publications().iter().map(|live| text(&live.publication.data)).collect()
    }

    fn heard(&self, event: Event) {
        self.0.lock().unwrap().push(event);
    }
}

impl BrokerEvents for Ears {
    fn publication(&self, channel: &Arc<str>, publication: &LivePublication) {
        self.heard(Event::Publication(channel.to_string(), publication.clone()));
    }

    fn join(&self, channel: &Arc<str>, info: &Arc<ClientInfo>) {
        self.heard(Event::Join(channel.to_string(), Arc::clone(info)));
    }

    fn leave(&self, channel: &Arc<str>, info: &Arc<ClientInfo>) {
        self.heard(Event::Leave(channel.to_string(), Arc::clone(info)));
    }

    fn control(&self, message: &ControlMessage) {
        self.heard(Event::Control(message.clone()));
    }
}

pub(crate) async fn started(limits: MemoryLimits) -> (Arc<MemoryBroker>, Arc<Ears>) {
    let broker = Arc::new(MemoryBroker::new(limits));
    let ears = Arc::new(Ears::default());
    broker.start(Arc::clone(&ears) as _).await.unwrap();
    (broker, ears)
}

pub(crate) async fn publish(broker: &MemoryBroker, channel: &str, data: &str) -> Published {
    publish_as(broker, channel, draft(data), &ten_for_a_minute()).await
}

pub(crate) async fn publish_as(
    broker: &MemoryBroker,
    channel: &str,
    draft: PublicationDraft,
    options: &StreamOptions,
) -> Published {
    broker.publish(channel, draft, options).await.unwrap()
}

pub(crate) async fn read(broker: &MemoryBroker, channel: &str, query: HistoryQuery) -> History {
    broker.history(channel, query).await.unwrap()
}

pub(crate) async fn position(broker: &MemoryBroker, channel: &str) -> Position {
    read(broker, channel, HistoryQuery::position()).await.position
}

pub(crate) fn draft(data: &str) -> PublicationDraft {
    PublicationDraft::new(data.to_owned())
}

pub(crate) fn info(user: &str, client: &str) -> Arc<ClientInfo> {
    Arc::new(ClientInfo { user: user.to_owned(), client: client.to_owned(), ..ClientInfo::default() })
}

pub(crate) fn offsets(history: &History) -> Vec<u64> {
    history.publications.iter().map(|publication| publication.offset).collect()
}

pub(crate) fn text(data: &[u8]) -> String {
    String::from_utf8(data.to_vec()).unwrap()
}
