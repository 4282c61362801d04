//! One field of a model.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::{Ident, Type, ext::IdentExt, spanned::Spanned};

use super::{
    peel::{Layer, is_option, peel},
    rules::FieldRules,
    serde,
    upload::Upload,
};
use crate::{
    attribute::{Seen, own, unknown},
    faults::Faults,
};

const KNOWN: &[&str] = &["null", "commas", "max_size", "max_files", "accept"];

/// A named field, with everything that its attributes say.
pub(crate) struct Field<'a> {
    pub(crate) ident: &'a Ident,
    pub(crate) ty: &'a syn::Type,
    /// The name in Rust, without `r#`.
    pub(crate) rust: String,
    /// The name when it is read.
    pub(crate) wire: String,
    pub(crate) serde: serde::Field,
    pub(crate) rules: FieldRules,
    null: bool,
    commas: bool,
    upload: Upload,
}

impl<'a> Field<'a> {
    pub(crate) fn read(
        ident: &'a Ident,
        field: &'a syn::Field,
        container: &serde::Container,
        nest_all_fields: bool,
        faults: &mut Faults,
    ) -> Self {
        let mut serde = serde::Field::read(&field.attrs);
        // The one field of a transparent struct has no name on the wire either.
        serde.flatten |= container.transparent;
        let rust = ident.unraw().to_string();
        let wire = serde.rename.clone().unwrap_or_else(|| container.case.apply(&rust));
        let mut this = Self {
            ident,
            ty: &field.ty,
            rust,
            wire,
            serde,
            rules: FieldRules::read(&field.attrs, nest_all_fields),
            null: false,
            commas: false,
            upload: Upload::default(),
        };
        this.read_own(field, faults);
        this
    }

    fn read_own(&mut self, field: &syn::Field, faults: &mut Faults) {
        let mut seen = Seen::default();
        for entry in own(&field.attrs, "model", faults) {
            if KNOWN.iter().any(|known| entry.is(known)) && !seen.first(&entry.key, faults) {
                continue;
            }
            match entry.key.to_string().as_str() {
                "null" => self.null = entry.flag(faults),
                "commas" => self.commas = entry.flag(faults),
                "max_size" => self.upload.max_size(&entry, faults),
                "max_files" => self.upload.max_files(&entry, faults),
                "accept" => self.upload.accept(&entry, faults),
                "check" => {
                    faults.at(&entry.key, "`check` goes above the type: its function sees the whole value");
                }
                _ => unknown(&entry.key, KNOWN, faults),
            }
            if self.serde.flatten {
                faults.at(
                    &entry.key,
                    "a flattened field has no name of its own; say this at the fields inside",
                );
            }
        }
    }

    /// Whether a request may leave it out.
    pub(crate) fn is_optional(&self, container: &serde::Container) -> bool {
        self.serde.default || container.default || is_option(self.ty)
    }

    /// A `HashMap` or alike, whose names are not known.
    pub(crate) fn is_map(&self) -> bool {
        let layers = peel(self.ty).layers;
        layers.iter().find(|layer| !matches!(layer, Layer::Option | Layer::Pointer)) == Some(&Layer::Map)
    }

