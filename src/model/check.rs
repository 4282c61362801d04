use std::{borrow::Cow, fmt};

use actix_web::HttpRequest;

use crate::problem::{Fault, Faults, In, MAX_FAULTS};

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
pub struct Violations(Vec<Violation>);

impl Violations {
    /// None yet.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
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
        if self.0.len() <= MAX_FAULTS {
            self.0.push(Violation { pointer: pointer.into(), code: code.into(), detail: detail.into() });
        }
    }

    /// Adds all of `other`, each under `prefix`.
    pub fn append_under(&mut self, prefix: &str, other: Self) {
        for Violation { pointer, code, detail } in other.0 {
            self.push(format!("{prefix}{pointer}"), code, detail);
        }
    }

    /// Whether every rule holds.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What does not hold.
    pub fn iter(&self) -> std::slice::Iter<'_, Violation> {
        self.0.iter()
    }

    /// The same as faults of one part of the request.
    #[must_use]
    pub fn into_faults(self, location: In) -> Faults {
        self.0.into_iter().map(|v| Fault::new(location, v.pointer, v.code, v.detail)).collect()
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
        for v in &self.0 {
            writeln!(f, "{}: {} ({})", v.pointer, v.detail, v.code)?;
        }
        Ok(())
    }
}

impl std::error::Error for Violations {}
