//! The generated code: an implementation of `Controller`, and the checks that need types, as constants.

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::{LitStr, ext::IdentExt};

use super::keys::{Controller, Endpoint};
use crate::{
    block::{Block, Method},
    span,
};

pub(crate) fn controller(block: &Block, controller: &Controller, endpoints: &[Endpoint<'_>]) -> TokenStream {
    let Block { generics, self_ty, .. } = block;
    let (impl_generics, _, where_clause) = generics.split_for_impl();
    let name = controller.name.as_ref().map_or_else(|| block.name(), LitStr::value);
    let path = &controller.path;
    let layer = layer_calls(&controller.layer);
    let mut operations = TokenStream::new();
    let mut checks = TokenStream::new();
    for endpoint in endpoints {
        let cfg: Vec<_> = endpoint.method.conditions().collect();
        let operation = operation(endpoint);
        let mut inside = TokenStream::new();
        for promise in super::promises::of(block, controller, endpoint) {
            let check = promise.check;
            if promise.late {
                inside.extend(quote!(const { #check }));
            } else {
                checks.extend(quote!(#(#cfg)* const _: () = #check;));
            }
        }
        operations.extend(quote! {
            #(#cfg)*
            let charter = {
                #inside
                charter.operation(#operation)
            };
        });
    }
    quote! {
        const _: () = {
            #[allow(unused_imports)]
            use ::actix_charter::__private::{Otherwise as _, Theirs as _, Unseen as _};
            #[automatically_derived]
            #[allow(deprecated)]
            impl #impl_generics ::actix_charter::router::Controller for #self_ty #where_clause {
                fn charter() -> ::actix_charter::router::Charter<Self> {
                    let charter = ::actix_charter::router::Charter::new(#name)
                        .path(#path)
                        #layer;
                    #operations
                    charter
                }
            }
            #checks
        };
    }
}

/// An empty implementation, for when the attributes are wrong.
pub(crate) fn empty(block: &Block) -> TokenStream {
    let Block { generics, self_ty, .. } = block;
    let (impl_generics, _, where_clause) = generics.split_for_impl();
    let name = block.name();
    quote! {
        #[automatically_derived]
        impl #impl_generics ::actix_charter::router::Controller for #self_ty #where_clause {
            fn charter() -> ::actix_charter::router::Charter<Self> {
                ::actix_charter::router::Charter::new(#name)
            }
        }
    }
}

fn layer_calls(layer: &super::layer::Layer) -> TokenStream {
    let options = layer.options_tokens().map(|options| quote!(.options(#options)));
    let tags = &layer.tags;
    let deprecated = layer.deprecated.then(|| quote!(.deprecated()));
    let hidden = layer.hidden.then(|| quote!(.hidden()));
    let wraps = &layer.wraps;
    quote!(#(.tag(#tags))* #deprecated #hidden #options #(.wrap(::actix_charter::endpoint::Wrap::new(#wraps)))*)
}

fn operation(endpoint: &Endpoint<'_>) -> TokenStream {
    let path = &endpoint.path;
    let ident = &endpoint.method.signature.ident;
    let name = ident.unraw().to_string();
    let constructor = match endpoint.verb.as_str() {
        "GET" | "POST" | "PUT" | "PATCH" | "DELETE" | "HEAD" | "OPTIONS" => {
            let verb = format_ident!("{}", endpoint.verb.to_ascii_lowercase());
            quote!(::actix_charter::endpoint::Operation::#verb(#path))
        }
        custom => quote!(::actix_charter::endpoint::Operation::method(
            ::actix_charter::__private::method(#custom), #path
        )),
    };
    let summary = endpoint.doc.summary.iter();
    let description = endpoint.doc.description.iter();
    let layer = layer_calls(&endpoint.layer);
    let status = endpoint.status.iter().map(|(status, _)| status);
    let declares = endpoint.declares.iter().map(super::declares::Declare::tokens);
    let guards = &endpoint.guards;
    let calls = &endpoint.calls;
    let draft = quote_spanned! {ident.span()=>
        #constructor
            .name(#name)
            #(.summary(#summary))*
            #(.description(#description))*
            #layer
            #(.status(#status))*
            #(.declares(#declares))*
            #(.guard(#guards))*
            #(#calls)*
    };
    bound(endpoint.method, "handle", &draft)
}

/// The call that binds a draft to its method, one bound for each of its types.
pub(crate) fn bound(method: &Method, function: &str, draft: &TokenStream) -> TokenStream {
    let ident = &method.signature.ident;
    let handler = handler(method);
    let reply = {
        let output = method.output();
        let (start, end) = span::of_output(&method.signature);
        let call = span::call(end, TokenStream::new());
        quote_spanned!(start=> ::actix_charter::__private::Answer::<#output>::new().reply #call)
    };
    let arguments = method.arguments().map(|ty| {
        let (start, end) = span::ends(ty);
        let call = span::call(end, TokenStream::new());
        quote_spanned!(start=> ::actix_charter::__private::Ask::<#ty>::new().argument #call)
    });
    let bind = format_ident!("{function}{}", method.arguments().count(), span = ident.span());
    quote_spanned!(ident.span()=> ::actix_charter::__private::#bind(#draft, #reply, #(#arguments,)* #handler))
}

/// The method itself when it is async, a closure around it when it is not.
fn handler(method: &Method) -> TokenStream {
    let ident = &method.signature.ident;
    if method.signature.asyncness.is_some() {
        return quote_spanned!(ident.span()=> Self::#ident);
    }
    let types: Vec<_> = method.arguments().collect();
    let names: Vec<_> = (0..types.len()).map(|index| format_ident!("argument{index}")).collect();
    quote_spanned!(ident.span()=> async |this: &Self #(, #names: #types)*| Self::#ident(this #(, #names)*))
}
