use std::{fmt, future::pending, sync::Arc};

use futures_util::future::BoxFuture;

use super::{BrokerError, BrokerEvents, History, HistoryQuery, PublicationDraft, Published, StreamOptions};
use crate::live::ClientInfo;

/// Orders publications, keeps the latest, and brings them to the nodes that are subscribed. See the
/// [module](super) for what it promises.
///
/// Futures do nothing until they are polled. One that is dropped early may or may not have done its work.
pub trait Broker: fmt::Debug + Send + Sync + 'static {
    /// Where events for this node go from now on; called once, before any subscription.
    ///
    /// # Errors
    /// When it was started before, or cannot begin.
    fn start(&self, events: Arc<dyn BrokerEvents>) -> BoxFuture<'_, Result<(), BrokerError>>;

    /// What has to go on while the broker is in use: whoever owns it polls this to its end, which does not come. A
    /// memory broker forgets here what expired; one with a server at the other end keeps its connection.
    fn maintain(&self) -> BoxFuture<'_, ()> {
        Box::pin(pending())
    }

    /// Publishes, in one step; see the [module](super).
    ///
    /// # Errors
    /// When the broker is out of reach or out of room. See [`BrokerError::unavailable`] about trying again.
    fn publish<'a>(
        &'a self,
        channel: &'a str,
        draft: PublicationDraft,
        options: &'a StreamOptions,
    ) -> BoxFuture<'a, Result<Published, BrokerError>>;

    /// Tells the subscribed nodes that somebody came. At most once: such events have no position.
    ///
    /// # Errors
    /// When the broker is out of reach.
    fn publish_join<'a>(
        &'a self,
        channel: &'a str,
        info: Arc<ClientInfo>,
    ) -> BoxFuture<'a, Result<(), BrokerError>>;

    /// Tells the subscribed nodes that somebody left; as [`publish_join`](Self::publish_join).
    ///
    /// # Errors
    /// When the broker is out of reach.
    fn publish_leave<'a>(
        &'a self,
        channel: &'a str,
        info: Arc<ClientInfo>,
    ) -> BoxFuture<'a, Result<(), BrokerError>>;

    /// This node wants the channel's events. Once this is done, every later publication comes, or is seen to be
    /// missing by its offset. Subscriptions are counted: each needs its own [`unsubscribe`](Self::unsubscribe), so
    /// that every worker can hold one without asking the others.
    ///
    /// # Errors
    /// When the broker is out of reach; the subscription then does not count.
    fn subscribe<'a>(&'a self, channel: &'a str) -> BoxFuture<'a, Result<(), BrokerError>>;

    /// Takes back one [`subscribe`](Self::subscribe). Events may still come for a while.
    ///
    /// # Errors
    /// When the broker is out of reach; the subscription is taken back all the same.
    fn unsubscribe<'a>(&'a self, channel: &'a str) -> BoxFuture<'a, Result<(), BrokerError>>;

    /// Reads a stream, and begins it when it is not there.
    ///
    /// # Errors
    /// When the broker is out of reach or out of room, or keeps no history.
    fn history<'a>(
        &'a self,
        channel: &'a str,
        query: HistoryQuery,
    ) -> BoxFuture<'a, Result<History, BrokerError>>;

    /// Forgets a stream's publications. Its position stays, so those who miss some of them are told so.
    ///
    /// # Errors
    /// When the broker is out of reach.
    fn remove_history<'a>(&'a self, channel: &'a str) -> BoxFuture<'a, Result<(), BrokerError>>;
}
