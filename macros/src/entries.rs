//! The entries of our attributes, read one by one: `key`, `key = value`, `key(..)`.

use proc_macro2::TokenTree;
use syn::{
    Ident, LitInt, LitStr, Token, ext::IdentExt, parenthesized, parse::ParseStream, punctuated::Punctuated,
};

use crate::{attribute::Seen, faults::Faults};

/// `key ..` entries, separated by commas. One that is wrong does not hide the next. Only `repeated`
/// keys may be given more than once.
pub(crate) fn entries(
    input: ParseStream<'_>,
    repeated: &[&str],
    faults: &mut Faults,
    mut each: impl FnMut(Ident, ParseStream<'_>, &mut Faults) -> syn::Result<()>,
) -> syn::Result<()> {
    let mut seen = Seen::default();
    while !input.is_empty() {
        let key = input.call(Ident::parse_any)?;
        if !repeated.iter().any(|known| key == known) {
            seen.first(&key, faults);
        }
        let read = each(key, input, faults).and_then(|()| separator(input));
        if let Err(error) = read {
            faults.keep::<()>(Err(error));
            while !input.is_empty() && input.parse::<Option<Token![,]>>()?.is_none() {
                input.parse::<TokenTree>()?;
            }
        }
    }
    Ok(())
}

/// A comma, or the end.
pub(crate) fn separator(input: ParseStream<'_>) -> syn::Result<()> {
    if input.is_empty() {
        return Ok(());
    }
    match input.parse::<Token![,]>() {
        Ok(_) => Ok(()),
        Err(error) => Err(syn::Error::new(error.span(), "a `,` is missing before this")),
    }
}

/// `("name" = "value")`.
pub(crate) fn pair<T: syn::parse::Parse>(
    input: ParseStream<'_>,
    key: &Ident,
    wants: &str,
) -> syn::Result<(LitStr, T)> {
    if !input.peek(syn::token::Paren) {
        return Err(syn::Error::new(key.span(), format!("`{key}` takes a name and a value: {wants}")));
    }
    let content;
    let parentheses = syn::parenthesized!(content in input);
    let pair = (|| {
        let name = content.parse()?;
        content.parse::<Token![=]>()?;
        let value = content.parse()?;
        if content.is_empty() { Ok((name, value)) } else { Err(content.error("")) }
    })();
    // What is left unread would be a second error.
    content.parse::<proc_macro2::TokenStream>()?;
    pair.map_err(|_: syn::Error| {
        syn::Error::new(parentheses.span.join(), format!("`{key}` takes a name and a value: {wants}"))
    })
}

/// Nothing follows the key.
pub(crate) fn alone(input: ParseStream<'_>, key: &Ident) -> syn::Result<()> {
    if input.peek(Token![=]) || input.peek(syn::token::Paren) {
        return Err(syn::Error::new(key.span(), format!("`{key}` stands alone, without a value")));
    }
    Ok(())
}

/// `= value`, with a sentence for when it is something else.
pub(crate) fn assigned<T: syn::parse::Parse>(
    input: ParseStream<'_>,
    key: &Ident,
    wants: &str,
) -> syn::Result<T> {
    let message = || format!("`{key}` takes {wants}");
    if !input.peek(Token![=]) {
        return Err(syn::Error::new(key.span(), message()));
    }
    input.parse::<Token![=]>()?;
    input.parse().map_err(|error| syn::Error::new(error.span(), message()))
}

/// `(a, b, c)`.
pub(crate) fn list<T: syn::parse::Parse>(
    input: ParseStream<'_>,
    key: &Ident,
    wants: &str,
) -> syn::Result<Vec<T>> {
    if !input.peek(syn::token::Paren) {
        return Err(syn::Error::new(key.span(), format!("`{key}` takes a list: {wants}")));
    }
    let content;
    parenthesized!(content in input);
    let list = Punctuated::<T, Token![,]>::parse_terminated(&content);
    Ok(list?.into_iter().collect())
}

/// `1048576` or `"1 MiB"`.
pub(crate) fn bytes(input: ParseStream<'_>, key: &Ident) -> syn::Result<usize> {
    let wants = "a number of bytes, or a text such as `\"5 MiB\"`";
    if input.peek(Token![=]) && input.peek2(LitInt) {
        return assigned::<LitInt>(input, key, wants)?.base10_parse();
    }
    let text: LitStr = assigned(input, key, wants)?;
    let value = text.value();
    let digits = value.trim_end_matches(|c: char| c.is_alphabetic() || c == ' ');
    let factor = match value.get(digits.len()..).unwrap_or_default().trim() {
        "B" | "" => Some(1),
        "KiB" => Some(1 << 10),
        "MiB" => Some(1 << 20),
        "GiB" => Some(1 << 30),
        "KB" => Some(1_000),
        "MB" => Some(1_000_000),
        "GB" => Some(1_000_000_000),
        _ => None,
    };
    digits
        .parse::<usize>()
        .ok()
        .zip(factor)
        .and_then(|(number, factor)| number.checked_mul(factor))
        .ok_or_else(|| syn::Error::new(text.span(), format!("`{key}` takes {wants}")))
}
