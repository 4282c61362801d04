//! `#[channel]`: parse the block and its attributes, check what can be seen here, generate a `ChannelCharter`.

mod checks;
mod duration;
mod generate;
mod keys;
mod layer;
mod pattern;

use proc_macro2::TokenStream;

use crate::{block::Family, faults::Faults};

static FAMILY: Family = Family {
    name: "channel",
    example: "#[channel(\"room:{id}\")] impl Rooms { .. }",
    attributes: &["subscribe", "publish", "rpc"],
    method: "a method of a channel",
    owner: "channel",
};

pub(crate) fn expand(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let mut faults = Faults::new();
    let block = match FAMILY.parse(item.clone()) {
        Ok(block) => block,
        Err(error) => {
            let error = error.to_compile_error();
            let item = FAMILY.bare(item);
            return quote::quote!(#error #item);
        }
    };
    let channel = keys::channel(arguments, block.documented(), &mut faults);
    let operations: Vec<_> =
        block.methods().filter_map(|method| keys::operation(method, &mut faults)).collect();
    checks::check(&block, &operations, &mut faults);
    let stripped = block.stripped();
    if !faults.is_empty() {
        let errors = faults.into_tokens();
        // The trait is still implemented, so that mounting does not raise a second error.
        let empty = generate::empty(&block);
        return quote::quote!(#stripped #empty #errors);
    }
    let generated = generate::channel(&block, &channel, &operations);
    quote::quote!(#stripped #generated)
}

/// `#[subscribe]` and its like outside of a `#[channel]` block.
pub(crate) fn stray(name: &str, item: &TokenStream) -> TokenStream {
    let message = format!("`#[{name}]` belongs on a method inside an `impl` block with `#[channel(..)]`");
    let error = syn::Error::new(proc_macro2::Span::call_site(), message).to_compile_error();
    quote::quote!(#item #error)
}
