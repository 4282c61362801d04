//! `declares(200: User, 204, 404, 200: "text/csv")`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{
    LitInt, LitStr, Token, Type,
    parse::{Parse, ParseStream},
};

/// One declared answer.
pub(crate) struct Declare {
    pub(crate) status: u16,
    pub(crate) literal: LitInt,
    content: Content,
}

enum Content {
    /// A problem from 400 on, nothing below.
    Default,
    Model(Box<Type>),
    Media(LitStr),
}

impl Parse for Declare {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let literal: LitInt = input.parse().map_err(|error| {
            syn::Error::new(error.span(), "an answer starts with its status: `declares(200: User, 404)`")
        })?;
        let status = literal.base10_parse().ok().filter(|status| (100..=599).contains(status));
        let status =
            status.ok_or_else(|| syn::Error::new(literal.span(), "a status is a number from 100 to 599"))?;
        let content = if input.peek(Token![:]) {
            input.parse::<Token![:]>()?;
            if input.peek(LitStr) { Content::Media(input.parse()?) } else { Content::Model(input.parse()?) }
        } else {
            Content::Default
        };
        Ok(Self { status, literal, content })
    }
}

impl Declare {
    pub(crate) fn has_body(&self) -> bool {
        !matches!(self.content, Content::Default)
    }

    /// Whether both say something of one status that cannot be true together. Several media types can.
    pub(crate) fn disagrees(&self, other: &Self) -> bool {
        let same = match (&self.content, &other.content) {
            (Content::Model(a), Content::Model(b)) => a == b,
            (Content::Default, Content::Default) => true,
            (Content::Media(_), Content::Model(_) | Content::Media(_))
            | (Content::Model(_), Content::Media(_)) => true,
            (Content::Default, _) | (_, Content::Default) => false,
        };
        self.status == other.status && !same
    }

    pub(crate) fn tokens(&self) -> TokenStream {
        let status = self.status;
        let content = match &self.content {
            Content::Default if status >= 400 => quote!(::actix_charter::endpoint::OutputContent::Problem),
            Content::Default => quote!(::actix_charter::endpoint::OutputContent::Empty),
            Content::Model(ty) => quote!(::actix_charter::endpoint::OutputContent::Model(
                ::actix_charter::model::SchemaOf::of::<#ty>()
            )),
            Content::Media(media_type) => quote!(::actix_charter::endpoint::OutputContent::Media(
                ::std::borrow::Cow::Borrowed(#media_type), ::core::option::Option::None
            )),
        };
        let redirect = matches!(status, 301 | 302 | 303 | 307 | 308).then(
            || quote!(output.headers.push(::actix_charter::endpoint::HeaderSpec::optional("Location"));),
        );
        quote!({
            #[allow(unused_mut)]
            let mut output = ::actix_charter::endpoint::Output::new(::core::option::Option::Some(#status), #content);
            #redirect
            output
        })
    }
}
