use std::{fmt, future::Future, sync::Arc};

use bytes::Bytes;
use serde::Serialize;

use super::{BroadcastError, BroadcastTo, Publish, Refresh, Subscribe, order};
use crate::live::{
    ClientInfo, LiveMetrics,
    broker::{BrokerError, ControlMessage, Engine, History, HistoryQuery, PresenceStats, Whom},
    hub::Node,
    protocol::{Disconnect, Unsubscribe},
};

/// Publishes, and has a say in who is connected and subscribed. A clone is the same; it works in handlers, tasks and threads of any
/// runtime or none, and before the server runs.
#[derive(Clone)]
pub struct Broadcaster(Arc<Node>);

impl Broadcaster {
    pub(crate) fn new(node: &Arc<Node>) -> Self {
        Self(Arc::clone(node))
    }

    /// Publishes into a channel. `.await` what is given back, perhaps after telling it more.
    pub fn publish(&self, channel: impl Into<String>, data: &impl Serialize) -> Publish {
        Publish::new(&self.0, channel.into(), json(data))
    }

    /// As [`publish`](Self::publish), of what is JSON already.
    pub(crate) fn publish_bytes(&self, channel: String, data: Bytes) -> Publish {
        Publish::new(&self.0, channel, Ok(data))
    }

    /// Publishes the same into many channels.
    pub fn broadcast<C: Into<String>>(
        &self,
        channels: impl IntoIterator<Item = C>,
        data: &impl Serialize,
    ) -> BroadcastTo {
        let channels = channels.into_iter().map(Into::into).collect();
        BroadcastTo::new(channels, Publish::new(&self.0, String::new(), json(data)))
    }

    /// Publishes into a user's personal channel: to all their devices. Of several personal channels it is the first declared.
    pub fn to_user(&self, user: &str, data: &impl Serialize) -> Publish {
        match self.personal_channel(user) {
            Some(channel) => Publish::new(&self.0, channel, json(data)),
            None => Publish::new(&self.0, String::new(), Err(BroadcastError::NoPersonalChannel)),
        }
    }

    /// The name of a user's personal channel; `None` when none is declared, or the user's id cannot stand in its name.
    #[must_use]
    pub fn personal_channel(&self, user: &str) -> Option<String> {
        self.0.channels.personal(user)
    }

    /// Sends a message to one connection, outside of any channel.
    ///
    /// # Errors
    ///
    /// When the data is not JSON, other nodes are out of reach, or a worker here is too far behind to be told. That there is no such connection is no error.
    pub async fn to_connection(
        &self,
        client: impl Into<String>,
        data: &impl Serialize,
    ) -> Result<(), BroadcastError> {
        let data = json(data)?;
        self.control(ControlMessage::Message { whom: Whom::client(client), data }).await
    }

    /// Ends the subscription of a channel of all these connections.
    ///
    /// # Errors
    ///
    /// When other nodes are out of reach, or a worker here is too far behind to be told.
    pub async fn unsubscribe(
        &self,
        whom: Whom,
        channel: impl Into<String>,
        why: impl Into<Unsubscribe>,
    ) -> Result<(), BroadcastError> {
        let why = why.into();
        let (code, reason) = (why.code.get(), why.reason.into_owned());
        self.control(ControlMessage::Unsubscribe { whom, channel: channel.into(), code, reason }).await
    }

