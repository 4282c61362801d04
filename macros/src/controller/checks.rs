//! What can be seen without types.

use std::collections::HashMap;

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::{FnArg, ReceiverKind, Safety};

use super::{
    FAMILY,
    keys::{Controller, Endpoint},
    path,
};
use crate::{
    block::{Family, Method},
    faults::Faults,
    http,
};

pub(crate) fn check(controller: &Controller, endpoints: &[Endpoint<'_>], faults: &mut Faults) {
    let mut seen: HashMap<(String, String), String> = HashMap::new();
    for endpoint in endpoints {
        signature(&FAMILY, endpoint.method, faults);
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
        for (at, declare) in endpoint.declares.iter().enumerate() {
            let before = endpoint.declares.get(..at).unwrap_or_default();
            if before.iter().any(|other| other.disagrees(declare))
                && !allowed(controller, endpoint, "status_content")
            {
                faults.at(
                    &declare.literal,
                    format!("status {} is declared already, with another content", declare.status),
                );
            }
        }
        // Only one of them may be compiled.
        if !endpoint.guards.is_empty() || endpoint.method.conditions().next().is_some() {
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
    layer.is_some_and(|layer| layer.allows(rule))
}

/// What a method of the family must look like.
pub(crate) fn signature(family: &Family, method: &Method, faults: &mut Faults) {
    let signature = &method.signature;
    let (one, owner) = (family.method, family.owner);
    match signature.inputs.first() {
        Some(FnArg::Receiver(receiver)) => {
            if !matches!(receiver.kind, ReceiverKind::Reference(_, _, None)) {
                faults.at(receiver, format!("{one} takes `&self`: the {owner} is shared by all workers"));
            }
        }
        _ => faults
            .at(&signature.ident, format!("{one} takes `&self` first: `fn {}(&self, ..)`", signature.ident)),
    }
    if !signature.generics.params.is_empty() {
        faults.at(&signature.generics, format!("{one} has no generics of its own; put them on the {owner}"));
    }
    let count = method.arguments().count();
    if count > 10 {
        faults.at(&signature.inputs, format!("{one} takes at most ten arguments, this one has {count}"));
    }
    if let Safety::Unsafe(token) = &signature.safety {
        faults.at(token, format!("{one} is a safe function"));
    }
    for argument in method.arguments() {
        if has_impl(argument.to_token_stream()) {
            faults.at(
                argument,
                "an argument's type is a part of the contract, so it must be named; not `impl ..`",
            );
        } else if borrows(argument.to_token_stream()) {
            faults.at(
                argument,
                format!("an argument of {one} owns its value; take it without `&` and without lifetimes"),
            );
        }
    }
    let output = method.output();
    if has_impl(output.to_token_stream()) {
        faults.at(
            output,
            "the return type is the contract, so it must be named: `Created<User>`, `Result<User, NotFound>`, ..",
        );
    } else if borrows(output.to_token_stream()) {
        faults.at(output, "a reply owns its value: answers are written after the call, when `&self` is gone");
    }
}

fn has_impl(tokens: TokenStream) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(ident) => ident == "impl",
        TokenTree::Group(group) => has_impl(group.stream()),
        TokenTree::Punct(_) | TokenTree::Literal(_) => false,
    })
}

/// Whether there is a reference or a lifetime other than `'static`.
fn borrows(tokens: TokenStream) -> bool {
    let mut rest = tokens.into_iter().peekable();
    while let Some(token) = rest.next() {
        let found = match &token {
            TokenTree::Punct(punct) if punct.as_char() == '&' => {
                !matches!(rest.peek(), Some(TokenTree::Punct(next)) if next.as_char() == '\'')
            }
            TokenTree::Punct(punct) if punct.as_char() == '\'' => {
                !matches!(rest.peek(), Some(TokenTree::Ident(name)) if name == "static")
            }
            TokenTree::Group(group) => borrows(group.stream()),
            _ => false,
        };
        if found {
            return true;
        }
    }
    false
}
