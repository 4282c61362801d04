use std::{
    borrow::Cow,
    collections::{HashMap, hash_map::Entry},
    ops::Deref,
};

use crate::problem::{Fault, Faults, In};

/// Up to so many pairs, looking through all of them is cheaper than an index.
const SCANNED: usize = 16;

/// Stands for "no further pair" in the index.
const NONE: usize = usize::MAX;

type Pair<'a> = (Cow<'a, str>, Cow<'a, str>);

/// An ordered list of names and values.
#[derive(Debug)]
pub(crate) struct Pairs<'a> {
    list: List<'a>,
    /// Which pairs share a name; only made when there are many pairs.
    repeats: Option<Repeats>,
    /// Where one value is wanted, the first of a repeated name counts.
    first_counts: bool,
    /// Values may be taken by position: path parameters.
    positional: bool,
}

/// Most paths have one parameter, for which nothing is allocated.
#[derive(Debug)]
enum List<'a> {
    One([Pair<'a>; 1]),
    Any(Vec<Pair<'a>>),
}

impl<'a> Deref for List<'a> {
    type Target = [Pair<'a>];

    fn deref(&self) -> &[Pair<'a>] {
        match self {
            Self::One(one) => one,
            Self::Any(any) => any,
        }
    }
}

/// For each pair, the next one of the same name; for the first of a name, the last one too.
#[derive(Debug)]
struct Repeats {
    next: Vec<usize>,
    /// `NONE` for a pair that is not the first of its name.
    last: Vec<usize>,
}

impl<'a> Pairs<'a> {
    /// Wraps the list, and indexes it when it is long: one pass, whatever the names are.
    pub(super) fn new(list: Vec<Pair<'a>>) -> Self {
        let repeats = (list.len() > SCANNED).then(|| Repeats::of(&list));
        Self { list: List::Any(list), repeats, first_counts: false, positional: false }
    }

    pub(super) const fn one(name: &'a str, value: &'a str) -> Self {
        let pair = (Cow::Borrowed(name), Cow::Borrowed(value));
        Self { list: List::One([pair]), repeats: None, first_counts: false, positional: false }
    }

    /// Leaves out what has such a name.
    pub(crate) fn without(self, is_left_out: impl Fn(&str) -> bool) -> Self {
        let Self { list, repeats: _, first_counts, positional } = self;
        let mut list = match list {
            List::One(one) => one.into(),
            List::Any(any) => any,
        };
        list.retain(|(name, _)| !is_left_out(name));
        Self { first_counts, positional, ..Self::new(list) }
    }

    pub(super) fn first_counts(mut self) -> Self {
        self.first_counts = true;
        self
    }

    pub(super) fn positional(mut self) -> Self {
        self.positional = true;
        self
    }

    /// How many pairs there are.
    pub(crate) fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether the values may be taken by position.
    pub(crate) fn is_positional(&self) -> bool {
        self.positional
    }

    pub(crate) fn name(&self, at: usize) -> Option<&str> {
        self.list.get(at).map(|(name, _)| name.as_ref())
    }

    pub(crate) fn value(&self, at: usize) -> Option<&str> {
        self.list.get(at).map(|(_, value)| value.as_ref())
    }

    /// The first pair at or after `from` whose name did not occur before.
    pub(super) fn head_from(&self, from: usize) -> Option<usize> {
        (from..self.list.len()).find(|&at| match &self.repeats {
            Some(repeats) => repeats.last.get(at).is_some_and(|&last| last != NONE),
            None => {
                let name = self.name(at);
                (0..at).all(|before| self.name(before) != name)
            }
        })
    }

    /// The distinct names, each as the place of its first pair.
    pub(crate) fn heads(&self) -> impl Iterator<Item = usize> {
        let mut from = 0;
        std::iter::from_fn(move || {
            let head = self.head_from(from)?;
            from = head + 1;
            Some(head)
        })
    }

    /// The pair after `at` that has the same name.
    pub(super) fn next(&self, at: usize) -> Option<usize> {
        match &self.repeats {
            Some(repeats) => repeats.next.get(at).copied().filter(|&next| next != NONE),
            None => {
                let name = self.name(at);
                (at + 1..self.list.len()).find(|&after| self.name(after) == name)
            }
        }
    }

    /// The values of the name whose first pair is `head`.
    pub(crate) fn values(&self, head: usize) -> impl Iterator<Item = &str> {
        std::iter::successors(Some(head), |&at| self.next(at)).filter_map(|at| self.value(at))
    }

    /// The one value that counts of the name whose first pair is `head`.
    pub(crate) fn scalar(&self, head: usize) -> &str {
        let at = match &self.repeats {
            _ if self.first_counts => head,
            Some(repeats) => repeats.last.get(head).copied().filter(|&last| last != NONE).unwrap_or(head),
            None => {
                let name = self.name(head);
                (head..self.list.len()).rev().find(|&at| self.name(at) == name).unwrap_or(head)
            }
        };
        self.value(at).unwrap_or_default()
    }
}

impl Repeats {
    fn of(list: &[Pair<'_>]) -> Self {
        // The standard hasher is keyed at random, so nobody can choose names that collide.
        let mut heads: HashMap<&str, usize> = HashMap::with_capacity(list.len());
        let mut next = vec![NONE; list.len()];
        let mut last = vec![NONE; list.len()];
        for (at, (name, _)) in list.iter().enumerate() {
            match heads.entry(name.as_ref()) {
                Entry::Vacant(entry) => {
                    entry.insert(at);
                    if let Some(own) = last.get_mut(at) {
                        *own = at;
                    }
                }
                Entry::Occupied(entry) => {
                    if let Some(tail) = last.get_mut(*entry.get()) {
                        if let Some(link) = next.get_mut(*tail) {
                            *link = at;
                        }
                        *tail = at;
                    }
                }
            }
        }
        Self { next, last }
    }
}

/// Gathers pairs within a bound, and what is wrong with those that cannot be read.
pub(super) struct Gathering<'a> {
    list: Vec<Pair<'a>>,
    faults: Faults,
    location: In,
    seen: usize,
    limit: usize,
}

impl<'a> Gathering<'a> {
    pub(super) fn new(location: In, expected: usize, limit: usize) -> Self {
        let list = Vec::with_capacity(expected.min(limit));
        Self { list, faults: Faults::new(), location, seen: 0, limit }
    }

    /// Counts one more pair. `false` ends the gathering.
    pub(super) fn count(&mut self) -> bool {
        self.seen += 1;
        if self.seen > self.limit {
            let detail = match self.location {
                In::Header => format!("must not have more than {} headers", self.limit),
                In::Cookie => format!("must not have more than {} cookies", self.limit),
                _ => format!("must not have more than {} values", self.limit),
            };
            self.faults = Fault::new(self.location, "", "too_many", detail).into();
            return false;
        }
        true
    }

    pub(super) fn push(&mut self, name: Cow<'a, str>, value: Cow<'a, str>) {
        self.list.push((name, value));
    }

    /// Notes that the value (or with no name: a name) is not UTF-8.
    pub(super) fn not_utf8(&mut self, name: Option<&str>) {
        let mut pointer = String::new();
        if let Some(name) = name {
            crate::problem::push_pointer(&mut pointer, name);
        }
        let detail =
            if name.is_some() { "must be valid UTF-8" } else { "must have names that are valid UTF-8" };
        self.faults.push(Fault::new(self.location, pointer, "invalid", detail));
    }

    pub(super) fn finish(self) -> Result<Pairs<'a>, Faults> {
        if self.faults.is_empty() { Ok(Pairs::new(self.list)) } else { Err(self.faults) }
    }
}
