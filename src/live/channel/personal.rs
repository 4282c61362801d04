use std::{borrow::Cow, rc::Rc, sync::Arc};

use futures_util::future::{LocalBoxFuture, ready};
use serde::Serialize;

use super::{ChannelLayer, pattern::ChannelPattern};
use crate::{
    live::{
        Ask, ChannelLogic, ChannelOptions, Draft, Grant, Peer,
        protocol::{ErrorCode, ReplyError},
    },
    model::{Model, SchemaOf},
};

/// The channel of each user, such as `user:{user}`. All connections of a user are subscribed to it by the server, nobody else
/// can be, and clients do not publish there.
///
/// ```
/// use std::time::Duration;
/// use actix_charter::live::{ChannelLayer, Live, Personal, RecoveryMode};
///
/// let kept = ChannelLayer::new().history(50, Duration::from_secs(600)).recovery(RecoveryMode::Stream);
/// let live = Live::new().personal(Personal::new("user:{user}").options(kept));
/// # live.check().unwrap();
/// ```
#[derive(Debug, Clone)]
pub struct Personal {
    pub(crate) pattern: Cow<'static, str>,
    pub(crate) layer: ChannelLayer,
    pub(crate) sends: Vec<SchemaOf>,
}

impl Personal {
    /// Channels of that pattern, which has one parameter: the user's id.
    ///
    /// `{user}` is an id without `:` and `/`, as in any pattern; `{user}*` is any. A user whose id does not fit has no channel of their
    /// own, which is told in the log.
    #[must_use]
    pub fn new(pattern: impl Into<Cow<'static, str>>) -> Self {
        Self { pattern: pattern.into(), layer: ChannelLayer::new(), sends: Vec::new() }
    }

    /// The server sends such messages there; for the AsyncAPI document.
    #[must_use]
    pub fn sends<T: Model + Serialize>(mut self) -> Self {
        self.sends.push(SchemaOf::of::<T>());
        self
    }

    /// This layer's options.
    #[must_use]
    pub fn options(mut self, layer: ChannelLayer) -> Self {
        self.layer = layer;
        self
    }
}

impl From<&'static str> for Personal {
    fn from(pattern: &'static str) -> Self {
        Self::new(pattern)
    }
}

impl From<String> for Personal {
    fn from(pattern: String) -> Self {
        Self::new(pattern)
    }
}

/// As it was mounted.
pub(crate) struct PersonalLogic {
    pub(crate) pattern: ChannelPattern,
    pub(crate) options: ChannelOptions,
}

impl PersonalLogic {
    /// The channel of this user.
    pub(crate) fn of(&self, user: &str) -> Option<String> {
        if user.is_empty() {
            return None;
        }
        let channel = self.pattern.fill(user);
        if channel.is_none() {
            let pattern = self.pattern.text();
            tracing::warn!(
                target: "actix_charter::live", pattern, user,
                "a user's id does not fit into the name of their channel; `{{user}}*` takes any"
            );
        }
        channel
    }

    fn is_of(&self, channel: &str, peer: &Rc<Peer>) -> bool {
        let places = self.pattern.places(channel);
        let value = places.as_deref().and_then(|places| channel.get(places.first()?.clone()));
        !peer.user.is_empty() && value == Some(peer.user.as_str())
    }
}

impl ChannelLogic for PersonalLogic {
    fn options(&self) -> &ChannelOptions {
        &self.options
    }

    fn subscribe(self: Arc<Self>, ask: Ask) -> LocalBoxFuture<'static, Result<Grant, ReplyError>> {
        let theirs = self.is_of(&ask.channel, &ask.peer);
        Box::pin(ready(if theirs { Ok(Grant::default()) } else { Err(ErrorCode::PERMISSION_DENIED.into()) }))
    }

    fn publish(self: Arc<Self>, _: Ask) -> LocalBoxFuture<'static, Result<Draft, ReplyError>> {
        Box::pin(ready(Err(ErrorCode::PERMISSION_DENIED.into())))
    }
}
