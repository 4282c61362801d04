//! `#[controller]`: parse the block and its attributes, check what can be seen here, generate a `Charter`.

pub(crate) mod checks;
pub(crate) mod declares;
mod fixed;
pub(crate) mod generate;
mod keys;
mod layer;
mod path;
pub(crate) mod promises;
mod security;

use proc_macro2::TokenStream;

use crate::{block::Family, faults::Faults};

pub(crate) static FAMILY: Family = Family {
    name: "controller",
    example: "#[controller] impl Users { .. }",
    attributes: &["get", "post", "put", "patch", "delete", "head", "options", "method"],
    method: "an endpoint",
    owner: "controller",
};

pub(crate) fn expand(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let mut faults = Faults::new();
    let block = match FAMILY.parse(item.clone()) {
        Ok(block) => block,
        Err(error) => {
            // What cannot be read is given back as it was, so that the compiler can say more about it.
            let error = error.to_compile_error();
            let item = FAMILY.bare(item);
            return quote::quote!(#error #item);
        }
    };
    let controller = keys::controller(arguments, &mut faults);
    faults.forgive(|rule| controller.layer.allows(rule));
    let endpoints: Vec<_> = block
        .methods()
        .filter_map(|method| {
            let mut own = Faults::new();
            let endpoint = keys::endpoint(method, &mut own);
            own.forgive(|rule| {
                endpoint.as_ref().is_some_and(|endpoint| checks::allowed(&controller, endpoint, rule))
            });
            faults.append(own);
            endpoint
        })
        .collect();
    if endpoints.is_empty() && faults.is_empty() {
        faults.at(
            &block.self_ty,
            "a controller needs at least one method with `#[get]`, `#[post]` or their like",
        );
    }
    checks::check(&controller, &endpoints, &mut faults);
    let stripped = block.stripped();
    if !faults.is_empty() {
        let errors = faults.into_tokens();
        // The trait is still implemented, so that mounting does not raise a second error.
        let empty = generate::empty(&block);
        return quote::quote!(#stripped #empty #errors);
    }
    let generated = generate::controller(&block, &controller, &endpoints);
    quote::quote!(#stripped #generated)
}

/// `#[get]` and its like outside of a `#[controller]` block.
pub(crate) fn stray(name: &str, item: &TokenStream) -> TokenStream {
    let message = format!("`#[{name}]` belongs on a method inside an `impl` block with `#[controller]`");
    let error = syn::Error::new(proc_macro2::Span::call_site(), message).to_compile_error();
    quote::quote!(#item #error)
}
