//! The macros of actix-charter. Use them through `actix_charter`, where they are documented.

mod api_error;
mod attribute;
mod block;
mod channel;
mod controller;
mod doc;
mod entries;
mod faults;
mod http;
mod model;
mod replies;
mod span;

use proc_macro::TokenStream;

/// See `actix_charter::Model`.
#[proc_macro_derive(Model, attributes(model))]
pub fn derive_model(input: TokenStream) -> TokenStream {
    model::expand(input.into()).into()
}

/// See `actix_charter::ApiError`.
#[proc_macro_derive(ApiError, attributes(api))]
pub fn derive_api_error(input: TokenStream) -> TokenStream {
    api_error::expand(input.into()).into()
}

/// See `actix_charter::Replies`.
#[proc_macro_derive(Replies, attributes(reply))]
pub fn derive_replies(input: TokenStream) -> TokenStream {
    replies::expand(input.into()).into()
}

/// See `actix_charter::controller`.
#[proc_macro_attribute]
pub fn controller(arguments: TokenStream, item: TokenStream) -> TokenStream {
    controller::expand(arguments.into(), item.into()).into()
}

/// See `actix_charter::channel`.
#[proc_macro_attribute]
pub fn channel(arguments: TokenStream, item: TokenStream) -> TokenStream {
    channel::expand(arguments.into(), item.into()).into()
}

macro_rules! stray {
    ($family:ident: $($name:ident)+) => {$(
        #[doc = concat!("See `actix_charter::", stringify!($family), "`.")]
        #[proc_macro_attribute]
        pub fn $name(_: TokenStream, item: TokenStream) -> TokenStream {
            $family::stray(stringify!($name), &item.into()).into()
        }
    )+};
}

stray!(channel: subscribe publish rpc);
stray!(controller: get post put patch delete head options method);
