use std::{borrow::Cow, fmt};

use serde::de::{Error, Expected, Unexpected};

use crate::{
    problem::{Fault, In, push_pointer},
    request::explain::reason,
};

/// What did not fit, and under which name. Holds no value that was sent.
#[derive(Debug)]
pub(crate) struct FlatError {
    inner: Box<Inner>,
}

#[derive(Debug)]
struct Inner {
    /// The name on the wire; empty for the whole component.
    name: Option<String>,
    /// Which of several values.
    index: Option<usize>,
    code: &'static str,
    detail: Cow<'static, str>,
    /// The type asked what the values are, and was told that they are text.
    guessed: bool,
}

impl FlatError {
    pub(super) fn new(code: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        let inner = Inner { name: None, index: None, code, detail: detail.into(), guessed: false };
        Self { inner: Box::new(inner) }
    }

    fn with_name(code: &'static str, detail: impl Into<Cow<'static, str>>, name: &str) -> Self {
        Self::new(code, detail).at(name)
    }

    /// Says under which name it happened, unless that is known already.
    pub(super) fn at(mut self, name: &str) -> Self {
        self.inner.name.get_or_insert_with(|| name.to_owned());
        self
    }

    /// Says in which of several values it happened.
    pub(super) fn at_index(mut self, index: usize) -> Self {
        self.inner.index.get_or_insert(index);
        self
    }

    pub(super) fn guess(mut self, guessed: bool) -> Self {
        self.inner.guessed = guessed;
        self
    }

    /// Whether the type was told that values are text because it did not say what it wants.
    pub(super) fn was_guessed(&self) -> bool {
        self.inner.guessed
    }

    /// The name on the wire of the field that did not fit.
    #[cfg(test)]
    pub(crate) fn name(&self) -> Option<&str> {
        self.inner.name.as_deref()
    }

    /// The same as a fault.
    pub(crate) fn into_fault(self, location: In) -> Fault {
        let mut pointer = String::new();
        if let Some(name) = &self.inner.name {
            push_pointer(&mut pointer, name);
            if let Some(index) = self.inner.index {
                push_pointer(&mut pointer, &index.to_string());
            }
        }
        Fault::new(location, pointer, self.inner.code, self.inner.detail)
    }
}

impl fmt::Display for FlatError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.inner.name {
            Some(name) => write!(f, "{name} {}", self.inner.detail),
            None => f.write_str(&self.inner.detail),
        }
    }
}

impl std::error::Error for FlatError {}

/// Serde tells most errors in parts. What the program wrote is kept, what was sent is not looked at.
impl Error for FlatError {
    /// A text of the type's own may hold the value, so none of it is kept.
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self::new("invalid", reason::NOT_VALID)
    }

    fn invalid_type(_: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::new("type", reason::wanted("type", &expected.to_string()))
    }

    fn invalid_value(_: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::new("invalid", reason::wanted("invalid", &expected.to_string()))
    }

    fn invalid_length(_: usize, expected: &dyn Expected) -> Self {
        Self::new("length", reason::wanted("length", &expected.to_string()))
    }

    fn unknown_variant(_: &str, expected: &'static [&'static str]) -> Self {
        Self::new("enum", reason::one_of(expected.iter().copied()))
    }

    fn unknown_field(field: &str, _: &'static [&'static str]) -> Self {
        Self::with_name("unknown", reason::UNKNOWN, field)
    }

    fn missing_field(field: &'static str) -> Self {
        Self::with_name("required", reason::REQUIRED, field)
    }

    fn duplicate_field(field: &'static str) -> Self {
        Self::with_name("duplicate", reason::DUPLICATE, field)
    }
}
