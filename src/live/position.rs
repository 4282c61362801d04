use std::{fmt, sync::Arc};

/// Names one life of a channel's stream. A stream that was lost and begun anew has another.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Epoch(Arc<str>);

impl Epoch {
    /// As it stands on the wire; empty is "not known".
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is not known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<T: Into<Arc<str>>> From<T> for Epoch {
    fn from(text: T) -> Self {
        Self(text.into())
    }
}

impl fmt::Display for Epoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A place in a channel's stream: after the publication with this offset. The first publication has offset 1.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Position {
    /// Counts the publications of this epoch.
    pub offset: u64,
    /// Which life of the stream.
    pub epoch: Epoch,
}
