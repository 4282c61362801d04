//! What can be seen without types.

use std::collections::HashMap;

use syn::{FnArg, ReceiverKind, spanned::Spanned};

use super::{
    keys::{Controller, Endpoint},
    path,
};
use crate::{faults::Faults, http};

pub(crate) fn check(controller: &Controller, endpoints: &[Endpoint<'_>], faults: &mut Faults) {
    let mut seen: HashMap<(String, String), String> = HashMap::new();
    for endpoint in endpoints {
        signature(endpoint, faults);
        for name in &endpoint.names {
            if controller.names.contains(name) {
                faults.at(
                    &endpoint.path,
                    format!("the controller's path has a parameter called `{name}` already"),
                );
            }
        }
        for declare in &endpoint.declares {
            if declare.has_body()
                && http::is_bodiless(declare.status)
                && !allowed(controller, endpoint, "empty_response_body")
            {
                faults.at(
                    &declare.literal,
                    format!("an answer with status {} has no body (RFC 9110 §6.4.1)", declare.status),
                );
            }
        }
        if !endpoint.guards.is_empty() {
            continue;
        }
        let key = (endpoint.verb.clone(), path::shape(&endpoint.path.value()));
        let name = endpoint.method.signature.ident.to_string();
        if let Some(first) = seen.insert(key, name) {
            faults.at(
                endpoint.attribute,
                format!(
                    "`{first}` is {} on this path already; tell them apart with `guard = ..`",
                    endpoint.verb
                ),
            );
        }
    }
}

pub(crate) fn allowed(controller: &Controller, endpoint: &Endpoint<'_>, rule: &str) -> bool {
    // As at run time: the first layer that says `allow(..)` is the one that counts.
    let layer = [&endpoint.layer, &controller.layer].into_iter().find(|layer| !layer.allowed.is_empty());
    layer.is_some_and(|layer| layer.allowed.iter().any(|allowed| allowed == rule))
}

fn signature(endpoint: &Endpoint<'_>, faults: &mut Faults) {
    let signature = &endpoint.method.signature;
    match signature.inputs.first() {
        Some(FnArg::Receiver(receiver)) => {
            if !matches!(receiver.kind, ReceiverKind::Reference(_, _, None)) {
                faults.at(receiver, "an endpoint takes `&self`: the controller is shared by all workers");
            }
        }
        _ => faults.at(
            &signature.ident,
            format!("an endpoint takes `&self` first: `fn {}(&self, ..)`", signature.ident),
        ),
    }
    if !signature.generics.params.is_empty() {
        faults.at(&signature.generics, "an endpoint has no generics of its own; put them on the controller");
    }
    let count = endpoint.method.arguments().count();
    if count > 10 {
        faults
            .at(&signature.inputs, format!("an endpoint takes at most ten arguments, this one has {count}"));
    }
    for argument in endpoint.method.arguments() {
        if let syn::Type::Reference(reference) = argument {
            faults.at(reference, "an argument of an endpoint owns its value; take it without `&`");
        }
    }
    if matches!(endpoint.method.output(), syn::Type::ImplTrait(_)) {
        let output = endpoint.method.output();
        faults.at(
            syn::Ident::new(&signature.ident.to_string(), output.span()),
            "the return type is the contract, so it must be named: `Created<User>`, `Result<User, NotFound>`, ..",
        );
    }
}
