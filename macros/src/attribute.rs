//! Attributes as lists of entries: `key`, `key = value` and `key(..)`.

use std::{fmt::Display, str::FromStr};

use proc_macro2::{TokenStream, TokenTree};
use syn::{
    Attribute, Ident, LitInt, LitStr, Meta, Token,
    ext::IdentExt,
    parse::{Parse, ParseStream},
    punctuated::Punctuated,
};

use crate::faults::Faults;

/// One entry of an attribute.
pub(crate) struct Entry {
    pub(crate) key: Ident,
    pub(crate) value: Value,
}

/// What follows the key.
pub(crate) enum Value {
    /// Nothing.
    Flag,
    /// `= tokens`.
    Assigned(TokenStream),
    /// `(tokens)`.
    List(TokenStream),
}

impl Parse for Entry {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let key = input.call(Ident::parse_any)?;
        if input.peek(Token![=]) {
            let equals: Token![=] = input.parse()?;
            let mut value = TokenStream::new();
            while !input.is_empty() && !input.peek(Token![,]) {
                value.extend([input.parse::<TokenTree>()?]);
            }
            if value.is_empty() {
                return Err(syn::Error::new_spanned(equals, format!("`{key}` needs a value after `=`")));
            }
            return Ok(Self { key, value: Value::Assigned(value) });
        }
        if input.peek(syn::token::Paren) {
            let content;
            syn::parenthesized!(content in input);
            return Ok(Self { key, value: Value::List(content.parse()?) });
        }
        Ok(Self { key, value: Value::Flag })
    }
}

/// The entries of a list's tokens.
pub(crate) fn parse_list(tokens: TokenStream) -> syn::Result<Vec<Entry>> {
    let list = syn::parse::Parser::parse2(Punctuated::<Entry, Token![,]>::parse_terminated, tokens)?;
    Ok(list.into_iter().collect())
}

/// The entries of our own attribute `name`; what cannot be read is a fault.
pub(crate) fn own(attributes: &[Attribute], name: &str, faults: &mut Faults) -> Vec<Entry> {
    let mut all = Vec::new();
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident(name)) {
        match &attribute.meta {
            Meta::List(list) => {
                all.extend(faults.keep(parse_list(list.tokens.clone())).into_iter().flatten());
            }
            meta => faults.at(meta, format!("`{name}` takes a list: `#[{name}(..)]`")),
        }
    }
    all
}

/// The entries of an attribute that belongs to another derive; what cannot be read is that derive's affair.
pub(crate) fn foreign(attributes: &[Attribute], name: &str) -> Vec<Entry> {
    attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident(name))
        .filter_map(|attribute| match &attribute.meta {
            Meta::List(list) => parse_list(list.tokens.clone()).ok(),
            _ => None,
        })
        .flatten()
        .collect()
}

/// The word that `text` was probably meant to be.
pub(crate) fn nearest<'a>(text: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let most = (text.len() / 3).max(1);
    known.map(|word| (distance(text, word), word)).filter(|(far, _)| *far <= most).min().map(|(_, word)| word)
}

/// How many letters must be put in, taken out or replaced.
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.chars().count()).collect();
    for (line, from) in a.chars().enumerate() {
        let mut diagonal = line;
        let mut left = line + 1;
        for (cell, to) in row.iter_mut().skip(1).zip(b.chars()) {
            let here = (diagonal + usize::from(from != to)).min(left + 1).min(*cell + 1);
            diagonal = std::mem::replace(cell, here);
            left = here;
        }
        if let Some(first) = row.first_mut() {
            *first = line + 1;
        }
    }
    row.last().copied().unwrap_or(0)
}

/// Says that a key is not known, and which are.
pub(crate) fn unknown(key: &Ident, known: &[&str], faults: &mut Faults) {
    let known: Vec<String> = known.iter().map(|known| format!("`{known}`")).collect();
    let known = match known.as_slice() {
        [only] => format!("only {only} is"),
        many => format!("known are {}", many.join(", ")),
    };
    faults.at(key, format!("`{key}` is not known here; {known}"));
}

impl Entry {
    pub(crate) fn is(&self, key: &str) -> bool {
        self.key == key
    }

    /// `key` alone.
    pub(crate) fn flag(&self, faults: &mut Faults) -> bool {
        match &self.value {
            Value::Flag => true,
            Value::Assigned(tokens) | Value::List(tokens) => {
                faults.at(tokens, format!("`{key}` stands alone, without a value", key = self.key));
                false
            }
        }
    }

    /// `key = "text"`.
    pub(crate) fn text(&self, example: &str, faults: &mut Faults) -> Option<LitStr> {
        let key = &self.key;
        let message = || format!("`{key}` takes a text: `{key} = \"{example}\"`");
        match &self.value {
            Value::Assigned(tokens) => match syn::parse2::<LitStr>(tokens.clone()) {
                Ok(text) => Some(text),
                Err(_) => {
                    faults.at(tokens, message());
                    None
                }
            },
            Value::Flag | Value::List(_) => {
                faults.at(key, message());
                None
            }
        }
    }

    /// `key = 42`.
    pub(crate) fn number<N: FromStr>(&self, example: &str, faults: &mut Faults) -> Option<(N, LitInt)>
    where
        N::Err: Display,
    {
        let key = &self.key;
        let message = || format!("`{key}` takes a whole number, not below zero: `{key} = {example}`");
        let Value::Assigned(tokens) = &self.value else {
            faults.at(key, message());
            return None;
        };
        let number = syn::parse2::<LitInt>(tokens.clone())
            .ok()
            .and_then(|literal| literal.base10_parse::<N>().ok().map(|number| (number, literal)));
        if number.is_none() {
            faults.at(tokens, message());
        }
        number
    }
}

/// Keys that were seen, to find doubled ones.
#[derive(Default)]
pub(crate) struct Seen(Vec<String>);

impl Seen {
    /// Whether the key is new; a doubled one is a fault.
    pub(crate) fn first(&mut self, key: &Ident, faults: &mut Faults) -> bool {
        let name = key.to_string();
        if self.0.contains(&name) {
            faults.at(key, format!("`{key}` is given twice; once is enough"));
            return false;
        }
        self.0.push(name);
        true
    }

    /// How many keys were given.
    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }
}

#[cfg(test)]
mod tests {
    use super::{distance, nearest};

    #[test]
    fn counts_letters() {
        assert_eq!(distance("", "tag"), 3);
        assert_eq!(distance("tag", "tag"), 0);
        assert_eq!(distance("pth", "path"), 1);
        assert_eq!(distance("kitten", "sitting"), 3);
    }

    #[test]
    fn guesses_only_what_is_near() {
        let known = || ["path", "name", "security"].into_iter();
        assert_eq!(nearest("secruity", known()), Some("security"));
        assert_eq!(nearest("pth", known()), Some("path"));
        assert_eq!(nearest("colour", known()), None);
    }
}
