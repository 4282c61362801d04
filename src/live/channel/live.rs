use std::{borrow::Cow, fmt};

use super::{Channel, ChannelLayer, Personal, build, channel::BoundChannel, declared::DeclaredChannels};
use crate::{live::mount::Setup, router::MountErrors};

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
