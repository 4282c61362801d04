use std::cmp::Ordering;

use super::decimal;

/// Tells by a publication's tags whether a subscriber wants it.
///
/// This saves what a client would throw away. It does not guard anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TagFilter {
    /// Every one of them must hold: `and`.
    All(Vec<Self>),
    /// One of them must hold: `or`.
    Any(Vec<Self>),
    /// It must not hold: `not`.
    Not(Box<Self>),
    /// A tag is compared.
    Tag {
        /// Which tag.
        key: Box<str>,
        /// How, and with what.
        comparison: Comparison,
    },
}

/// How a tag is compared. Where there is no such tag, only [`NotEqual`](Self::NotEqual), [`NotIn`](Self::NotIn) and
/// [`Missing`](Self::Missing) hold.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Comparison {
    /// `eq`
    Equal(Box<str>),
    /// `neq`
    NotEqual(Box<str>),
    /// `in`
    In(Vec<Box<str>>),
    /// `nin`
    NotIn(Vec<Box<str>>),
    /// `ex`
    Exists,
    /// `nex`
    Missing,
    /// `sw`
    StartsWith(Box<str>),
    /// `ew`
    EndsWith(Box<str>),
    /// `ct`
    Contains(Box<str>),
    /// `gt`, which like the following compares decimal numbers; it does not hold when one of the two is none.
    Greater(Box<str>),
    /// `gte`
    GreaterOrEqual(Box<str>),
    /// `lt`
    Less(Box<str>),
    /// `lte`
    LessOrEqual(Box<str>),
}

impl TagFilter {
    /// Whether a publication with these [`Tags`](crate::live::Tags) is wanted. They must be sorted by their keys.
    ///
    /// ```
    /// use actix_charter::live::protocol::{Comparison, TagFilter};
    ///
    /// let cheap = TagFilter::Tag { key: "price".into(), comparison: Comparison::Less("10".into()) };
    /// assert!(cheap.matches(&[("colour".into(), "red".into()), ("price".into(), "9.99".into())]));
    /// assert!(!cheap.matches(&[]));
    /// ```
    #[must_use]
    pub fn matches(&self, tags: &[(Box<str>, Box<str>)]) -> bool {
        match self {
            Self::All(nodes) => nodes.iter().all(|node| node.matches(tags)),
            Self::Any(nodes) => nodes.iter().any(|node| node.matches(tags)),
            Self::Not(node) => !node.matches(tags),
            Self::Tag { key, comparison } => {
                let found = tags.binary_search_by(|(tag, _)| tag.cmp(key)).ok();
                comparison.holds(found.and_then(|at| tags.get(at)).map(|(_, value)| &**value))
            }
        }
    }
}

impl Comparison {
    fn holds(&self, tag: Option<&str>) -> bool {
        let number = |with: &str| tag.and_then(|tag| decimal::compare(tag, with));
        match self {
            Self::Equal(value) => tag == Some(value),
            Self::NotEqual(value) => tag != Some(value),
            Self::In(values) => tag.is_some_and(|tag| values.iter().any(|value| **value == *tag)),
            Self::NotIn(values) => tag.is_none_or(|tag| values.iter().all(|value| **value != *tag)),
            Self::Exists => tag.is_some(),
            Self::Missing => tag.is_none(),
            Self::StartsWith(value) => tag.is_some_and(|tag| tag.starts_with(&**value)),
            Self::EndsWith(value) => tag.is_some_and(|tag| tag.ends_with(&**value)),
            Self::Contains(value) => tag.is_some_and(|tag| tag.contains(&**value)),
            Self::Greater(value) => number(value).is_some_and(Ordering::is_gt),
            Self::GreaterOrEqual(value) => number(value).is_some_and(Ordering::is_ge),
            Self::Less(value) => number(value).is_some_and(Ordering::is_lt),
            Self::LessOrEqual(value) => number(value).is_some_and(Ordering::is_le),
        }
    }
}
