use std::{borrow::Cow, fmt, sync::Arc};

use actix_web::http::Method;

use super::command::{BoundCommand, RunCommand};
use crate::{
    endpoint::{Handler, OperationSpec, Output},
    response::{Declared, Replies},
};

/// What a command asks of a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asked {
    Subscribe,
    Publish,
    Rpc,
}

/// One operation of a channel `C`, told by hand; `#[channel]` writes the same.
///
/// ```
/// use actix_charter::{live::{Channel, ChannelCharter, LiveOperation}, prelude::*};
///
/// struct News;
///
/// impl News {
///     async fn listen(&self) -> NoContent {
///         NoContent
///     }
/// }
///
/// impl Channel for News {
///     fn charter() -> ChannelCharter<Self> {
///         ChannelCharter::new("news:{topic}").operation(LiveOperation::subscribe().handle(Self::listen))
///     }
/// }
/// # actix_charter::live::Live::new().channel(News).check().unwrap();
/// ```
pub struct LiveOperation<C> {
    pub(crate) draft: LiveDraft,
    #[allow(clippy::type_complexity, reason = "it is written once")]
    pub(crate) bind: Box<dyn FnOnce(Arc<C>) -> Arc<dyn RunCommand>>,
    pub(crate) declared: Declared,
}

/// An operation of a channel that still lacks its handler. Each method says one more thing of it.
#[must_use = "an operation needs a handler: call `.handle(..)`"]
#[derive(Debug, Clone)]
pub struct LiveDraft {
    pub(crate) asked: Asked,
    /// Of an rpc: behind the channel's name and `/`.
    pub(crate) method: Cow<'static, str>,
    pub(crate) spec: OperationSpec,
    pub(crate) declares: Vec<Output>,
    pub(crate) errors: Vec<(Cow<'static, str>, u32)>,
    pub(crate) data_limit: Option<usize>,
}

impl<C> fmt::Debug for LiveOperation<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LiveOperation").field("draft", &self.draft).finish_non_exhaustive()
    }
}

impl LiveOperation<()> {
    /// Who may listen, and what they are given: what the handler returns is the data of the reply, `()` and
    /// [`NoContent`](crate::response::NoContent) are none, a [`Subscription`](super::Subscription) can tell more.
    pub fn subscribe() -> LiveDraft {
        LiveDraft::new(Asked::Subscribe, Cow::Borrowed(""))
    }

    /// Who may publish what: what the handler returns is broadcast, a [`Broadcast`](super::Broadcast) has words with it.
    /// Without this operation clients cannot publish.
    pub fn publish() -> LiveDraft {
        LiveDraft::new(Asked::Publish, Cow::Borrowed(""))
    }

    /// A call of the method `<channel>/<name>`; what the handler returns is its result.
    pub fn rpc(name: impl Into<Cow<'static, str>>) -> LiveDraft {
        LiveDraft::new(Asked::Rpc, name.into())
    }
}

impl LiveDraft {
    fn new(asked: Asked, method: Cow<'static, str>) -> Self {
        Self {
            asked,
            method,
            spec: OperationSpec::new(Method::POST, Cow::Borrowed("")),
            declares: Vec::new(),
            errors: Vec::new(),
            data_limit: None,
        }
    }

    /// The name in the document and in the log.
    pub fn name(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.spec.name = name.into();
        self
    }

    /// One line on what it does.
    pub fn summary(mut self, text: impl Into<Cow<'static, str>>) -> Self {
        self.spec.summary = Some(text.into());
        self
    }

    /// More on what it does, in CommonMark.
    pub fn description(mut self, text: impl Into<Cow<'static, str>>) -> Self {
        self.spec.description = Some(text.into());
        self
    }

    /// Clients should stop using it.
    pub fn deprecated(mut self) -> Self {
        self.spec.deprecated = true;
        self
    }

    /// Serves it without a word in the document.
    pub fn hidden(mut self) -> Self {
        self.spec.hidden = true;
        self
    }

    /// An answer that the return type does not tell of.
    pub fn declares(mut self, output: Output) -> Self {
        self.declares.push(output);
        self
    }

    /// The number, from 400 to 1999, by which clients know the problem with this code.
    pub fn error(mut self, code: impl Into<Cow<'static, str>>, number: u32) -> Self {
        self.errors.push((code.into(), number));
        self
    }

    /// The most bytes of data that a client may send with it.
    pub fn data_limit(mut self, bytes: usize) -> Self {
        self.data_limit = Some(bytes);
        self
    }

    /// Completes the operation with the function that handles it.
    pub fn handle<C, F, Args, Via, R>(mut self, handler: F) -> LiveOperation<C>
    where
        C: Send + Sync + 'static,
        F: Handler<C, Args, Via, R>,
        Args: 'static,
        Via: 'static,
        R: Replies + 'static,
    {
        F::describe(&mut self.spec);
        LiveOperation {
            draft: self,
            bind: Box::new(move |channel| {
                Arc::new(BoundCommand::<C, F, Args, Via, R>::new(channel, handler))
            }),
            declared: F::DECLARED,
        }
    }
}
