use std::{borrow::Cow, fmt, sync::Arc};

use super::{ChannelLayer, LiveOperation, command::RunCommand, operation::LiveDraft};
use serde::Serialize;

use crate::{
    model::{Model, SchemaOf},
    response::Declared,
};

/// A struct whose methods are the operations of one kind of channel. `#[channel]` on an `impl` block implements it; it works
/// by hand too, see [`LiveOperation`].
///
/// It is built once and shared by all workers and all channels of the kind; its methods take `&self`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a channel",
    label = "needs `#[channel(\"name:{{id}}\")]` above its `impl` block"
)]
pub trait Channel: Send + Sync + Sized + 'static {
    /// What the channel declares.
    fn charter() -> ChannelCharter<Self>;
}

/// What a channel declares: its names, its options, its operations.
pub struct ChannelCharter<C> {
    pub(crate) about: About,
    pub(crate) operations: Vec<LiveOperation<C>>,
}

/// What is said of the channel as a whole.
#[derive(Debug, Clone)]
pub(crate) struct About {
    pub(crate) name: Cow<'static, str>,
    pub(crate) pattern: Cow<'static, str>,
    pub(crate) summary: Option<Cow<'static, str>>,
    pub(crate) description: Option<Cow<'static, str>>,
    pub(crate) tags: Vec<Cow<'static, str>>,
    pub(crate) hidden: bool,
    pub(crate) layer: ChannelLayer,
    pub(crate) errors: Vec<(Cow<'static, str>, u32)>,
    /// What the server itself publishes.
    pub(crate) sends: Vec<SchemaOf>,
}

impl<C> fmt::Debug for ChannelCharter<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChannelCharter")
            .field("about", &self.about)
            .field("operations", &self.operations)
            .finish()
    }
}

impl<C: Channel> ChannelCharter<C> {
    /// A kind of channel without operations. In the pattern, `{name}` takes characters up to a `:`, a `/` or what stands
    /// behind it; `{name:regex}` what the regex matches of them; `{name}*` at the end takes all that is left.
    #[must_use]
    pub fn new(pattern: impl Into<Cow<'static, str>>) -> Self {
        Self {
            about: About {
                name: Cow::Borrowed(""),
                pattern: pattern.into(),
                summary: None,
                description: None,
                tags: Vec::new(),
                hidden: false,
                layer: ChannelLayer::new(),
                errors: Vec::new(),
                sends: Vec::new(),
            },
            operations: Vec::new(),
        }
    }

    /// The name, which goes into the document's operations.
    #[must_use]
    pub fn name(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.about.name = name.into();
        self
    }

    /// One line on what it is.
    #[must_use]
    pub fn summary(mut self, text: impl Into<Cow<'static, str>>) -> Self {
        self.about.summary = Some(text.into());
        self
    }

    /// More on what it is, in CommonMark.
    #[must_use]
    pub fn description(mut self, text: impl Into<Cow<'static, str>>) -> Self {
        self.about.description = Some(text.into());
        self
    }

    /// One more tag in the document.
    #[must_use]
    pub fn tag(mut self, tag: impl Into<Cow<'static, str>>) -> Self {
        self.about.tags.push(tag.into());
        self
    }

    /// Serves it without a word in the document.
    #[must_use]
    pub fn hidden(mut self) -> Self {
        self.about.hidden = true;
        self
    }

    /// This layer's options.
    #[must_use]
    pub fn options(mut self, layer: ChannelLayer) -> Self {
        self.about.layer = layer;
        self
    }

    /// The number, from 400 to 1999, by which clients know the problem with this code.
    #[must_use]
    pub fn error(mut self, code: impl Into<Cow<'static, str>>, number: u32) -> Self {
        self.about.errors.push((code.into(), number));
        self
    }

    /// Tells in the document that the server itself publishes such messages here, beside what is broadcast for clients.
    #[must_use]
    pub fn sends<T: Model + Serialize>(mut self) -> Self {
        self.about.sends.push(SchemaOf::of::<T>());
        self
    }

    /// One more operation.
    #[must_use]
    pub fn operation(mut self, operation: LiveOperation<C>) -> Self {
        self.operations.push(operation);
        self
    }

    /// Binds the declaration to a channel, and forgets its type.
    pub(crate) fn bind(self, channel: C) -> BoundChannel {
        let channel = Arc::new(channel);
        let bind = |operation: LiveOperation<C>| BoundLive {
            run: (operation.bind)(Arc::clone(&channel)),
            draft: Arc::new(operation.draft),
            declared: operation.declared,
        };
        BoundChannel { about: self.about, operations: self.operations.into_iter().map(bind).collect() }
    }
}

/// A declaration with its channel, the type forgotten.
#[derive(Debug, Clone)]
pub(crate) struct BoundChannel {
    pub(crate) about: About,
    pub(crate) operations: Vec<BoundLive>,
}

#[derive(Clone)]
pub(crate) struct BoundLive {
    pub(crate) draft: Arc<LiveDraft>,
    pub(crate) run: Arc<dyn RunCommand>,
    pub(crate) declared: Declared,
}

impl fmt::Debug for BoundLive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BoundLive").field("draft", &self.draft).finish_non_exhaustive()
    }
}
