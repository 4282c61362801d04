use std::{
    fmt,
    future::{Future, IntoFuture},
    pin::Pin,
    sync::Arc,
    time::Duration,
};

use bytes::Bytes;

use super::BroadcastError;
use crate::live::{
    Tags,
    broker::{PublicationDraft, Published, StreamOptions},
    hub::{Node, stream_options},
};

type Later<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// A publication in the making: `.await` it.
#[must_use = "nothing is published until it is awaited"]
pub struct Publish {
    node: Arc<Node>,
    channel: String,
    draft: Result<PublicationDraft, BroadcastError>,
    skip_history: bool,
}

/// A publication into many channels in the making: `.await` it. It gives what came of it for each, in their order.
#[must_use = "nothing is published until it is awaited"]
pub struct BroadcastTo {
    channels: Vec<String>,
    publish: Publish,
}

macro_rules! words {
    ($($at:ident).*) => {
        /// Within five minutes, a second publication with this key into the channel is not made, and answered as the first was.
        pub fn idempotency_key(mut self, key: impl Into<Arc<str>>) -> Self {
            if let Ok(draft) = &mut self.$($at).* {
                draft.idempotency_key = Some(key.into());
            }
            self
        }

        /// How long the key is remembered.
        pub fn idempotency_ttl(mut self, time: Duration) -> Self {
            if let Ok(draft) = &mut self.$($at).* {
                draft.idempotency_ttl = Some(time);
            }
            self
        }

        /// For whole states: which one this is. A state no newer than the channel's is not published.
        pub fn version(mut self, version: u64) -> Self {
            if let Ok(draft) = &mut self.$($at).* {
                draft.version = version;
            }
            self
        }

        /// What the version counts in, so that counting may begin anew.
        pub fn version_epoch(mut self, epoch: impl Into<Arc<str>>) -> Self {
            if let Ok(draft) = &mut self.$($at).* {
                draft.version_epoch = Some(epoch.into());
            }
            self
        }

        /// A word by which subscribers may choose.
        pub fn tag(mut self, key: impl Into<Box<str>>, value: impl Into<Box<str>>) -> Self {
            if let Ok(draft) = &mut self.$($at).* {
                draft.tags = Some(with_tag(draft.tags.as_ref(), key.into(), value.into()));
            }
            self
        }

        /// Whose latest this is, for [`SlowPolicy::Conflate`](crate::live::SlowPolicy::Conflate).
        pub fn key(mut self, key: impl Into<Arc<str>>) -> Self {
            if let Ok(draft) = &mut self.$($at).* {
                draft.key = Some(key.into());
            }
            self
        }
    };
}

impl Publish {
    pub(super) fn new(node: &Arc<Node>, channel: String, data: Result<Bytes, BroadcastError>) -> Self {
        let draft =
            data.map(|data| PublicationDraft { time: node.milliseconds(), ..PublicationDraft::new(data) });
        Self { node: Arc::clone(node), channel, draft, skip_history: false }
    }

    words!(draft);

    /// It is not kept, even where the channel has a history: it has no place there, and who is away misses it.
    pub fn skip_history(mut self) -> Self {
        self.skip_history = true;
        self
    }

    /// Has it published without waiting for it, or for anything.
    ///
    /// # Errors
    ///
    /// When the channel is unknown, or there is too much waiting. That it failed later is only logged.
    pub fn detach(self) -> Result<(), BroadcastError> {
        let options = options(&self.node, &self.channel, self.skip_history)?;
        let (channel, draft) = (self.channel, self.draft?);
        let dispatch = Arc::clone(&self.node.dispatch);
        Ok(self.node.actor.try_call(move |engine| async move {
            dispatch.ready(&channel).await;
            let published = engine.broker.publish(&channel, draft, &options).await;
            if let Err(error) = &published {
                tracing::warn!(target: "actix_charter::live", %error, "something was not published");
            }
            published
        })?)
    }
}

impl BroadcastTo {
    pub(super) fn new(channels: Vec<String>, publish: Publish) -> Self {
        Self { channels, publish }
    }

    words!(publish.draft);

    /// It is not kept, even in channels with a history: it has no place there, and who is away misses it.
    pub fn skip_history(mut self) -> Self {
        self.publish.skip_history = true;
        self
    }
}

fn with_tag(tags: Option<&Tags>, key: Box<str>, value: Box<str>) -> Tags {
    let mut all: Vec<_> = tags.into_iter().flat_map(|tags| tags.iter().cloned()).collect();
    match all.binary_search_by(|(other, _)| other.cmp(&key)) {
        Ok(at) => {
            if let Some(tag) = all.get_mut(at) {
                tag.1 = value;
            }
        }
        Err(at) => all.insert(at, (key, value)),
    }
    all.into()
}

fn options(node: &Node, channel: &str, skip_history: bool) -> Result<StreamOptions, BroadcastError> {
    let logic = node.channels.channel(channel).ok_or(BroadcastError::UnknownChannel)?;
    let options = stream_options(logic.options());
    Ok(if skip_history { StreamOptions { size: 0, ..options } } else { options })
}

async fn publish(
    node: Arc<Node>,
    channel: String,
    draft: PublicationDraft,
    skip_history: bool,
) -> Result<Published, BroadcastError> {
    let options = options(&node, &channel, skip_history)?;
    let dispatch = Arc::clone(&node.dispatch);
    // In the actor, which has a runtime wherever this is awaited.
    let asked = node.actor.call(move |engine| async move {
        dispatch.ready(&channel).await;
        engine.broker.publish(&channel, draft, &options).await
    });
    Ok(asked.await?)
}

impl IntoFuture for Publish {
    type Output = Result<Published, BroadcastError>;
    type IntoFuture = Later<Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move { publish(self.node, self.channel, self.draft?, self.skip_history).await })
    }
}

impl IntoFuture for BroadcastTo {
    type Output = Result<Vec<Result<Published, BroadcastError>>, BroadcastError>;
    type IntoFuture = Later<Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let Publish { node, draft, skip_history, .. } = self.publish;
            let draft = draft?;
            let all = self
                .channels
                .into_iter()
                .map(|channel| publish(Arc::clone(&node), channel, draft.clone(), skip_history));
            Ok(futures_util::future::join_all(all).await)
        })
    }
}

impl fmt::Debug for Publish {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Publish").field("channel", &self.channel).finish_non_exhaustive()
    }
}

impl fmt::Debug for BroadcastTo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BroadcastTo").field("channels", &self.channels).finish_non_exhaustive()
    }
}
