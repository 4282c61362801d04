//! `cookie("theme" = "dark", secure, same_site = "Strict")`: a cookie that every successful answer sets.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Ident, LitStr, Token, parse::ParseStream};

use crate::{attribute, faults::Faults, replies::Cookie};

/// The `CookieSpec`, its value in it.
pub(crate) fn cookie(input: ParseStream<'_>, key: &Ident, faults: &mut Faults) -> syn::Result<TokenStream> {
    let message = "`cookie` takes a name and a value: `cookie(\"theme\" = \"dark\", secure)`";
    if !input.peek(syn::token::Paren) {
        return Err(syn::Error::new(key.span(), message));
    }
    let content;
    let parentheses = syn::parenthesized!(content in input);
    let wrong = |_| syn::Error::new(parentheses.span.join(), message);
    let name: LitStr = content.parse().map_err(wrong)?;
    content.parse::<Token![=]>().map_err(wrong)?;
    let value: LitStr = content.parse().map_err(wrong)?;
    if !content.is_empty() {
        content.parse::<Token![,]>().map_err(wrong)?;
    }
    let entries = attribute::parse_list(content.parse()?)?;
    let cookie = Cookie::read(name, &entries.iter().collect::<Vec<_>>(), &[], faults);
    if value
        .value()
        .bytes()
        .any(|b| !matches!(b, 0x21 | 0x23..=0x2B | 0x2D..=0x3A | 0x3C..=0x5B | 0x5D..=0x7E))
    {
        faults.at(
            &value,
            "a cookie's value is visible ASCII without blanks, quotes, `,`, `;` and `\\` (RFC 6265 §4.1.1)",
        );
    }
    let spec = cookie.tokens(true);
    Ok(quote!({
        let mut cookie = #spec;
        cookie.value = ::core::option::Option::Some(::std::borrow::Cow::Borrowed(#value));
        cookie
    }))
}
