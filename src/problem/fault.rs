use std::{borrow::Cow, fmt};

use serde::Serialize;

/// How many faults one answer tells before it says that there are more.
pub const MAX_FAULTS: usize = 64;

/// The longest pointer or detail that a fault carries, in bytes.
const MAX_TEXT: usize = 256;

/// Which part of the request a fault is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum In {
    /// The request body, whatever its media type.
    Body,
    /// The query string.
    Query,
    /// The path of the URL.
    Path,
    /// A request header.
    Header,
    /// A cookie.
    Cookie,
}

impl In {
    /// The word used on the wire: `body`, `query`, `path`, `header`, `cookie`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Body => "body",
            Self::Query => "query",
            Self::Path => "path",
            Self::Header => "header",
            Self::Cookie => "cookie",
        }
    }
}

impl fmt::Display for In {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One thing that is wrong with a request.
///
/// Carries names as they stand on the wire and never the value that was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// The part of the request.
    #[serde(rename = "in")]
    pub location: In,
    /// Where in that part: a JSON Pointer (RFC 6901) in wire names; empty for the whole of it.
    pub pointer: String,
    /// A stable, machine-readable word, such as `required`, `type`, `length`, `range`.
    pub code: Cow<'static, str>,
    /// One sentence for a person.
    pub detail: Cow<'static, str>,
}

impl Fault {
    /// A fault; over-long texts are cut.
    ///
    /// ```
    /// use actix_charter::problem::{Fault, In};
    /// let fault = Fault::new(In::Query, "/page", "range", "must be at least 1");
    /// assert_eq!(fault.pointer, "/page");
    /// ```
    pub fn new(
        location: In,
        pointer: impl Into<String>,
        code: impl Into<Cow<'static, str>>,
        detail: impl Into<Cow<'static, str>>,
    ) -> Self {
        let mut pointer = pointer.into();
        let mut detail = detail.into();
        if pointer.len() > MAX_TEXT {
            pointer.truncate(floor_char_boundary(&pointer, MAX_TEXT));
        }
        if detail.len() > MAX_TEXT {
            let cut = floor_char_boundary(&detail, MAX_TEXT);
            detail.to_mut().truncate(cut);
        }
        Self { location, pointer, code: code.into(), detail }
    }
}

/// The largest index not above `at` that lies on a character boundary.
fn floor_char_boundary(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|&i| text.is_char_boundary(i)).unwrap_or(0)
}

/// Appends one reference token to a JSON Pointer, escaped as RFC 6901 §3 asks.
///
/// ```
/// use actix_charter::problem::push_pointer;
/// let mut pointer = String::from("/lines");
/// push_pointer(&mut pointer, "a/b~c");
/// assert_eq!(pointer, "/lines/a~1b~0c");
/// ```
pub fn push_pointer(pointer: &mut String, token: &str) {
    pointer.push('/');
    for c in token.chars() {
        match c {
            '~' => pointer.push_str("~0"),
            '/' => pointer.push_str("~1"),
            c => pointer.push(c),
        }
    }
}

/// A bounded list of faults.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Faults {
    list: Vec<Fault>,
    /// Whether faults were left out because the list was full.
    truncated: bool,
}

impl Faults {
    /// No faults yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { list: Vec::new(), truncated: false }
    }

    /// Adds a fault, or notes that there are more when the list is full.
    pub fn push(&mut self, fault: Fault) {
        if self.list.len() < MAX_FAULTS {
            self.list.push(fault);
        } else {
            self.truncated = true;
        }
    }

    /// Adds all of `other`, within the bound.
    pub fn append(&mut self, other: Self) {
        self.truncated |= other.truncated;
        for fault in other.list {
            self.push(fault);
        }
    }

    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Whether there were more faults than are told.
    #[must_use]
    pub fn is_truncated(&self) -> bool {
        self.truncated
    }

    /// Whether no more faults will be kept; a reader may stop looking.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.list.len() >= MAX_FAULTS
    }

    /// The faults, in the order they were found.
    pub fn iter(&self) -> std::slice::Iter<'_, Fault> {
        self.list.iter()
    }

    /// The faults as a slice.
    #[must_use]
    pub fn as_slice(&self) -> &[Fault] {
        &self.list
    }
}

impl From<Fault> for Faults {
    fn from(fault: Fault) -> Self {
        Self { list: vec![fault], truncated: false }
    }
}

impl FromIterator<Fault> for Faults {
    fn from_iter<I: IntoIterator<Item = Fault>>(iter: I) -> Self {
        let mut faults = Self::new();
        iter.into_iter().for_each(|fault| faults.push(fault));
        faults
    }
}

impl<'a> IntoIterator for &'a Faults {
    type Item = &'a Fault;
    type IntoIter = std::slice::Iter<'a, Fault>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
