use std::{fmt, future::IntoFuture};

use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

use super::{Asked, LiveClient, LiveProblem, connecting::value, inbox::Seat};

/// A subscription that is about to be made: `.await` it.
///
/// # Panics
/// When it is refused; see [`attempt`](Self::attempt).
#[must_use = "nobody subscribes until it is awaited"]
pub struct Subscribe<'a> {
    client: &'a LiveClient,
    channel: String,
    data: Value,
    token: String,
    since: Option<Value>,
}

/// A subscription, as it was granted.
#[derive(Debug, Clone, PartialEq)]
pub struct Subscribed {
    pub(super) channel: String,
    pub(super) result: Value,
}

/// What came of the subscriptions of a client that connected again.
#[derive(Debug, Clone, PartialEq)]
pub struct Reconnected(pub(super) Vec<(String, Result<Subscribed, LiveProblem>)>);

impl<'a> Subscribe<'a> {
    pub(super) fn new(client: &'a LiveClient, channel: &str) -> Self {
        Self { client, channel: channel.to_owned(), data: Value::Null, token: String::new(), since: None }
    }

    /// What the client says about it.
    ///
    /// # Panics
    /// When it cannot be written as JSON.
    #[track_caller]
    pub fn data(mut self, data: &(impl Serialize + ?Sized)) -> Self {
        self.data = value(data);
        self
    }

    /// The token that the client shows.
    pub fn token(mut self, token: impl Into<String>) -> Self {
        self.token = token.into();
        self
    }

    pub(super) fn again(client: &'a LiveClient, seat: &Seat) -> Self {
        let since = seat.is_recoverable.then(|| seat.since());
        Self { data: seat.data.clone(), since, ..Self::new(client, &seat.channel) }
    }

    /// Subscribes, or tells why not.
    pub fn attempt(self) -> Asked<'a, Result<Subscribed, LiveProblem>> {
        Asked::new(self.run())
    }

    pub(super) async fn run(self) -> Result<Result<Subscribed, LiveProblem>, String> {
        let Self { client, channel, data, token, since } = self;
        let mut request = since.unwrap_or_else(|| json!({}));
        request["channel"] = channel.as_str().into();
        request["join_leave"] = true.into();
        if !data.is_null() {
            request["data"] = data.clone();
        }
        if !token.is_empty() {
            request["token"] = token.into();
        }
        let seat = Seat { channel: channel.clone(), data, ..Seat::default() };
        let what = format!("subscribe to `{channel}`");
        let done = client.command(&what, "subscribe", request, Some(seat)).await?;
        Ok(done.map(|result| Subscribed { channel, result }))
    }
}

impl<'a> IntoFuture for Subscribe<'a> {
    type Output = Subscribed;
    type IntoFuture = Asked<'a, Subscribed>;

    fn into_future(self) -> Self::IntoFuture {
        let refused = self.client.refused(format!("subscribe to `{}`", self.channel));
        Asked::new(async move { self.run().await?.map_err(refused) })
    }
}

impl fmt::Debug for Subscribe<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscribe").field("channel", &self.channel).finish_non_exhaustive()
    }
}

impl Subscribed {
    /// The channel.
    #[must_use]
    pub fn channel(&self) -> &str {
        &self.channel
    }

    /// What the `#[subscribe]` method returned.
    ///
    /// # Panics
    /// When it is no `T`.
    #[must_use]
    #[track_caller]
    pub fn data<T: DeserializeOwned>(&self) -> T {
        let data = &self.result["data"];
        match T::deserialize(data) {
            Ok(data) => data,
            Err(error) => panic!(
                "the data of the subscription to `{}` is {data}, no {}: {error}",
                self.channel,
                std::any::type_name::<T>()
            ),
        }
    }

    /// Whether the client asked for what it missed, and got all of it.
    #[must_use]
    pub fn recovered(&self) -> bool {
        self.result["recovered"].as_bool().unwrap_or_default()
    }

    /// Whether what the client misses can be recovered, should it go away.
    #[must_use]
    pub fn is_recoverable(&self) -> bool {
        self.result["recoverable"].as_bool().unwrap_or_default()
    }

    /// In how many seconds it ends unless the client shows a new token; `None` is never.
    #[must_use]
    pub fn ttl(&self) -> Option<u64> {
        self.result["ttl"].as_u64()
    }
}

impl Reconnected {
    /// Whether all subscriptions are there again, and nothing was missed in those that can be recovered.
    #[must_use]
    pub fn recovered(&self) -> bool {
        self.0.iter().all(|(_, outcome)| {
            outcome.as_ref().is_ok_and(|subscribed| subscribed.recovered() || !subscribed.is_recoverable())
        })
    }

    /// What came of this subscription; `None` when there was none.
    #[must_use]
    pub fn subscription(&self, channel: &str) -> Option<&Result<Subscribed, LiveProblem>> {
        self.0.iter().find(|(name, _)| name == channel).map(|(_, outcome)| outcome)
    }
}
