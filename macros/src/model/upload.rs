//! `max_size`, `max_files`, `accept`: what an uploaded file may be.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{LitInt, LitStr, Token, parse::Parser, punctuated::Punctuated};

use crate::{
    attribute::{Entry, Value},
    faults::Faults,
    http::is_token,
};

/// The units of `max_size`.
const UNITS: &[(&str, u64)] = &[
    ("B", 1),
    ("KB", 1000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
];

#[derive(Default)]
pub(crate) struct Upload {
    max_size: Option<u64>,
    max_files: Option<usize>,
    accept: Vec<LitStr>,
}

impl Upload {
    pub(crate) fn max_size(&mut self, entry: &Entry, faults: &mut Faults) {
        const MESSAGE: &str = "`max_size` takes bytes or a size above zero, such as `max_size = \"5 MiB\"`; units are B, KB, MB, GB, KiB, MiB, GiB";
        let Value::Assigned(tokens) = &entry.value else {
            return faults.at(&entry.key, MESSAGE);
        };
        let size = if let Ok(text) = syn::parse2::<LitStr>(tokens.clone()) {
            bytes(&text.value())
        } else {
            syn::parse2::<LitInt>(tokens.clone()).ok().and_then(|number| number.base10_parse().ok())
        };
        match size.filter(|size| *size > 0) {
            Some(size) => self.max_size = Some(size),
            None => faults.at(tokens, MESSAGE),
        }
    }

    pub(crate) fn max_files(&mut self, entry: &Entry, faults: &mut Faults) {
        match entry.number::<usize>("3", faults) {
            Some((0, literal)) => faults.at(literal, "`max_files` must be at least 1"),
            Some((number, _)) => self.max_files = Some(number),
            None => {}
        }
    }

    pub(crate) fn accept(&mut self, entry: &Entry, faults: &mut Faults) {
        const MESSAGE: &str = "`accept` takes media types: `accept(\"image/png\", \"image/*\")`";
        let Value::List(tokens) = &entry.value else {
            return faults.at(&entry.key, MESSAGE);
        };
        let list = Punctuated::<LitStr, Token![,]>::parse_terminated.parse2(tokens.clone());
        let Some(list) = list.ok().filter(|list| !list.is_empty()) else {
            return faults.at(&entry.key, MESSAGE);
        };
        for media_type in list {
            let text = media_type.value();
            match text.split_once('/') {
                Some((kind, sub)) if is_token(kind) && is_token(sub) && (kind != "*" || sub == "*") => {
                    self.accept.push(media_type);
                }
                _ => faults.at(
                    &media_type,
                    format!(
                        "`{text}` is not a media type such as `image/png` or `image/*`, without parameters"
                    ),
                ),
            }
        }
    }

    /// The rule, when there is any.
    pub(crate) fn tokens(&self) -> Option<TokenStream> {
        let Self { max_size, max_files, accept } = self;
        if max_size.is_none() && max_files.is_none() && accept.is_empty() {
            return None;
        }
        let option = |value: Option<TokenStream>| match value {
            Some(value) => quote!(::core::option::Option::Some(#value)),
            None => quote!(::core::option::Option::None),
        };
        let max_size = option(max_size.map(|size| quote!(#size)));
        let max_files = option(max_files.map(|files| quote!(#files)));
        Some(quote!(::actix_charter::model::UploadRule {
            max_size: #max_size,
            max_files: #max_files,
            accept: &[#(#accept),*],
        }))
    }
}

fn bytes(text: &str) -> Option<u64> {
    let text = text.trim();
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let unit = unit.trim();
    let factor = if unit.is_empty() { 1 } else { UNITS.iter().find(|(name, _)| *name == unit)?.1 };
    number.parse::<u64>().ok()?.checked_mul(factor)
}

#[cfg(test)]
mod tests {
    use super::bytes;

    #[test]
    fn sizes() {
        assert_eq!(bytes("5 MiB"), Some(5 << 20));
        assert_eq!(bytes("1KB"), Some(1000));
        assert_eq!(bytes("17"), Some(17));
        assert_eq!(bytes("5 mib"), None);
        assert_eq!(bytes("1.5 MB"), None);
        assert_eq!(bytes("99999999999 GiB"), None);
    }
}
