//! Orders about connections, wherever they are.

use std::{
    fmt,
    future::{Future, IntoFuture},
    pin::Pin,
    sync::Arc,
    time::SystemTime,
};

use serde::Serialize;

use super::{BroadcastError, handle::json};
use crate::live::{
    Position,
    broker::{ControlMessage, SubscribeOrder, Target, Whom},
    hub::Node,
};

type Later<T> = Pin<Box<dyn Future<Output = T> + Send>>;

pub(super) async fn control(node: &Arc<Node>, message: ControlMessage) -> Result<(), BroadcastError> {
    let dispatch = Arc::clone(&node.dispatch);
    let asked = node.actor.order(move |engine| async move {
        dispatch.takes_orders()?;
        engine.control.send(Target::All, message).await
    });
    Ok(asked.await?)
}

/// A subscription by the server in the making: `.await` it. See [`Broadcaster::subscribe`](super::Broadcaster::subscribe).
///
/// Done when all nodes were told; connections get it in their own time. What is published right after it may come before it: with
/// [`recover_since`](Self::recover_since) and a position from before, nothing is missed. It is an error that the channel is not
/// declared, or that the nodes are out of reach; none is that nobody is meant, or is subscribed already: that changes nothing.
#[must_use = "nobody is subscribed until it is awaited"]
pub struct Subscribe {
    node: Arc<Node>,
    whom: Whom,
    channel: String,
    order: Result<SubscribeOrder, BroadcastError>,
}

impl Subscribe {
    pub(super) fn new(node: &Arc<Node>, whom: Whom, channel: String) -> Self {
        Self { node: Arc::clone(node), whom, channel, order: Ok(SubscribeOrder::default()) }
    }

    fn with(mut self, change: impl FnOnce(&mut SubscribeOrder) -> Result<(), BroadcastError>) -> Self {
        self.order = self.order.and_then(|mut order| {
            change(&mut order)?;
            Ok(order)
        });
        self
    }

    /// Sends what was published after this, when all of it is still there. Where it begins is told in any case.
    pub fn recover_since(self, position: Position) -> Self {
        self.with(|order| {
            order.since = Some(position);
            Ok(())
        })
    }

    /// Words about the connection in this channel, for presence and joins.
    pub fn info(self, info: &impl Serialize) -> Self {
        self.with(|order| {
            order.info = Some(json(info)?);
            Ok(())
        })
    }

    /// What the client gets with it.
    pub fn data(self, data: &impl Serialize) -> Self {
        self.with(|order| {
            order.data = Some(json(data)?);
            Ok(())
        })
    }

    /// When the permission ends: after the grace, the connection ends with it (3006).
    pub fn expires(self, at: SystemTime) -> Self {
        self.with(|order| {
            order.expire_at = Some(unix(at));
            Ok(())
        })
    }

    /// Whether others see that it is there, instead of what the channel says.
    pub fn presence(self, on: bool) -> Self {
        self.with(|order| {
            order.presence = Some(on);
            Ok(())
        })
    }

    /// Whether it and others are told of each other's coming and going, instead of what the channel says.
    pub fn join_leave(self, on: bool) -> Self {
        self.with(|order| {
            order.join_leave = Some(on);
            Ok(())
        })
    }
}

impl IntoFuture for Subscribe {
    type Output = Result<(), BroadcastError>;
    type IntoFuture = Later<Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let Self { node, whom, channel, order } = self;
            let order = order?;
            if node.channels.channel(&channel).is_none() {
                return Err(BroadcastError::UnknownChannel);
            }
            control(&node, ControlMessage::Subscribe { whom, channel, order }).await
        })
    }
}

/// A refresh of connections in the making: `.await` it. See [`Broadcaster::refresh`](super::Broadcaster::refresh).
///
/// What is not told stays as it is. It is an error that other nodes are out of reach; none is that nobody is meant.
#[must_use = "nothing changes until it is awaited"]
pub struct Refresh {
    node: Arc<Node>,
    whom: Whom,
    expired: bool,
    expire_at: Option<i64>,
    info: Option<Result<bytes::Bytes, BroadcastError>>,
}

impl Refresh {
    pub(super) fn new(node: &Arc<Node>, whom: Whom) -> Self {
        Self { node: Arc::clone(node), whom, expired: false, expire_at: None, info: None }
    }

    /// They have expired: they end with 3005, and connect again as whoever they are then.
    pub fn expired(mut self) -> Self {
        self.expired = true;
        self
    }

    /// They expire then. Clients with a token are told, and refresh it in time; for others the application is asked.
    pub fn expires(mut self, at: SystemTime) -> Self {
        self.expire_at = Some(unix(at));
        self
    }

    /// They do not expire any more.
    pub fn never_expires(mut self) -> Self {
        self.expire_at = Some(0);
        self
    }

    /// Words about them for presence, joins and publications, from now on.
    pub fn info(mut self, info: &impl Serialize) -> Self {
        self.info = Some(json(info));
        self
    }
}

impl IntoFuture for Refresh {
    type Output = Result<(), BroadcastError>;
    type IntoFuture = Later<Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let Self { node, whom, expired, expire_at, info } = self;
            let info = info.transpose()?;
            control(&node, ControlMessage::Refresh { whom, expired, expire_at, info }).await
        })
    }
}

/// Seconds since 1970. What lies before that has ended: 0 would be never.
fn unix(at: SystemTime) -> i64 {
    let since = at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX).max(1)
}

impl fmt::Debug for Subscribe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscribe").field("channel", &self.channel).finish_non_exhaustive()
    }
}

impl fmt::Debug for Refresh {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Refresh").finish_non_exhaustive()
    }
}
