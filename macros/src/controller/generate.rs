//! The generated code: an implementation of `Controller`, and the checks that need types, as constants.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::{LitStr, spanned::Spanned};

use super::{
    checks::allowed,
    input::Block,
    keys::{Controller, Endpoint},
};

pub(crate) fn controller(block: &Block, controller: &Controller, endpoints: &[Endpoint<'_>]) -> TokenStream {
    let Block { generics, self_ty, .. } = block;
    let (impl_generics, _, where_clause) = generics.split_for_impl();
    let name = controller.name.as_ref().map_or_else(|| block.name(), LitStr::value);
    let path = &controller.path;
    let layer = layer_calls(&controller.layer, &quote!(.wrap));
    let operations = endpoints.iter().map(operation);
    let checks = endpoints.iter().map(|endpoint| checks(block, controller, endpoint));
    let checks = if block.is_generic() {
        // Constants cannot name the block's parameters; these are evaluated when the controller is mounted.
        let checks = checks.map(|check| quote!(const { #check }));
        (quote!(#(#checks)*), TokenStream::new())
    } else {
        let checks = checks.map(|check| quote!(const _: () = { #check };));
        (TokenStream::new(), quote!(#(#checks)*))
    };
    let (inside, outside) = checks;
    let types = types(block, endpoints);
    quote! {
        const _: () = {
            #[automatically_derived]
            impl #impl_generics ::actix_charter::router::Controller for #self_ty #where_clause {
                fn charter() -> ::actix_charter::router::Charter<Self> {
                    #inside
                    ::actix_charter::router::Charter::new(#name)
                        .path(#path)
                        #layer
                        #(.operation(#operations))*
                }
            }
            #types
            #outside
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

fn layer_calls(layer: &super::layer::Layer, wrap: &TokenStream) -> TokenStream {
    let options = layer.options_tokens().map(|options| quote!(.options(#options)));
    let tags = &layer.tags;
    let deprecated = layer.deprecated.then(|| quote!(.deprecated()));
    let hidden = layer.hidden.then(|| quote!(.hidden()));
    let wraps = &layer.wraps;
    quote!(#(.tag(#tags))* #deprecated #hidden #options #(#wrap(::actix_charter::endpoint::Wrap::new(#wraps)))*)
}

fn operation(endpoint: &Endpoint<'_>) -> TokenStream {
    let path = &endpoint.path;
    let ident = &endpoint.method.signature.ident;
    let name = ident.to_string();
    let name = name.strip_prefix("r#").unwrap_or(&name);
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
    let layer = layer_calls(&endpoint.layer, &quote!(.wrap));
    let status = endpoint.status.iter().map(|(status, _)| status);
    let declares = endpoint.declares.iter().map(super::declares::Declare::tokens);
    let guards = &endpoint.guards;
    let calls = &endpoint.calls;
    let handler = handler(endpoint);
    quote_spanned! {ident.span()=>
        #constructor
            .name(#name)
            #(.summary(#summary))*
            #(.description(#description))*
            #layer
            #(.status(#status))*
            #(.declares(#declares))*
            #(.guard(#guards))*
            #(#calls)*
            .handle(#handler)
    }
}

/// The method itself when it is async, a closure around it when it is not.
fn handler(endpoint: &Endpoint<'_>) -> TokenStream {
    let ident = &endpoint.method.signature.ident;
    if endpoint.method.signature.asyncness.is_some() {
        return quote_spanned!(ident.span()=> Self::#ident);
    }
    let types: Vec<_> = endpoint.method.arguments().collect();
    let names: Vec<_> = (0..types.len()).map(|index| format_ident!("argument{index}")).collect();
    quote_spanned!(ident.span()=> async |this: &Self #(, #names: #types)*| Self::#ident(this #(, #names)*))
}

/// Functions that compile only when every argument and every reply is what it has to be; each names one type.
fn types(block: &Block, endpoints: &[Endpoint<'_>]) -> TokenStream {
    let (impl_generics, _, where_clause) = block.generics.split_for_impl();
    let assertions = endpoints.iter().flat_map(|endpoint| {
        let arguments = endpoint.method.arguments().map(|ty| {
            let span = ty.span();
            let ty = block.without_self(ty);
            quote_spanned!(span=> ::actix_charter::__private::argument::<_, #ty>();)
        });
        let output = endpoint.method.output();
        let span = match &endpoint.method.signature.output {
            syn::ReturnType::Default => endpoint.method.signature.ident.span(),
            syn::ReturnType::Type(_, ty) => ty.span(),
        };
        let output = block.without_self(output);
        let reply = quote_spanned!(span=> ::actix_charter::__private::reply::<#output>(););
        arguments.chain([reply]).collect::<Vec<_>>()
    });
    quote! {
        #[allow(dead_code, clippy::extra_unused_type_parameters)]
        fn types #impl_generics () #where_clause {
            #(#assertions)*
        }
    }
}

/// The checks of one endpoint that need constants of its types.
fn checks(block: &Block, controller: &Controller, endpoint: &Endpoint<'_>) -> TokenStream {
    let checks = quote!(::actix_charter::endpoint::checks);
    let arguments = endpoint.method.arguments().map(|ty| block.without_self(ty));
    let kinds = quote!(&[#(<#arguments as ::actix_charter::request::Argument<_>>::KIND),*]);
    let output = block.without_self(endpoint.method.output());
    let declared = quote!(&<#output as ::actix_charter::response::Replies>::DECLARED);
    let verb = &endpoint.verb;
    let default =
        endpoint.status.as_ref().map_or(if verb == "POST" { 201 } else { 200 }, |(status, _)| *status);
    let mut all = TokenStream::new();
    let mut check = |rule: Option<&str>, span: Span, condition: TokenStream, message: String| {
        if rule.is_none_or(|rule| !allowed(controller, endpoint, rule)) {
            all.extend(quote_spanned!(span=> if #condition { ::core::panic!("{}", #message) }));
        }
    };
    let path = format!("{}{}", controller.path.value(), endpoint.path.value());
    let inputs = endpoint.method.signature.inputs.span();
    check(
        Some("empty_request_body"),
        inputs,
        quote!(#checks::bodies(#kinds) > 0 && !#checks::method_takes_body(#verb)),
        format!(
            "{verb} requests have no body (RFC 9110 §9.3): take what is needed from the path or the query, or use POST; \
             if clients really send one, `allow(empty_request_body)`"
        ),
    );
    check(
        None,
        inputs,
        quote!(#checks::bodies(#kinds) > 1),
        "two arguments read the request body, and it can be read only once".to_owned(),
    );
    let names: Vec<&String> = controller.names.iter().chain(&endpoint.names).collect();
    check(
        Some("path_names"),
        inputs,
        quote!(!#checks::path_fits(&[#(#names),*], #kinds)),
        format!("the parameters of the path `{path}` are not those that the `Path` argument reads"),
    );
    let span = match &endpoint.method.signature.output {
        syn::ReturnType::Default => endpoint.method.signature.ident.span(),
        syn::ReturnType::Type(_, ty) => ty.span(),
    };
    check(
        Some("empty_response_body"),
        span,
        quote!(#checks::body_on_bodiless(#declared, #default) != 0),
        "an answer with status 1xx, 204, 205 or 304 has no body (RFC 9110 §6.4.1): return `NoContent` or its like".to_owned(),
    );
    check(
        Some("status_content"),
        span,
        quote!(#checks::ambiguous_status(#declared, #declared, #default) != 0),
        "one status is declared with two different contents; give one of them another status, or return one type for both"
            .to_owned(),
    );
    if endpoint.declares.is_empty() && !endpoint.declares_output {
        check(
            None,
            span,
            quote!(#checks::is_unknown(#declared)),
            "this return type does not say what is answered; add `declares(200: User, 404)` to the endpoint's attribute"
                .to_owned(),
        );
    }
    all
}
