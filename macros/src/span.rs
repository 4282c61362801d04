//! Spans that underline all of the user's tokens: an expression reaches from its first token's to its last token's.

use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{ReturnType, Signature};

/// The spans of the first and of the last token.
pub(crate) fn ends(tokens: &impl ToTokens) -> (Span, Span) {
    let mut spans = tokens.to_token_stream().into_iter();
    let first = spans.next();
    let last = spans.last().map(|token| close(&token));
    let start = first.as_ref().map_or_else(Span::call_site, TokenTree::span);
    (start, last.unwrap_or_else(|| first.as_ref().map_or(start, close)))
}

fn close(token: &TokenTree) -> Span {
    match token {
        TokenTree::Group(group) => group.span_close(),
        other => other.span(),
    }
}

/// Where the return type stands, or the name when there is none.
pub(crate) fn of_output(signature: &Signature) -> (Span, Span) {
    match &signature.output {
        ReturnType::Default => (signature.ident.span(), signature.ident.span()),
        ReturnType::Type(_, ty) => ends(ty),
    }
}

/// `(tokens)`, ending at `end`.
pub(crate) fn call(end: Span, tokens: TokenStream) -> Group {
    let mut group = Group::new(Delimiter::Parenthesis, tokens);
    group.set_span(end);
    group
}
