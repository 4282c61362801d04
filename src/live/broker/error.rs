use std::{borrow::Cow, error::Error, fmt};

/// Why a broker could not do it.
#[derive(Debug)]
pub struct BrokerError {
    kind: Kind,
    message: Cow<'static, str>,
    source: Option<Box<dyn Error + Send + Sync>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Unavailable,
    Full,
    Unsupported,
    UnknownNode,
    Other,
}

impl BrokerError {
    /// The broker cannot be reached now, or did not answer in time. A publication may or may not have been made;
    /// with an idempotency key it can be tried again without harm.
    #[must_use]
    pub fn unavailable(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Kind::Unavailable, message.into())
    }

    /// There is no room for it now. Nothing was changed.
    #[must_use]
    pub fn full(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Kind::Full, message.into())
    }

    /// This broker cannot do this at all, as one without history cannot tell it.
    #[must_use]
    pub fn unsupported(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Kind::Unsupported, message.into())
    }

    /// No node of that name is there: it is gone, or never was.
    #[must_use]
    pub fn unknown_node(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Kind::UnknownNode, message.into())
    }

    /// Anything else that will not pass by itself.
    #[must_use]
    pub fn permanent(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Kind::Other, message.into())
    }

    /// With what lies behind it.
    #[must_use]
    pub fn because(mut self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    fn new(kind: Kind, message: Cow<'static, str>) -> Self {
        Self { kind, message, source: None }
    }

    /// Whether the same may succeed later: clients are told so, and try again.
    ///
    /// ```
    /// use actix_charter::live::broker::BrokerError;
    /// assert!(BrokerError::unavailable("no connection").temporary());
    /// assert!(!BrokerError::permanent("a stream of another kind").temporary());
    /// ```
    #[must_use]
    pub fn temporary(&self) -> bool {
        matches!(self.kind, Kind::Unavailable | Kind::Full)
    }

    /// Whether there was no room; see [`Self::full`].
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.kind == Kind::Full
    }

    /// Whether this broker cannot do it at all: clients are told "not available" (108).
    #[must_use]
    pub fn is_unsupported(&self) -> bool {
        self.kind == Kind::Unsupported
    }

    /// Whether no node of that name is there; see [`Self::unknown_node`].
    #[must_use]
    pub fn is_unknown_node(&self) -> bool {
        self.kind == Kind::UnknownNode
    }
}

impl fmt::Display for BrokerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Error for BrokerError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}