    /// The `WireField`; `must_match` is the wire name of the other field.
    pub(crate) fn wire_tokens(&self, must_match: Option<&str>) -> TokenStream {
        let peeled = peel(self.ty);
        let leaf = peeled.leaf;
        let mut set = TokenStream::new();
        // A flattened map has no names to tell.
        if self.serde.flatten && !self.is_map() {
            set.extend(quote_spanned! {leaf.span()=>
                nested: ::core::option::Option::Some(|| ::actix_charter::__private::Probe::<#leaf>::WIRE),
            });
        } else if self.rules.nested {
            set.extend(quote_spanned! {leaf.span()=>
                nested: ::core::option::Option::Some(|| <#leaf as ::actix_charter::model::Model>::WIRE),
            });
        }
        let maps = peeled.layers.iter().filter(|layer| **layer == Layer::Map).count();
        if maps > 0 && !self.serde.flatten {
            set.extend(quote!(maps: #maps,));
        }
        if self.null {
            set.extend(quote!(null: true,));
        }
        if self.commas {
            set.extend(quote!(commas: true,));
        }
        if let Some(other) = must_match {
            set.extend(quote!(must_match: ::core::option::Option::Some(#other),));
        }
        if let Some(upload) = self.upload.tokens() {
            set.extend(quote!(upload: ::core::option::Option::Some(#upload),));
        }
        let rust = &self.rust;
        let wire = if self.serde.flatten { "" } else { &self.wire };
        if set.is_empty() {
            return quote!(::actix_charter::model::WireField::new(#rust, #wire));
        }
        quote!(::actix_charter::model::WireField { #set ..::actix_charter::model::WireField::new(#rust, #wire) })
    }

    /// Runs what is left to run of the models inside, and gathers what it finds in `__all`: their functions where validator
    /// or garde goes down into the field by itself, all of their rules where not.
    pub(crate) fn check_inside(&self) -> Option<TokenStream> {
        let peeled = peel(self.ty);
        let leaf = peeled.leaf;
        let call = if self.rules.nested {
            quote_spanned!(leaf.span()=> <#leaf as ::actix_charter::model::Model>::check_functions(value, __context))
        } else if self.rules.skip || self.serde.skip || is_scalar(leaf) {
            return None;
        } else {
            // A type that is no model has no rules.
            quote_spanned!(leaf.span()=> ::actix_charter::__private::Probe::<#leaf>::check(value, __context))
        };
        let wire = if self.serde.flatten { "" } else { &self.wire };
        let mut location = TokenStream::new();
        if !wire.is_empty() {
            location.extend(quote!(::actix_charter::problem::push_pointer(&mut location, #wire);));
        }
        for (depth, layer) in peeled.layers.iter().enumerate() {
            let step = quote::format_ident!("step{depth}");
            match layer {
                Layer::List => location.extend(quote! {
                    ::actix_charter::problem::push_pointer(&mut location, &::std::string::ToString::to_string(&#step));
                }),
                Layer::Map => location.extend(quote! {
                    if let ::core::option::Option::Some(key) = (&::actix_charter::__private::Key(#step)).text() {
                        ::actix_charter::problem::push_pointer(&mut location, &key);
                    }
                }),
                Layer::Option | Layer::Pointer => {}
            }
        }
        let mut body = quote_spanned! {leaf.span()=>
            if let ::core::result::Result::Err(wrong) =
                #call
            {
                #[allow(unused_mut)]
                let mut location = ::std::string::String::new();
                #location
                __all.append_under(&location, wrong);
            }
        };
        for (depth, layer) in peeled.layers.iter().enumerate().rev() {
            let step = quote::format_ident!("step{depth}");
            body = match layer {
                Layer::Option => quote!(if let ::core::option::Option::Some(value) = value { #body }),
                Layer::Pointer => quote!({ let value = &**value; #body }),
                Layer::List => quote!(for (#step, value) in value.iter().enumerate() { #body }),
                Layer::Map => quote!(for (#step, value) in value.iter() { #body }),
            };
        }
        let ident = self.ident;
        Some(quote!({ let value = &self.#ident; #body }))
    }
}

/// A type that is known by its name to have no rules; nothing need be generated for it.
fn is_scalar(ty: &Type) -> bool {
    const SCALARS: &[&str] = &[
        "String",
        "bool",
        "char",
        "u8",
        "u16",
        "u32",
        "u64",
        "u128",
        "usize",
        "i8",
        "i16",
        "i32",
        "i64",
        "i128",
        "isize",
        "f32",
        "f64",
        "Uuid",
        "Value",
        "UploadedFile",
    ];
    match ty {
        Type::Path(path) => {
            path.path.segments.last().is_some_and(|last| SCALARS.iter().any(|scalar| last.ident == scalar))
        }
        _ => false,
    }
}
