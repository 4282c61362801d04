//! `#[derive(Replies)]`: an enum of answers.

mod cookie;
pub(crate) use cookie::Cookie;
mod generate;
mod parse;

use proc_macro2::TokenStream;
use quote::quote;
use syn::DeriveInput;

use crate::faults::Faults;

pub(crate) fn expand(input: TokenStream) -> TokenStream {
    let input: DeriveInput = match syn::parse2(input) {
        Ok(input) => input,
        Err(error) => return error.to_compile_error(),
    };
    let mut faults = Faults::new();
    let answers = parse::answers(&input, &mut faults);
    if faults.is_empty() {
        return generate::implement(&input, &answers);
    }
    let stub = generate::stub(&input);
    let faults = faults.into_tokens();
    quote!(#stub #faults)
}