    /// Subscribes all these connections to a channel, without asking it whether they may; its options hold. `.await` what is
    /// given back, perhaps after telling it more.
    ///
    /// Clients get it as a subscription of the server's. It is the connection's: a client that connects again is subscribed to
    /// what its user is, see [`Live::personal`](crate::live::Live::personal), and to this only when told once more.
    ///
    /// ```
    /// # async fn example(broadcaster: actix_charter::live::Broadcaster) -> Result<(), actix_charter::live::BroadcastError> {
    /// use actix_charter::live::broker::Whom;
    ///
    /// broadcaster.subscribe(Whom::user("ada"), "room:7").data(&"Bob invited you.").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn subscribe(&self, whom: Whom, channel: impl Into<String>) -> Subscribe {
        Subscribe::new(&self.0, whom, channel.into())
    }

    /// Says when all these connections expire, and what others see of them. `.await` what is given back, after telling it what.
    ///
    /// ```
    /// # async fn example(broadcaster: actix_charter::live::Broadcaster) -> Result<(), actix_charter::live::BroadcastError> {
    /// use actix_charter::live::broker::Whom;
    ///
    /// broadcaster.refresh(Whom::user("ada")).info(&serde_json::json!({"name": "Ada L."})).await?;
    /// // The application's session has ended, and with it all connections that it opened.
    /// broadcaster.refresh(Whom::session("s-81f3")).expired().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn refresh(&self, whom: Whom) -> Refresh {
        Refresh::new(&self.0, whom)
    }

    /// Ends all these connections.
    ///
    /// # Errors
    ///
    /// When other nodes are out of reach, or a worker here is too far behind to be told.
    pub async fn disconnect(&self, whom: Whom, why: impl Into<Disconnect>) -> Result<(), BroadcastError> {
        self.disconnect_except(whom, Vec::new(), why).await
    }

    /// Ends all these connections but those with these ids: the other devices of a user.
    ///
    /// # Errors
    ///
    /// When other nodes are out of reach, or a worker here is too far behind to be told.
    pub async fn disconnect_except(
        &self,
        whom: Whom,
        except: Vec<String>,
        why: impl Into<Disconnect>,
    ) -> Result<(), BroadcastError> {
        let why = why.into();
        let (code, reason) = (why.code().get(), why.reason().to_owned());
        self.control(ControlMessage::Disconnect { whom, except, code, reason }).await
    }

    /// Who is in a channel.
    ///
    /// # Errors
    ///
    /// When the store is out of reach.
    pub async fn presence(&self, channel: impl Into<String>) -> Result<Vec<Arc<ClientInfo>>, BroadcastError> {
        let channel = channel.into();
        self.call(move |engine| async move { engine.presence.get(&channel).await }).await
    }

    /// How many are in a channel.
    ///
    /// # Errors
    ///
    /// When the store is out of reach.
    pub async fn presence_stats(&self, channel: impl Into<String>) -> Result<PresenceStats, BroadcastError> {
        let channel = channel.into();
        self.call(move |engine| async move { engine.presence.stats(&channel).await }).await
    }

    /// What was published into a channel.
    ///
    /// # Errors
    ///
    /// When the broker is out of reach.
    pub async fn history(
        &self,
        channel: impl Into<String>,
        query: HistoryQuery,
    ) -> Result<History, BroadcastError> {
        let channel = channel.into();
        self.call(move |engine| async move { engine.broker.history(&channel, query).await }).await
    }

    /// Forgets what was published into a channel.
    ///
    /// # Errors
    ///
    /// When the broker is out of reach.
    pub async fn remove_history(&self, channel: impl Into<String>) -> Result<(), BroadcastError> {
        let channel = channel.into();
        self.call(move |engine| async move { engine.broker.remove_history(&channel).await }).await
    }

    /// The channels that connections of this process are subscribed to, or were a moment ago.
    #[must_use]
    pub fn channels(&self) -> Vec<Arc<str>> {
        self.0.dispatch.channels()
    }

    /// What happened in this process, and what there is now.
    #[must_use]
    pub fn stats(&self) -> LiveMetrics {
        self.0.metrics.snapshot()
    }

    async fn control(&self, message: ControlMessage) -> Result<(), BroadcastError> {
        order::control(&self.0, message).await
    }

    async fn call<T: Send + 'static, F>(
        &self,
        call: impl FnOnce(Engine) -> F + Send + 'static,
    ) -> Result<T, BroadcastError>
    where
        F: Future<Output = Result<T, BrokerError>> + Send + 'static,
    {
        Ok(self.0.actor.call(call).await?)
    }
}

impl fmt::Debug for Broadcaster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Broadcaster").finish_non_exhaustive()
    }
}

pub(super) fn json(data: &impl Serialize) -> Result<Bytes, BroadcastError> {
    serde_json::to_vec(data).map(Bytes::from).map_err(BroadcastError::Data)
}
