use std::time::{Duration, SystemTime};

use actix_web::HttpResponse;
use bytes::Bytes;
use serde::Serialize;

use super::ChannelLayer;
use crate::{
    endpoint::Output,
    problem::Problem,
    response::{Declared, Replies, ReplyContext},
};

/// What a `#[subscribe]` method grants beside its data: an end, words about the connection, options of its own.
///
/// ```
/// use std::time::Duration;
/// use actix_charter::live::{ChannelLayer, Subscription};
/// use actix_charter::prelude::*;
///
/// struct Trials;
///
/// #[channel("trial:{id}", presence)]
/// impl Trials {
///     #[subscribe]
///     async fn enter(&self, id: Path<u32>) -> Subscription {
///         Subscription::new(()).expires_in(Duration::from_secs(60)).info(&id.0)
///     }
/// }
/// # Live::new().channel(Trials).check().unwrap();
/// ```
#[derive(Debug, Clone, Default)]
#[must_use = "return it from the `#[subscribe]` method"]
pub struct Subscription<T = ()> {
    data: T,
    granted: Granted,
}

/// What stands beside the data of a reply until the channel takes it.
#[derive(Debug, Clone, Default)]
pub(super) struct Granted {
    pub(super) info: Option<Bytes>,
    pub(super) expires: Option<SystemTime>,
    pub(super) lasts: Option<Duration>,
    pub(super) layer: Option<ChannelLayer>,
    /// Why `info` could not be written.
    failed: Option<String>,
}

impl<T> Subscription<T> {
    /// Yes; this is the reply's data. `()` is none.
    pub fn new(data: T) -> Self {
        Self { data, granted: Granted::default() }
    }

    /// Ends the permission at this time, unless the client renews it.
    pub fn expires_at(mut self, time: SystemTime) -> Self {
        self.granted.expires = Some(time);
        self
    }

    /// Ends the permission after this time, unless the client renews it.
    pub fn expires_in(mut self, time: Duration) -> Self {
        self.granted.lasts = Some(time);
        self
    }

    /// What others in the channel see of the connection, in presence and joins.
    pub fn info(mut self, info: &impl Serialize) -> Self {
        match serde_json::to_vec(info) {
            Ok(info) => self.granted.info = Some(info.into()),
            Err(error) => self.granted.failed = Some(error.to_string()),
        }
        self
    }

    /// Options for this subscription; what they do not say, the channel says.
    pub fn options(mut self, layer: ChannelLayer) -> Self {
        self.granted.layer = Some(layer);
        self
    }
}

impl<T: Replies> Replies for Subscription<T> {
    const DECLARED: Declared = T::DECLARED;

    fn describe(outputs: &mut Vec<Output>) {
        T::describe(outputs);
    }

    fn reply(self, context: &ReplyContext<'_>) -> Result<HttpResponse, Problem> {
        if let Some(error) = self.granted.failed {
            tracing::error!(target: "actix_charter::live", %error, "the info of a subscription cannot be written");
            return Err(Problem::internal());
        }
        let mut response = self.data.reply(context)?;
        response.extensions_mut().insert(self.granted);
        Ok(response)
    }
}
