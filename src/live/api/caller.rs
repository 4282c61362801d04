use std::borrow::Cow;

/// Whose key a request to the [`LiveApi`](super::LiveApi) had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveCaller {
    /// A name for it, for logs.
    pub name: Cow<'static, str>,
}

impl LiveCaller {
    /// With a name.
    #[must_use]
    pub fn new(name: impl Into<Cow<'static, str>>) -> Self {
        Self { name: name.into() }
    }
}
