//! The generated code: an implementation of `Channel`, and the checks that need types, as constants.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::{LitStr, Type, ext::IdentExt};

use super::keys::{Asked, Channel, Operation};
use crate::{
    block::Block,
    controller::{
        declares::Declare,
        generate::bound,
        promises::{Promise, promise},
    },
    span,
};

pub(crate) fn channel(block: &Block, channel: &Channel, operations: &[Operation<'_>]) -> TokenStream {
    let Block { generics, self_ty, .. } = block;
    let (impl_generics, _, where_clause) = generics.split_for_impl();
    let name = channel.name.as_ref().map_or_else(|| block.name(), LitStr::value);
    let pattern = &channel.pattern;
    let layer = channel.layer.tokens().map(|layer| quote!(.options(#layer)));
    let summary = channel.doc.summary.iter();
    let description = channel.doc.description.iter();
    let calls = &channel.calls;
    let mut declared = TokenStream::new();
    let mut checks = TokenStream::new();
    for operation in operations {
        let cfg: Vec<_> = operation.method.conditions().collect();
        let mut inside = TokenStream::new();
        for promise in promises(block, channel, operation) {
            let check = promise.check;
            if promise.late {
                inside.extend(quote!(const { #check }));
            } else {
                checks.extend(quote!(#(#cfg)* const _: () = #check;));
            }
        }
        let operation = live_operation(operation);
        declared.extend(quote! {
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
            impl #impl_generics ::actix_charter::live::Channel for #self_ty #where_clause {
                fn charter() -> ::actix_charter::live::ChannelCharter<Self> {
                    let charter = ::actix_charter::live::ChannelCharter::new(#pattern)
                        .name(#name)
                        #(.summary(#summary))*
                        #(.description(#description))*
                        #layer
                        #(#calls)*;
                    #declared
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
    quote! {
        #[automatically_derived]
        impl #impl_generics ::actix_charter::live::Channel for #self_ty #where_clause {
            fn charter() -> ::actix_charter::live::ChannelCharter<Self> {
                ::actix_charter::live::ChannelCharter::new("")
            }
        }
    }
}

fn live_operation(operation: &Operation<'_>) -> TokenStream {
    let ident = &operation.method.signature.ident;
    let name = ident.unraw().to_string();
    let live = quote!(::actix_charter::live::LiveOperation);
    let start = match operation.asked {
        Asked::Subscribe => quote!(#live::subscribe()),
        Asked::Publish => quote!(#live::publish()),
        Asked::Rpc => {
            let method = operation.rpc_name();
            quote!(#live::rpc(#method))
        }
    };
    let summary = operation.doc.summary.iter();
    let description = operation.doc.description.iter();
    let declares = operation.declares.iter().map(Declare::tokens);
    let calls = &operation.calls;
    let draft = quote_spanned! {ident.span()=>
        #start
            .name(#name)
            #(.summary(#summary))*
            #(.description(#description))*
            #(.declares(#declares))*
            #(#calls)*
    };
    bound(operation.method, "live", &draft)
}

/// The checks of one operation that need types.
fn promises(block: &Block, channel: &Channel, operation: &Operation<'_>) -> Vec<Promise> {
    let checks = quote!(::actix_charter::endpoint::checks);
    let types: Vec<&Type> = operation.method.arguments().collect();
    let kinds: Vec<TokenStream> = types
        .iter()
        .map(|ty| {
            let ty = block.without_self(ty);
            quote!(<::actix_charter::__private::Look<#ty>>::KIND)
        })
        .collect();
    let pattern = channel.pattern.value();
    let names = &channel.names;
    let mut all = Vec::new();
    for (at, (kind, ty)) in kinds.iter().zip(&types).enumerate() {
        let ends = span::ends(ty);
        let before = kinds.get(..at).unwrap_or_default();
        let late = block.is_named_in(ty);
        let late_before = late || types.iter().take(at).any(|ty| block.is_named_in(ty));
        if !before.is_empty() {
            all.push(promise(
                late_before,
                ends,
                &quote!(#checks::is_body(#kind) && #checks::any_body(&[#(#before),*])),
                &quote!("an argument before this one reads the data already, and it can be read only once"),
            ));
            all.push(promise(
                late_before,
                ends,
                &quote!(#checks::is_identity(#kind) && #checks::any_identity(&[#(#before),*])),
                &quote!("an argument before this one takes the identity already, and there is one"),
            ));
        }
        all.push(promise(
            late,
            ends,
            &quote!(!#checks::path_fits(&[#(#names),*], #kind)),
            &quote!(#checks::channel_fault(#pattern, &[#(#names),*], #kind).as_str()),
        ));
    }
    let output = block.without_self(operation.method.output());
    let declared = quote!(&<::actix_charter::__private::Look<#output>>::DECLARED);
    let ends = span::of_output(&operation.method.signature);
    let late = block.is_named_in(&operation.method.signature.output);
    if operation.declares.is_empty() && !operation.declares_output {
        all.push(promise(
            late,
            ends,
            &quote!(#checks::is_unknown(#declared)),
            &quote!("this type does not say what is answered; add `declares(404)` to the method's attribute"),
        ));
    }
    if operation.asked == Asked::Publish {
        all.push(promise(
            late,
            ends,
            &quote!(#checks::gives_nothing(#declared)),
            &quote!("what this method returns is broadcast, and this is nothing: return what was published"),
        ));
    }
    all
}
