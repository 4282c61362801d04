use std::fmt;

/// Why nobody can follow a filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum BadFilter {
    /// A node is not one.
    Malformed,
    /// `op` is none of those there are.
    UnknownOperation,
    /// `cmp` is none of those there are.
    UnknownComparison,
    /// A comparison does not say which tag.
    NoKey,
    /// A comparison lacks its `val` or `vals`, or has both, or has one that it does not take.
    WrongValues,
    /// `and` and `or` need nodes, `not` needs one.
    WrongNodes,
    /// See [`Limits::filter_depth`](super::super::Limits::filter_depth).
    TooDeep,
    /// See [`Limits::filter_terms`](super::super::Limits::filter_terms).
    TooLarge,
}

impl fmt::Display for BadFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Malformed => "the filter is malformed",
            Self::UnknownOperation => "the filter has an unknown operation",
            Self::UnknownComparison => "the filter has an unknown comparison",
            Self::NoKey => "a comparison of the filter has no key",
            Self::WrongValues => "a comparison of the filter has not the values it takes",
            Self::WrongNodes => "an operation of the filter has not the nodes it takes",
            Self::TooDeep => "the filter is nested too deeply",
            Self::TooLarge => "the filter is too large",
        })
    }
}

impl std::error::Error for BadFilter {}
