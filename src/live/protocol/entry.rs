use bytes::Bytes;

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
