//! Everything that is wrong with one macro's input, told at once.

use std::fmt::Display;

use proc_macro2::TokenStream;
use quote::ToTokens;

/// Gathers faults, so that one compilation shows all of them.
#[derive(Default)]
pub(crate) struct Faults {
    /// Each with the rule that it breaks, when that is one that can be turned off.
    errors: Vec<(Option<&'static str>, syn::Error)>,
}

impl Faults {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// A fault that underlines all of `tokens`.
    pub(crate) fn at(&mut self, tokens: impl ToTokens, message: impl Display) {
        self.errors.push((None, syn::Error::new_spanned(tokens, message)));
    }

    /// A fault that `allow(rule)` forgives, where there is an `allow`.
    pub(crate) fn against(&mut self, rule: &'static str, tokens: impl ToTokens, message: impl Display) {
        self.errors.push((Some(rule), syn::Error::new_spanned(tokens, message)));
    }

    /// Leaves out what breaks a rule that is turned off.
    pub(crate) fn forgive(&mut self, allowed: impl Fn(&str) -> bool) {
        self.errors.retain(|(rule, _)| !rule.is_some_and(&allowed));
    }

    /// With the faults of another place.
    pub(crate) fn append(&mut self, mut other: Self) {
        self.errors.append(&mut other.errors);
    }

    /// The value, or its fault kept for later.
    pub(crate) fn keep<T>(&mut self, result: syn::Result<T>) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(error) => {
                self.errors.push((None, error));
                None
            }
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.errors.is_empty()
    }

    /// One `compile_error!` a fault.
    pub(crate) fn into_tokens(self) -> TokenStream {
        self.errors.iter().map(|(_, error)| error.to_compile_error()).collect()
    }
}
