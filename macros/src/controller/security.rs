//! `security = Scheme`, `security = none`, `security(A, B)`, `security(optional, A)`.

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::{Ident, Token, Type, parenthesized, parse::ParseStream, punctuated::Punctuated};

/// Who may call.
pub(crate) enum Security {
    Public,
    AnyOf(Vec<Type>),
    Optional(Vec<Type>),
}

impl Security {
    /// Reads what follows the key.
    pub(crate) fn parse(input: ParseStream<'_>, key: Span) -> syn::Result<Self> {
        if input.peek(Token![=]) {
            input.parse::<Token![=]>()?;
            if input.peek(Ident) {
                let ahead = input.fork();
                let word: Ident = ahead.parse()?;
                if word == "none" {
                    input.parse::<Ident>()?;
                    return Ok(Self::Public);
                }
            }
            return Ok(Self::AnyOf(vec![input.parse()?]));
        }
        if !input.peek(syn::token::Paren) {
            let message = "`security` names a scheme: `security = Bearer<Claims>`, `security(A, B)`, or `security = none`";
            return Err(syn::Error::new(key, message));
        }
        let content;
        parenthesized!(content in input);
        let optional = {
            let ahead = content.fork();
            ahead.parse::<Ident>().is_ok_and(|word| word == "optional")
                && (ahead.is_empty() || ahead.peek(Token![,]))
        };
        if optional {
            content.parse::<Ident>()?;
            content.parse::<Option<Token![,]>>()?;
        }
        let types: Vec<Type> =
            Punctuated::<Type, Token![,]>::parse_terminated(&content)?.into_iter().collect();
        if types.is_empty() {
            return Err(syn::Error::new(
                key,
                "`security(..)` needs at least one scheme; `security = none` lets anyone call",
            ));
        }
        Ok(if optional { Self::Optional(types) } else { Self::AnyOf(types) })
    }

    pub(crate) fn tokens(&self) -> TokenStream {
        let refs = |types: &[Type]| {
            let refs = types.iter().map(|ty| quote!(::actix_charter::security::SchemeRef::of::<#ty>()));
            quote!(::std::vec![#(#refs),*])
        };
        match self {
            Self::Public => quote!(::actix_charter::security::Requirement::Public),
            Self::AnyOf(types) => {
                let refs = refs(types);
                quote!(::actix_charter::security::Requirement::AnyOf(#refs))
            }
            Self::Optional(types) => {
                let refs = refs(types);
                quote!(::actix_charter::security::Requirement::Optional(#refs))
            }
        }
    }
}
