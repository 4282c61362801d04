use bytes::Bytes;

use super::delta;
use crate::live::Publication;

/// How the data of a publication travels.
///
/// Once a subscriber was told that deltas are on (`delta` in its [`SubscribeResult`](super::SubscribeResult)), it takes
/// nothing but [`Form::Whole`] and [`Form::Delta`].
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Form {
    /// As it is.
    #[default]
    Plain,
    /// Whole, for a subscriber that gets deltas: in JSON it is a string that holds the text of the data.
    Whole,
    /// This [delta](super::delta) to the publication before it. In JSON it is a string.
    Delta(Bytes),
}

impl Form {
    /// How `new` travels to a subscriber who has `old` and gets deltas: as a delta, if that is shorter.
    ///
    /// ```
    /// use actix_charter::live::protocol::Form;
    /// use bytes::Bytes;
    ///
    /// let (old, new) = (r#"{"scores":[10,20,30,40],"round":1}"#, r#"{"scores":[10,20,30,40],"round":2}"#);
    /// assert!(matches!(Form::between(old.as_bytes(), new.as_bytes()), Form::Delta(_)));
    /// assert_eq!(Form::between(b"1", b"2"), Form::Whole);
    /// ```
    #[must_use]
    pub fn between(old: &[u8], new: &[u8]) -> Self {
        let delta = delta::create(old, new);
        if delta.len() < new.len() { Self::Delta(delta.into()) } else { Self::Whole }
    }
}

/// A publication as one kind of subscriber gets it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Entry {
    /// What was published.
    pub publication: Publication,
    /// How its data travels.
    pub form: Form,
}

impl From<Publication> for Entry {
    fn from(publication: Publication) -> Self {
        Self { publication, form: Form::Plain }
    }
}
