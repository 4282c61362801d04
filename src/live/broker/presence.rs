use std::{fmt, future::pending, sync::Arc};

use futures_util::future::BoxFuture;

use super::BrokerError;
use crate::live::ClientInfo;

/// How many are in a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PresenceStats {
    /// Connections.
    pub clients: usize,
    /// Different users; everybody anonymous is one.
    pub users: usize,
}

/// What an entry changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PresenceAdded {
    /// The connection was not there before; otherwise it was refreshed.
    pub new_client: bool,
    /// The user was not there before, with any connection.
    pub new_user: bool,
}

/// What the end of an entry changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PresenceRemoved {
    /// The connection was there.
    pub was_there: bool,
    /// The user has no connection there now.
    pub user_gone: bool,
}

/// Who is in a channel. Entries that are not refreshed (every 25 seconds) expire (after 60), so it is right in the end
/// and may show ghosts until then.
pub trait Presence: fmt::Debug + Send + Sync + 'static {
    /// Adds a connection or refreshes it; `info.client` names it.
    ///
    /// # Errors
    /// When the store is out of reach.
    fn add<'a>(
        &'a self,
        channel: &'a str,
        info: Arc<ClientInfo>,
    ) -> BoxFuture<'a, Result<PresenceAdded, BrokerError>>;

    /// Takes a connection out.
    ///
    /// # Errors
    /// When the store is out of reach.
    fn remove<'a>(
        &'a self,
        channel: &'a str,
        info: &'a ClientInfo,
    ) -> BoxFuture<'a, Result<PresenceRemoved, BrokerError>>;

    /// Everybody there, in no order.
    ///
    /// # Errors
    /// When the store is out of reach.
    fn get<'a>(&'a self, channel: &'a str) -> BoxFuture<'a, Result<Vec<Arc<ClientInfo>>, BrokerError>>;

    /// How many are there, without counting them.
    ///
    /// # Errors
    /// When the store is out of reach.
    fn stats<'a>(&'a self, channel: &'a str) -> BoxFuture<'a, Result<PresenceStats, BrokerError>>;

    /// With how many connections a user is there: before telling a leave that waited, to see whether they came back
    /// through another node.
    ///
    /// # Errors
    /// When the store is out of reach.
    fn connections<'a>(
        &'a self,
        channel: &'a str,
        user: &'a str,
    ) -> BoxFuture<'a, Result<usize, BrokerError>>;

    /// What has to go on while the store is in use; as [`Broker::maintain`](super::Broker::maintain).
    fn maintain(&self) -> BoxFuture<'_, ()> {
        Box::pin(pending())
    }
}
