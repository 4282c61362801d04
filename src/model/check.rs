use std::{borrow::Cow, fmt};

use actix_web::HttpRequest;

use crate::problem::{Fault, Faults, In, MAX_FAULTS, Problem};

/// What a rule may look at besides the value: the request and the application's data.
#[derive(Debug, Clone, Copy)]
pub struct CheckContext<'a> {
    request: &'a HttpRequest,
}

impl<'a> CheckContext<'a> {
    /// The context of a request.
    #[must_use]
    pub const fn new(request: &'a HttpRequest) -> Self {
        Self { request }
    }

    /// The request; its body has been read already.
    #[must_use]
    pub const fn request(&self) -> &'a HttpRequest {
        self.request
    }

    /// Application data as `HttpRequest::app_data` gives it.
    #[must_use]
    pub fn app_data<T: 'static>(&self) -> Option<&'a T> {
        self.request.app_data::<T>()
    }
}

/// One rule that does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// A JSON Pointer in wire names, relative to the value that was checked.
    pub pointer: String,
    /// A stable, machine-readable word.
    pub code: Cow<'static, str>,
    /// One sentence for a person; never the refused value.
    pub detail: Cow<'static, str>,
}

/// The rules that do not hold.
///
/// ```
/// use actix_charter::model::Violations;
/// let wrong = Violations::one("/end", "order", "must not lie before the start");
/// assert_eq!(wrong.iter().count(), 1);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Violations {
    list: Vec<Violation>,
    /// The rules could not be run at all.
    internal: bool,
}

impl Violations {
    /// None yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { list: Vec::new(), internal: false }
    }

    /// The rules could not be run, and it is the application's fault: the answer is a 500 that says nothing.
    /// Say why in the log.
    #[must_use]
    pub const fn internal() -> Self {
        Self { list: Vec::new(), internal: true }
    }

    /// Exactly one.
    pub fn one(
        pointer: impl Into<String>,
        code: impl Into<Cow<'static, str>>,
        detail: impl Into<Cow<'static, str>>,
    ) -> Self {
        let mut all = Self::new();
        all.push(pointer, code, detail);
        all
    }

    /// Adds one; more than can be told are dropped.
    pub fn push(
        &mut self,
        pointer: impl Into<String>,
        code: impl Into<Cow<'static, str>>,
        detail: impl Into<Cow<'static, str>>,
    ) {
        if self.list.len() <= MAX_FAULTS {
            self.list.push(Violation { pointer: pointer.into(), code: code.into(), detail: detail.into() });
        }
    }

    /// Adds all of `other`.
    pub fn append(&mut self, other: Self) {
        self.append_under("", other);
    }

    /// Adds all of `other`, each under `prefix`.
    pub fn append_under(&mut self, prefix: &str, other: Self) {
        self.internal |= other.internal;
        for Violation { pointer, code, detail } in other.list {
            self.push(format!("{prefix}{pointer}"), code, detail);
        }
    }

    /// Whether every rule was run and holds.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty() && !self.internal
    }

    /// Whether the rules could not be run; see [`Violations::internal`].
    #[must_use]
    pub fn is_internal(&self) -> bool {
        self.internal
    }

    /// What does not hold.
    pub fn iter(&self) -> std::slice::Iter<'_, Violation> {
        self.list.iter()
    }

    /// The same as faults of one part of the request. Ask [`Violations::is_internal`] first: that is no fault of the
    /// request. It still becomes one here, so that a value whose rules were not run never passes for a good one.
    #[must_use]
    pub fn into_faults(self, location: In) -> Faults {
        let internal = self.internal.then(|| Fault::new(location, "", "internal", "cannot be checked"));
        let list = self.list.into_iter().map(|v| Fault::new(location, v.pointer, v.code, v.detail));
        internal.into_iter().chain(list).collect()
    }

    /// The problem to answer with: the one 400 with all faults, or a 500 when the rules could not be run.
    #[must_use]
    pub fn into_problem(self, location: In) -> Problem {
        if self.internal { Problem::internal() } else { Problem::faulty(self.into_faults(location)) }
    }

    /// `Ok` when every rule holds.
    ///
    /// # Errors
    /// `self` when there is anything in it.
    pub fn into_result(self) -> Result<(), Self> {
        if self.is_empty() { Ok(()) } else { Err(self) }
    }
}

impl<'a> IntoIterator for &'a Violations {
    type Item = &'a Violation;
    type IntoIter = std::slice::Iter<'a, Violation>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Display for Violations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for v in &self.list {
            writeln!(f, "{}: {} ({})", v.pointer, v.detail, v.code)?;
        }
        Ok(())
    }
}

impl std::error::Error for Violations {}
