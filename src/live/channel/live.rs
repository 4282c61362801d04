use std::{borrow::Cow, fmt, future::Future, sync::Arc};

use serde::de::DeserializeOwned;

use super::{Channel, ChannelLayer, Personal, build, channel::BoundChannel, declared::DeclaredChannels};
use super::{
    Connection,
    message::{Handler, OnMessage},
};
use crate::{live::mount::Setup, model::Model, router::MountErrors};

/// The live channels of an application: its declared channels, and what they have in common.
///
/// ```
/// use std::time::Duration;
/// use actix_charter::{live::ChannelLayer, prelude::*};
///
/// struct Rooms;
///
/// #[channel("room:{id}", presence, join_leave)]
/// impl Rooms {
///     /// Anyone may listen.
///     #[subscribe]
///     async fn enter(&self) {}
///
///     /// Say something.
///     #[publish]
///     async fn say(&self, id: Path<u32>, Body(text): Body<String>) -> String {
///         format!("in room {}: {text}", id.0)
///     }
/// }
///
/// let live = Live::new()
///     .options(ChannelLayer::new().history(100, Duration::from_secs(3600)))
///     .namespace("log", ChannelLayer::new().no_history())
///     .personal("user:{user}")
///     .channel(Rooms);
/// assert!(live.check().is_ok());
/// assert!(live.channel(Rooms).check().unwrap_err().to_string().contains("`room:{id}` is declared twice"));
/// ```
#[derive(Clone, Default)]
#[must_use = "the channels are there once the application is given them"]
pub struct Live {
    pub(crate) layer: ChannelLayer,
    pub(crate) namespaces: Vec<(Cow<'static, str>, ChannelLayer)>,
    pub(crate) errors: Vec<(Cow<'static, str>, u32)>,
    pub(crate) personal: Vec<Personal>,
    pub(crate) channels: Vec<BoundChannel>,
    pub(crate) setup: Setup,
    pub(super) on_message: Option<Arc<dyn OnMessage>>,
}

impl Live {
    /// No channels yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes a channel.
    pub fn channel<C: Channel>(mut self, channel: C) -> Self {
        self.channels.push(C::charter().bind(channel));
        self
    }

    /// Gives every user a channel of their own.
    pub fn personal(mut self, personal: impl Into<Personal>) -> Self {
        self.personal.push(personal.into());
        self
    }

    /// Options of all channels; what a namespace or a channel says itself comes first.
    pub fn options(mut self, layer: ChannelLayer) -> Self {
        self.layer = layer;
        self
    }

    /// Options of all channels whose names begin with `<name>:`; what a channel says itself comes first.
    pub fn namespace(mut self, name: impl Into<Cow<'static, str>>, layer: ChannelLayer) -> Self {
        self.namespaces.push((name.into(), layer));
        self
    }

    /// The number, from 400 to 1999, by which clients know the problem with this code, in all channels.
    pub fn error(mut self, code: impl Into<Cow<'static, str>>, number: u32) -> Self {
        self.errors.push((code.into(), number));
        self
    }

    /// Takes the messages that clients send outside of any channel, with `client.send(..)`: there is no reply to them. Without
    /// this they are dropped. What cannot be read as a `T`, or does not keep its rules, is dropped too: nobody could be told.
    ///
    /// ```
    /// use actix_charter::{live::Connection, prelude::*};
    /// use schemars::JsonSchema;
    /// use serde::Deserialize;
    ///
    /// #[derive(Deserialize, JsonSchema, Model)]
    /// struct Seen {
    ///     page: String,
    /// }
    ///
    /// let live = Live::new().on_message(async |from: Connection, seen: Seen| {
    ///     tracing::info!(user = from.user, page = seen.page, "a page was seen");
    /// });
    /// assert!(live.check().is_ok());
    /// ```
    pub fn on_message<T, F, D>(mut self, handler: F) -> Self
    where
        T: Model + DeserializeOwned + 'static,
        F: Fn(Connection, T) -> D + Send + Sync + 'static,
        D: Future<Output = ()> + 'static,
    {
        self.on_message = Some(Arc::new(Handler::new(handler)));
        self
    }

    /// Whether everything fits together.
    ///
    /// # Errors
    /// Everything that is wrong, a sentence each.
    pub fn check(&self) -> Result<(), MountErrors> {
        self.declare().map(drop)
    }

    /// What the sessions ask.
    ///
    /// # Errors
    /// Everything that is wrong, a sentence each.
    pub(crate) fn declare(&self) -> Result<DeclaredChannels, MountErrors> {
        build::declare(self).map_err(MountErrors::of_channels)
    }
}

impl fmt::Debug for Live {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Live")
            .field("channels", &self.channels)
            .field("personal", &self.personal)
            .finish_non_exhaustive()
    }
}
