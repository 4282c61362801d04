use std::{borrow::Cow, fmt, sync::Arc};

use crate::{
    endpoint::{Bind, Draft, Operation, Options, Wrap},
    response::Declared,
};

/// A struct whose methods are endpoints. `#[controller]` on an `impl` block implements it; it works by hand too.
///
/// A controller is built once and shared by all workers; its methods take `&self`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a controller",
    label = "needs `#[controller]` above its `impl` block"
)]
pub trait Controller: Send + Sync + Sized + 'static {
    /// What the controller declares.
    fn charter() -> Charter<Self>;
}

/// What a controller declares: its path, its defaults, its operations.
pub struct Charter<C> {
    pub(crate) name: Cow<'static, str>,
    pub(crate) path: Cow<'static, str>,
    pub(crate) tags: Vec<Cow<'static, str>>,
    pub(crate) deprecated: bool,
    pub(crate) hidden: bool,
    pub(crate) options: Options,
    pub(crate) wraps: Vec<Wrap>,
    pub(crate) operations: Vec<Operation<C>>,
}

impl<C> fmt::Debug for Charter<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Charter")
            .field("name", &self.name)
            .field("operations", &self.operations)
            .finish_non_exhaustive()
    }
}

impl<C: Controller> Charter<C> {
    /// An empty declaration. The name goes into operation ids and reports.
    #[must_use]
    pub fn new(name: impl Into<Cow<'static, str>>) -> Self {
        Self {
            name: name.into(),
            path: Cow::Borrowed(""),
            tags: Vec::new(),
            deprecated: false,
            hidden: false,
            options: Options::new(),
            wraps: Vec::new(),
            operations: Vec::new(),
        }
    }

    /// The path that all operations stand below.
    #[must_use]
    pub fn path(mut self, path: impl Into<Cow<'static, str>>) -> Self {
        self.path = path.into();
        self
    }

    /// One more tag for all operations.
    #[must_use]
    pub fn tag(mut self, tag: impl Into<Cow<'static, str>>) -> Self {
        self.tags.push(tag.into());
        self
    }

    /// Clients should stop using any of it.
    #[must_use]
    pub fn deprecated(mut self) -> Self {
        self.deprecated = true;
        self
    }

    /// Serves all of it without a word in the document.
    #[must_use]
    pub fn hidden(mut self) -> Self {
        self.hidden = true;
        self
    }

    /// This layer's options.
    #[must_use]
    pub fn options(mut self, options: Options) -> Self {
        self.options = options;
        self
    }

    /// Puts a middleware around all operations; the one named last is the outermost.
    #[must_use]
    pub fn wrap(mut self, wrap: Wrap) -> Self {
        self.wraps.push(wrap);
        self
    }

    /// One more operation.
    #[must_use]
    pub fn operation(mut self, operation: Operation<C>) -> Self {
        self.operations.push(operation);
        self
    }

    /// Binds the declaration to a controller, and forgets its type.
    pub(crate) fn bind(self, controller: C) -> BoundController {
        let controller = Arc::new(controller);
        let bind = |operation: Operation<C>| BoundOperation {
            draft: Arc::new(operation.draft),
            bound: (operation.bind)(Arc::clone(&controller)),
            declared: operation.declared,
        };
        BoundController {
            name: self.name,
            path: self.path,
            tags: self.tags,
            deprecated: self.deprecated,
            hidden: self.hidden,
            options: self.options,
            wraps: self.wraps,
            operations: self.operations.into_iter().map(bind).collect(),
            #[cfg(feature = "live")]
            live: None,
        }
    }
}

/// A declaration with its controller, the type forgotten.
#[derive(Debug, Clone)]
pub(crate) struct BoundController {
    pub(crate) name: Cow<'static, str>,
    pub(crate) path: Cow<'static, str>,
    pub(crate) tags: Vec<Cow<'static, str>>,
    pub(crate) deprecated: bool,
    pub(crate) hidden: bool,
    pub(crate) options: Options,
    pub(crate) wraps: Vec<Wrap>,
    pub(crate) operations: Vec<BoundOperation>,
    /// The live channels that its operations lead to.
    #[cfg(feature = "live")]
    pub(crate) live: Option<Arc<crate::live::Mount>>,
}

#[derive(Clone)]
pub(crate) struct BoundOperation {
    pub(crate) draft: Arc<Draft>,
    pub(crate) bound: Arc<dyn Bind>,
    pub(crate) declared: Declared,
}

impl fmt::Debug for BoundOperation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BoundOperation").field("spec", &self.draft.spec).finish_non_exhaustive()
    }
}
