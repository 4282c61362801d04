use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use actix_charter::live::{
    ChannelOptions, LiveNode, LiveSettings, RecoveryMode,
    broker::Engine,
    seam::{Arrival, AsArrived, InProcess},
    socket::SocketSettings,
};
use actix_web::test::TestRequest;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::double::{Double, Kind};

pub(crate) fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

/// With a history of so many, which can be recovered.
pub(crate) fn stream(size: usize) -> ChannelOptions {
    let mut options = ChannelOptions::default();
    options.history_size = size;
    options.history_ttl = seconds(300);
    options.recovery = RecoveryMode::Stream;
    options.history_for_clients = true;
    options
}

pub(crate) fn present() -> ChannelOptions {
    let mut options = ChannelOptions::default();
    options.presence = true;
    options.presence_for_clients = true;
    options.join_leave = true;
    options
}

/// `plain:`, without anything; `stream:`, of the last ten.
pub(crate) fn double() -> Double {
    Double::new().with("plain", Kind::new(ChannelOptions::default())).with("stream", Kind::new(stream(10)))
}

/// The time of day goes with the paused time.
pub(crate) fn settings() -> LiveSettings {
    let start = Instant::now();
    LiveSettings::new().clock(move || now(start))
}

fn now(start: Instant) -> SystemTime {
    SystemTime::UNIX_EPOCH + seconds(1_700_000_000) + start.elapsed()
}

pub(crate) async fn live(double: Double) -> LiveNode {
    live_with(double, settings()).await
}

pub(crate) async fn live_with(double: Double, settings: LiveSettings) -> LiveNode {
    live_of(double, settings, Engine::default()).await
}

pub(crate) async fn live_of(double: Double, settings: LiveSettings, engine: Engine) -> LiveNode {
    LiveNode::start_here(Arc::new(double), Arc::new(AsArrived), engine, settings).await.unwrap()
}

pub(crate) fn arrival(user: &str) -> Arrival {
    let mut arrival = Arrival::anonymous(TestRequest::default().to_http_request());
    arrival.user = user.to_owned();
    arrival
}

/// A client that counts its commands.
pub(crate) struct Client {
    pub(crate) connection: InProcess,
    id: std::cell::Cell<u32>,
    /// What came while something else was waited for.
    early: std::cell::RefCell<Vec<Value>>,
}

impl Client {
    pub(crate) fn open(live: &LiveNode, arrival: Arrival) -> Self {
        Self::over(InProcess::open(live, arrival))
    }

    pub(crate) fn with(live: &LiveNode, arrival: Arrival, settings: SocketSettings) -> Self {
        Self::over(InProcess::with(live, arrival, settings))
    }

    fn over(connection: InProcess) -> Self {
        Self { connection, id: Default::default(), early: Default::default() }
    }

    /// Connected.
    pub(crate) async fn connect(live: &LiveNode, user: &str) -> Self {
        let client = Self::open(live, arrival(user));
        let reply = client.ask("connect", json!({})).await;
        assert!(reply.get("connect").is_some(), "{reply}");
        client
    }

    pub(crate) fn send(&self, name: &str, request: Value) -> u32 {
        let id = self.id.get() + 1;
        self.id.set(id);
        self.connection.send(json!({"id": id, name: request}).to_string());
        id
    }

    /// The reply to a command. Pushes that come before it are for [`next`](Self::next).
    pub(crate) async fn ask(&self, name: &str, request: Value) -> Value {
        let id = self.send(name, request);
        loop {
            let message = self.read().await;
            if message["id"] == id {
                return message;
            }
            self.early.borrow_mut().push(message);
        }
    }

    pub(crate) async fn subscribe(&self, channel: &str) -> Value {
        let reply = self.ask("subscribe", json!({"channel": channel})).await;
        assert!(reply["error"].is_null(), "{reply}");
        reply["subscribe"].clone()
    }

    pub(crate) async fn publish(&self, channel: &str, data: Value) {
        let reply = self.ask("publish", json!({"channel": channel, "data": data})).await;
        assert!(reply["error"].is_null(), "{reply}");
    }

    async fn read(&self) -> Value {
        loop {
            let text = self.connection.next().await.expect("the connection is open");
            let message: Value = serde_json::from_str(&text).unwrap();
            if message == json!({}) {
                self.connection.send("{}");
                continue;
            }
            return message;
        }
    }

    /// The next message that is no ping.
    pub(crate) async fn next(&self) -> Value {
        if !self.early.borrow().is_empty() {
            return self.early.borrow_mut().remove(0);
        }
        self.read().await
    }

    pub(crate) async fn push(&self) -> Value {
        let message = self.next().await;
        assert!(message.get("push").is_some(), "a push, not {message}");
        message["push"].clone()
    }

    /// What the next push published.
    pub(crate) async fn data(&self) -> Value {
        let push = self.push().await;
        assert!(push.get("pub").is_some(), "a publication, not {push}");
        push["pub"]["data"].clone()
    }

    /// The code with which the connection ends, after whatever is sent before it.
    pub(crate) async fn ended(&self) -> u64 {
        let mut last = Value::Null;
        while let Some(text) = self.connection.next().await {
            if text != "{}" {
                last = serde_json::from_str(&text).unwrap();
            }
        }
        last["push"]["disconnect"]["code"].as_u64().unwrap_or_else(|| panic!("a disconnect, not {last}"))
    }

    /// Whether nothing more has come once all that is under way is done.
    pub(crate) async fn is_quiet(&self) -> bool {
        settle().await;
        self.early.borrow().is_empty() && self.connection.try_next().is_none()
    }
}

pub(crate) fn error(reply: &Value) -> u64 {
    reply["error"]["code"].as_u64().unwrap_or_else(|| panic!("an error, not {reply}"))
}

/// Lets everything run that can without time going on.
pub(crate) async fn settle() {
    for _ in 0..200 {
        tokio::task::yield_now().await;
    }
}

impl Client {
    /// Whether it answers.
    pub(crate) async fn is_alive(&self) -> bool {
        self.ask("ping", json!({})).await["error"].is_null()
    }

    /// The code with which the connection ends, pings answered until then.
    pub(crate) async fn keep_until_end(&self) -> u64 {
        let mut last = Value::Null;
        while let Some(text) = self.connection.next().await {
            if text == "{}" {
                self.connection.send("{}");
            } else {
                last = serde_json::from_str(&text).unwrap();
            }
        }
        last["push"]["disconnect"]["code"].as_u64().unwrap_or_else(|| panic!("a disconnect, not {last}"))
    }
}
