//! The checks that need types: expressions that panic while the program is compiled, each at the type that is wrong.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};

use super::{
    checks::allowed,
    keys::{Controller, Endpoint},
};
use crate::{block::Block, span};

/// One check, an expression without a value.
pub(crate) struct Promise {
    pub(crate) check: TokenStream,
    /// A constant cannot name the block's parameters; then the check is evaluated when the program is built, not when
    /// it is only checked.
    pub(crate) late: bool,
}

/// The checks of one endpoint.
pub(crate) fn of(block: &Block, controller: &Controller, endpoint: &Endpoint<'_>) -> Vec<Promise> {
    let mut all = arguments(block, controller, endpoint);
    all.extend(reply(block, controller, endpoint));
    all
}

fn arguments(block: &Block, controller: &Controller, endpoint: &Endpoint<'_>) -> Vec<Promise> {
    let checks = quote!(::actix_charter::endpoint::checks);
    let kinds: Vec<TokenStream> = endpoint
        .method
        .arguments()
        .map(|ty| {
            let ty = block.without_self(ty);
            quote!(<::actix_charter::__private::Look<#ty>>::KIND)
        })
        .collect();
    let path = format!("{}{}", controller.path.value(), endpoint.path.value());
    let names: Vec<&String> = controller.names.iter().chain(&endpoint.names).collect();
    let verb = &endpoint.verb;
    let mut all = Vec::new();
    for (at, (kind, ty)) in kinds.iter().zip(endpoint.method.arguments()).enumerate() {
        let ends = span::ends(ty);
        let before = kinds.get(..at).unwrap_or_default();
        let early: Vec<&syn::Type> = endpoint.method.arguments().take(at).collect();
        let late = block.is_named_in(ty);
        let late_before = late || early.iter().any(|ty| block.is_named_in(ty));
        if matches!(verb.as_str(), "GET" | "HEAD" | "DELETE" | "CONNECT" | "TRACE")
            && !allowed(controller, endpoint, "empty_request_body")
        {
            let message = format!(
                "{verb} requests have no body (RFC 9110 §9.3): read the path or the query, or use another method; \
                 for clients that send one all the same, `allow(empty_request_body)`"
            );
            all.push(promise(late, ends, &quote!(#checks::is_body(#kind)), &quote!(#message)));
        }
        if !before.is_empty() {
            all.push(promise(
                late_before,
                ends,
                &quote!(#checks::is_body(#kind) && #checks::any_body(&[#(#before),*])),
                &quote!(
                    "an argument before this one reads the request body already, and it can be read only once"
                ),
            ));
            all.push(promise(
                late_before,
                ends,
                &quote!(#checks::is_identity(#kind) && #checks::any_identity(&[#(#before),*])),
                &quote!("an argument before this one takes the identity already, and there is one"),
            ));
        }
        if !allowed(controller, endpoint, "path_names") {
            all.push(promise(
                late,
                ends,
                &quote!(!#checks::path_fits(&[#(#names),*], #kind)),
                &quote!(#checks::path_fault(#path, &[#(#names),*], #kind).as_str()),
            ));
        }
    }
    all
}

fn reply(block: &Block, controller: &Controller, endpoint: &Endpoint<'_>) -> Vec<Promise> {
    let checks = quote!(::actix_charter::endpoint::checks);
    let output = block.without_self(endpoint.method.output());
    let declared = quote!(&<::actix_charter::__private::Look<#output>>::DECLARED);
    let verb_default = if endpoint.verb == "POST" { 201 } else { 200 };
    let default = endpoint.status.as_ref().map_or(verb_default, |(status, _)| *status);
    let ends = span::of_output(&endpoint.method.signature);
    let late = block.is_named_in(&endpoint.method.signature.output);
    let status = quote!(#checks::out_of_range(#declared));
    let message = quote!("a status is a number from 100 to 599");
    let mut all = vec![promise(late, ends, &status, &message)];
    if !allowed(controller, endpoint, "empty_response_body") {
        let status = quote!(#checks::body_on_bodiless(#declared, #default));
        all.push(promise(
            late,
            ends,
            &quote!(#status != 0),
            &quote!(#checks::bodiless_fault(#status).as_str()),
        ));
    }
    if !allowed(controller, endpoint, "status_content") {
        let status = quote!(#checks::ambiguous_status(#declared, #declared, #default));
        all.push(promise(
            late,
            ends,
            &quote!(#status != 0),
            &quote!(#checks::ambiguous_fault(#status).as_str()),
        ));
    }
    if endpoint.declares.is_empty() && !endpoint.declares_output {
        all.push(promise(
            late,
            ends,
            &quote!(#checks::is_unknown(#declared)),
            &quote!("this type does not say what is answered; add `declares(200: User, 404)` to the endpoint's attribute"),
        ));
    }
    all
}

/// `if condition { panic }`, the panic reaching from the first to the last of the user's tokens.
pub(crate) fn promise(
    late: bool,
    (start, end): (Span, Span),
    condition: &TokenStream,
    message: &TokenStream,
) -> Promise {
    let message = span::call(end, quote!("{}", #message));
    let panic = quote_spanned!(start=> ::core::panic! #message);
    Promise { check: quote!(if #condition { #panic }), late }
}
