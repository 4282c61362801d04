use std::{borrow::Cow, fmt};

use super::Denial;

/// Which scopes an identity has, as the application says it.
pub(crate) struct Grants<I> {
    #[allow(clippy::type_complexity, reason = "the one place where the erased signature is spelled")]
    check: Option<Box<dyn Fn(&I, &str) -> bool + Send + Sync>>,
    known: Option<Vec<Cow<'static, str>>>,
}

impl<I> Grants<I> {
    /// Nobody said how scopes are known, so any scope that is asked for is missing.
    pub(crate) const fn new() -> Self {
        Self { check: None, known: None }
    }

    pub(crate) fn set_check(&mut self, check: impl Fn(&I, &str) -> bool + Send + Sync + 'static) {
        self.check = Some(Box::new(check));
    }

    pub(crate) fn set_known(&mut self, known: impl IntoIterator<Item = impl Into<Cow<'static, str>>>) {
        self.known = Some(known.into_iter().map(Into::into).collect());
    }

    /// Whether the application said how scopes are known.
    pub(crate) const fn is_set(&self) -> bool {
        self.check.is_some()
    }

    pub(crate) fn has(&self, identity: &I, scope: &str) -> bool {
        self.check.as_ref().is_some_and(|check| check(identity, scope))
    }

    pub(crate) fn has_all(&self, identity: &I, scopes: &[Cow<'static, str>]) -> bool {
        scopes.iter().all(|scope| self.has(identity, scope))
    }

    /// The scopes that were listed; any will do when there is no list.
    pub(crate) fn listed(&self) -> Option<Vec<Cow<'static, str>>> {
        self.known.clone()
    }

    /// The same for a scheme that has no other way to know scopes: without a check it has none, and mounting says so.
    pub(crate) fn known(&self) -> Option<Vec<Cow<'static, str>>> {
        if self.is_set() { self.listed() } else { Some(Vec::new()) }
    }
}

impl<I> fmt::Debug for Grants<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Grants").field("set", &self.is_set()).field("known", &self.known).finish()
    }
}

/// The 403 for someone who is known but lacks a scope.
pub(crate) fn insufficient_scope() -> Denial {
    Denial::forbidden("insufficient_scope", "the credentials do not grant what this endpoint asks for")
}
