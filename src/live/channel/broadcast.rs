use std::collections::BTreeMap;

use actix_web::HttpResponse;

use crate::{
    endpoint::Output,
    live::Tags,
    problem::Problem,
    response::{Declared, Replies, ReplyContext},
};

/// What a `#[publish]` method broadcasts, with words about it.
///
/// ```
/// use actix_charter::{live::Broadcast, prelude::*};
///
/// struct Cursors;
///
/// #[channel("cursors:{board}", slow = conflate)]
/// impl Cursors {
///     #[subscribe]
///     async fn watch(&self) {}
///
///     #[publish]
///     async fn moved(&self, Body(at): Body<Vec<f32>>) -> Broadcast<Vec<f32>> {
///         Broadcast::new(at).tag("kind", "cursor").key("ann")
///     }
/// }
/// # Live::new().channel(Cursors).check().unwrap();
/// ```
#[derive(Debug, Clone)]
#[must_use = "return it from the `#[publish]` method"]
pub struct Broadcast<T> {
    data: T,
    words: Words,
}

/// What stands beside the data of a reply until the channel takes it.
#[derive(Debug, Clone, Default)]
pub(super) struct Words {
    tags: BTreeMap<Box<str>, Box<str>>,
    pub(super) key: Option<String>,
}

impl Words {
    pub(super) fn tags(&self) -> Option<Tags> {
        let tags = self.tags.iter().map(|(name, value)| (name.clone(), value.clone()));
        (!self.tags.is_empty()).then(|| tags.collect())
    }
}

impl<T> Broadcast<T> {
    /// Broadcasts this.
    pub fn new(data: T) -> Self {
        Self { data, words: Words::default() }
    }

    /// A word by which subscribers may choose.
    pub fn tag(mut self, name: impl Into<Box<str>>, value: impl Into<Box<str>>) -> Self {
        self.words.tags.insert(name.into(), value.into());
        self
    }

    /// Whose latest this is, where a slow client gets only the latest of each
    /// ([`SlowPolicy::Conflate`](crate::live::SlowPolicy::Conflate)).
    pub fn key(mut self, key: impl Into<String>) -> Self {
        self.words.key = Some(key.into());
        self
    }
}

impl<T: Replies> Replies for Broadcast<T> {
    const DECLARED: Declared = T::DECLARED;

    fn describe(outputs: &mut Vec<Output>) {
        T::describe(outputs);
    }

    fn reply(self, context: &ReplyContext<'_>) -> Result<HttpResponse, Problem> {
        let mut response = self.data.reply(context)?;
        response.extensions_mut().insert(self.words);
        Ok(response)
    }
}
