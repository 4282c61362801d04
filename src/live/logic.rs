//! What a connection asks the application. The sessions call it, the declared channels implement it.

use std::{
    cell::RefCell,
    rc::Rc,
    sync::Arc,
    time::{Duration, SystemTime},
};

use actix_web::HttpRequest;
use bytes::Bytes;
use futures_util::future::{LocalBoxFuture, ready};

use super::{ChannelOptions, Tags, protocol::ReplyError};
pub use crate::security::SharedIdentity;

/// All channels of an application; one a process, shared by its workers.
pub trait Channels: Send + Sync + 'static {
    /// The channel of that name; `None` is 102, "unknown channel".
    fn channel(&self, name: &str) -> Option<Arc<dyn ChannelLogic>>;

    /// The channels that a connection is subscribed to without asking, such as its user's own.
    fn of_peer(&self, _peer: &Peer) -> Vec<String> {
        Vec::new()
    }

    /// The channel that all devices of a user are subscribed to, when there is one.
    fn personal(&self, _user: &str) -> Option<String> {
        None
    }

    /// Calls `method`, which is `channel/name`, or a name of the application's own.
    fn rpc(
        &self,
        method: &str,
        data: Bytes,
        peer: Rc<Peer>,
    ) -> LocalBoxFuture<'static, Result<Bytes, ReplyError>>;

    /// Takes a message that a client sent outside of any channel and without waiting for a reply: JSON. Unless this is
    /// written, nobody listens to such messages.
    fn message(&self, _data: Bytes, _peer: Rc<Peer>) -> LocalBoxFuture<'static, ()> {
        Box::pin(ready(()))
    }
}

/// One declared kind of channel, such as `room:{id}`.
pub trait ChannelLogic: Send + Sync + 'static {
    fn options(&self) -> &ChannelOptions;

    /// May they listen, and what are they given?
    fn subscribe(self: Arc<Self>, ask: Ask) -> LocalBoxFuture<'static, Result<Grant, ReplyError>>;

    /// May they publish this, and what is broadcast for it?
    fn publish(self: Arc<Self>, ask: Ask) -> LocalBoxFuture<'static, Result<Draft, ReplyError>>;
}

/// A question about one channel.
pub struct Ask {
    pub channel: Arc<str>,
    /// What the client sent with it: JSON; empty when nothing. Checked to be JSON, whatever the codec is.
    pub data: Bytes,
    pub peer: Rc<Peer>,
}

/// Who stands behind a connection.
pub struct Peer {
    /// The request that opened it; its headers are gone, its application data is there.
    pub request: HttpRequest,
    pub client: String,
    /// Empty for somebody anonymous.
    pub user: String,
    /// What the security scheme found, or what the last token says; each call gets a clone of it.
    pub identity: RefCell<Option<Rc<dyn SharedIdentity>>>,
    /// JSON about the connection, for presence and joins. A refresh may bring another one.
    pub info: RefCell<Option<Bytes>>,
}

/// Yes, you may listen.
#[derive(Debug, Clone, Default)]
pub struct Grant {
    /// JSON about the connection in this channel, for presence and joins.
    pub info: Option<Bytes>,
    /// JSON for the reply.
    pub data: Option<Bytes>,
    /// When the permission ends.
    pub expires: Option<SystemTime>,
    /// How long the permission lasts, counted from now by the node's clock; the earlier of the two holds.
    pub lasts: Option<Duration>,
    /// Instead of the channel's own.
    pub options: Option<ChannelOptions>,
}

impl Grant {
    /// When the permission ends, if it is this time of day now.
    pub(crate) fn end(&self, now: SystemTime) -> Option<SystemTime> {
        let lasts = self.lasts.and_then(|lasts| now.checked_add(lasts));
        self.expires.into_iter().chain(lasts).min()
    }
}

/// What is broadcast for a publication of a client.
#[derive(Debug, Clone, Default)]
pub struct Draft {
    /// JSON.
    pub data: Bytes,
    pub tags: Option<Tags>,
    /// For [`SlowPolicy::Conflate`](super::SlowPolicy::Conflate): whose latest this is; without one, the channel's.
    pub key: Option<String>,
}
