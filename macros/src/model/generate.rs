//! The `impl Model`.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::{
    Attribute, Data, DeriveInput, Fields, GenericParam, Path, Type, ext::IdentExt, parse_quote,
    spanned::Spanned,
};

use super::{field::Field, rules::Rules, serde};
use crate::{
    attribute::{Value, own, unknown},
    faults::Faults,
};

/// What a type is, as far as the derive cares.
enum Shape<'a> {
    /// `struct S { .. }`
    Named(Vec<Field<'a>>),
    /// `struct S(T);` or `#[serde(transparent)] struct S { t: T }`: on the wire, nothing but a `T`.
    Wrapper { member: syn::Member, ty: &'a Type },
    /// `struct S(A, B);`, `struct S;` and `struct S();`
    Values(usize),
    /// `enum E { A, B }`
    Words,
    /// Any other `enum`.
    Variants,
}

pub(crate) fn expand(input: TokenStream) -> TokenStream {
    let mut input: DeriveInput = match syn::parse2(input) {
        Ok(input) => input,
        Err(error) => return error.to_compile_error(),
    };
    let mut faults = Faults::new();
    let functions = container(&input.attrs, &mut faults);
    refuse_borrowing(&input, &mut faults);
    bind_parameters(&mut input);
    let container = serde::Container::read(&input.attrs);
    let rules = match &input.data {
        Data::Struct(data) => Rules::read(&input.attrs, Some(&data.fields), &mut faults),
        Data::Enum(_) | Data::Union(_) => Rules::read(&input.attrs, None, &mut faults),
    };
    let shape = shape(&input, &container, &rules, &mut faults);
    if !faults.is_empty() {
        // What cannot be a model at all gets no stub either: its own complaints would only hide ours.
        let hopeless = matches!(input.data, Data::Union(_)) || input.generics.lifetimes().next().is_some();
        let stub = (!hopeless).then(|| implement(&input, &TokenStream::new()));
        let faults = faults.into_tokens();
        return quote!(#stub #faults);
    }
    let wire = wire(&shape, &rules, &mut faults);
    let path = path(&shape, &container);
    let check = check(&shape, &rules, &functions, &input);
    let body = implement(&input, &quote!(#wire #path #check));
    let faults = faults.into_tokens();
    quote!(#body #faults)
}

/// `#[model(check = path)]` above the type.
fn container(attributes: &[Attribute], faults: &mut Faults) -> Vec<Path> {
    let mut functions = Vec::new();
    for entry in own(attributes, "model", faults) {
        match (entry.key.to_string().as_str(), &entry.value) {
            ("check", Value::Assigned(tokens)) => match syn::parse2::<Path>(tokens.clone()) {
                Ok(path) => functions.push(path),
                Err(_) => {
                    faults.at(tokens, "`check` takes a function by its path: `check = path::to::function`");
                }
            },
            ("check", _) => {
                faults.at(&entry.key, "`check` takes a function by its path: `check = path::to::function`");
            }
            ("null" | "commas" | "max_size" | "max_files" | "accept", _) => {
                faults.at(&entry.key, format!("`{}` goes above a field", entry.key));
            }
            _ => unknown(&entry.key, &["check"], faults),
        }
    }
    functions
}

fn refuse_borrowing(input: &DeriveInput, faults: &mut Faults) {
    for lifetime in input.generics.lifetimes() {
        faults
            .at(lifetime, "a model owns its data; use `String` or another owned type instead of a reference");
    }
}

/// Every type parameter is a model itself.
fn bind_parameters(input: &mut DeriveInput) {
    for parameter in &mut input.generics.params {
        if let GenericParam::Type(parameter) = parameter {
            parameter.bounds.push(parse_quote!(::actix_charter::model::Model));
        }
    }
}

fn shape<'a>(
    input: &'a DeriveInput,
    container: &serde::Container,
    rules: &Rules,
    faults: &mut Faults,
) -> Shape<'a> {
    let nest_all = rules.validator.as_ref().is_some_and(|validator| validator.nest_all_fields);
    match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(fields) => {
                let list = || {
                    fields.named.iter().filter_map(|field| field.ident.as_ref().map(|ident| (ident, field)))
                };
                let all: Vec<_> = list()
                    .map(|(ident, field)| Field::read(ident, field, container, nest_all, faults))
                    .collect();
                match (list().next(), container.transparent && all.len() == 1 && rules.is_empty()) {
                    (Some((ident, field)), true) => {
                        Shape::Wrapper { member: ident.clone().into(), ty: &field.ty }
                    }
                    _ => Shape::Named(all),
                }
            }
            Fields::Unnamed(fields) => {
                fields.unnamed.iter().for_each(|field| refuse_at_nameless(&field.attrs, faults));
                match fields.unnamed.first() {
                    Some(field) if fields.unnamed.len() == 1 => {
                        Shape::Wrapper { member: syn::Member::from(0), ty: &field.ty }
                    }
                    _ => Shape::Values(fields.unnamed.len()),
                }
            }
            Fields::Unit => Shape::Values(0),
        },
        Data::Enum(data) => {
            for variant in &data.variants {
                refuse_at_nameless(&variant.attrs, faults);
                variant.fields.iter().for_each(|field| refuse_at_nameless(&field.attrs, faults));
            }
            if data.variants.iter().all(|variant| variant.fields.is_empty()) {
                Shape::Words
            } else {
                Shape::Variants
            }
        }
        Data::Union(data) => {
            faults.at(data.union_token, "a union cannot be a model; use an enum");
            Shape::Variants
        }
    }
}

fn refuse_at_nameless(attributes: &[Attribute], faults: &mut Faults) {
    for entry in own(attributes, "model", faults) {
        faults.at(&entry.key, "`#[model(..)]` goes above a named field of a struct");
    }
}

/// `const WIRE`.
fn wire(shape: &Shape<'_>, rules: &Rules, faults: &mut Faults) -> Option<TokenStream> {
    let list = match shape {
        Shape::Named(fields) => {
            let list: Vec<_> = fields
                .iter()
                .filter(|field| !field.serde.skip)
                .map(|field| {
                    let other = field.rules.must_match.as_ref();
                    let other = other.and_then(|rust| fields.iter().find(|field| field.ident == rust));
                    field.wire_tokens(other.map(|field| field.wire.as_str()))
                })
                .collect();
            doubled(fields, faults);
            quote!(&[#(#list),*])
        }
        // garde calls the field by its number; on the wire it has no name.
        Shape::Wrapper { member, ty } if rules.garde.is_some() => {
            let rust = match member {
                syn::Member::Named(ident) => ident.unraw().to_string(),
                syn::Member::Unnamed(index) => index.index.to_string(),
            };
            quote!(&[::actix_charter::model::WireField {
                nested: ::core::option::Option::Some(|| ::actix_charter::__private::Probe::<#ty>::WIRE),
                ..::actix_charter::model::WireField::new(#rust, "")
            }])
        }
        Shape::Wrapper { ty, .. } => quote!(::actix_charter::__private::Probe::<#ty>::WIRE),
        Shape::Values(_) | Shape::Words | Shape::Variants => return None,
    };
    Some(quote!(const WIRE: &'static [::actix_charter::model::WireField] = #list;))
}

/// Two fields with one wire name: serde would fill only one of them.
fn doubled(fields: &[Field<'_>], faults: &mut Faults) {
    let named: Vec<_> = fields.iter().filter(|field| !field.serde.skip && !field.serde.flatten).collect();
    for (index, field) in named.iter().enumerate() {
        if let Some(first) = named.iter().take(index).find(|other| other.wire == field.wire) {
            faults.at(
                field.ident,
                format!(
                    "`{}` and `{}` are both `{}` on the wire; rename one",
                    first.rust, field.rust, field.wire
                ),
            );
        }
    }
}

/// `const PATH`.
fn path(shape: &Shape<'_>, container: &serde::Container) -> TokenStream {
    let names = quote!(::actix_charter::model::PathNames);
    let path = match shape {
        _ if container.converted => quote!(#names::Any),
        Shape::Named(fields) => {
            if let ([field], true) = (fields.as_slice(), container.transparent) {
                let ty = field.ty;
                return quote! {
                    const PATH: ::actix_charter::model::PathNames = ::actix_charter::__private::Probe::<#ty>::PATH;
                };
            }
            let fields = fields.iter().filter(|field| !field.serde.skip);
            if fields.clone().any(|field| field.serde.flatten || field.is_map()) {
                quote!(#names::Any)
            } else {
                let (optional, required): (Vec<_>, Vec<_>) =
                    fields.partition(|field| field.is_optional(container));
                let wire = |fields: Vec<&Field<'_>>| {
                    fields.iter().map(|field| field.wire.clone()).collect::<Vec<_>>()
                };
                let (optional, required) = (wire(optional), wire(required));
                quote!(#names::Names { required: &[#(#required),*], optional: &[#(#optional),*] })
            }
        }
        Shape::Wrapper { ty, .. } => quote!(::actix_charter::__private::Probe::<#ty>::PATH),
        Shape::Values(count) => quote!(#names::Count(#count)),
        Shape::Words => quote!(#names::Single),
        Shape::Variants => quote!(#names::Any),
    };
    quote!(const PATH: ::actix_charter::model::PathNames = #path;)
}

/// `fn check` and `fn check_functions`, when there is anything to check.
///
/// Where validator or garde goes down into a field, only the functions of the models there are left to run; everywhere else
/// their rules are run too, since the document shows them.
fn check(shape: &Shape<'_>, rules: &Rules, functions: &[Path], input: &DeriveInput) -> TokenStream {
    let mut below = TokenStream::new();
    match shape {
        Shape::Named(fields) => {
            below.extend(fields.iter().filter_map(Field::check_inside));
        }
        Shape::Wrapper { member, ty } => below.extend(quote! {
            if let ::core::result::Result::Err(wrong) =
                ::actix_charter::__private::Probe::<#ty>::check_functions(&self.#member, __context)
            {
                __all.append(wrong);
            }
        }),
        Shape::Values(_) | Shape::Words | Shape::Variants => {}
    }
    for function in functions {
        below.extend(quote_spanned! {function.span()=>
            let result: ::core::result::Result<(), ::actix_charter::model::Violations> = #function(self, __context);
            if let ::core::result::Result::Err(wrong) = result {
                __all.append(wrong);
            }
        });
    }
    let run = run(rules, input);
    if run.is_empty() && below.is_empty() {
        return TokenStream::new();
    }
    let inner = match shape {
        // Without rules of its own, a wrapper is held to those of what it wraps.
        Shape::Wrapper { member, ty } if rules.is_empty() => {
            let own = functions.iter().map(|function| {
                quote_spanned! {function.span()=>
                    let result: ::core::result::Result<(), ::actix_charter::model::Violations> =
                        #function(self, __context);
                    if let ::core::result::Result::Err(wrong) = result {
                        __all.append(wrong);
                    }
                }
            });
            quote! {
                if let ::core::result::Result::Err(wrong) =
                    ::actix_charter::__private::Probe::<#ty>::check(&self.#member, __context)
                {
                    __all.append(wrong);
                }
                #(#own)*
            }
        }
        _ if below.is_empty() => run,
        _ => quote! {
            #run
            if let ::core::result::Result::Err(wrong) = <Self as ::actix_charter::model::Model>::check_functions(self, __context) {
                __all.append(wrong);
            }
        },
    };
    let check = method(&quote!(check), &inner);
    let check_functions = (!below.is_empty()).then(|| method(&quote!(check_functions), &below));
    quote!(#check #check_functions)
}

fn method(name: &TokenStream, body: &TokenStream) -> TokenStream {
    quote! {
        fn #name(
            &self,
            __context: &::actix_charter::model::CheckContext<'_>,
        ) -> ::core::result::Result<(), ::actix_charter::model::Violations> {
            let mut __all = ::actix_charter::model::Violations::new();
            #body
            __all.into_result()
        }
    }
}

/// Runs validator and garde.
fn run(rules: &Rules, input: &DeriveInput) -> TokenStream {
    let span = input.ident.span();
    let private = quote!(::actix_charter::__private);
    let wire = quote!(<Self as ::actix_charter::model::Model>::WIRE);
    let mut out = TokenStream::new();
    let mut add = |context: Option<TokenStream>, call: TokenStream, map: TokenStream| {
        let run = quote! {
            if let ::core::result::Result::Err(errors) = #call {
                __all.append(#private::#map(&errors, #wire));
            }
        };
        out.extend(match context {
            None => run,
            Some(ty) => quote! {
                match #private::check_data::<#ty>(__context) {
                    ::core::option::Option::Some(data) => { #run }
                    ::core::option::Option::None => __all.append(::actix_charter::model::Violations::internal()),
                }
            },
        });
    };
    if let Some(validator) = &rules.validator {
        let map = quote!(from_validator);
        match &validator.context {
            None => add(None, quote_spanned!(span=> #private::validator::Validate::validate(self)), map),
            Some(ty) => add(
                Some(quote!(#ty)),
                quote_spanned!(span=> #private::validator::ValidateArgs::validate_with_args(self, data)),
                map,
            ),
        }
    }
    if let Some(garde) = &rules.garde {
        let map = quote!(from_garde);
        match &garde.context {
            None => {
                add(None, quote_spanned!(span=> #private::garde::Validate::validate_with(self, &())), map);
            }
            Some(ty) => {
                let call = quote_spanned!(span=> #private::garde::Validate::validate_with(self, data));
                add(Some(quote!(#ty)), call, map);
            }
        }
    }
    out
}

fn implement(input: &DeriveInput, body: &TokenStream) -> TokenStream {
    let ident = &input.ident;
    let name = ident.unraw().to_string();
    let (generics, arguments, bounds) = input.generics.split_for_impl();
    let parameters: Vec<_> = input.generics.type_params().map(|parameter| &parameter.ident).collect();
    let types = (!parameters.is_empty()).then(|| {
        quote! {
            const ARGUMENTS: &'static [::actix_charter::model::TypeName] =
                &[#(::actix_charter::model::TypeName::of::<#parameters>()),*];
        }
    });
    quote! {
        #[automatically_derived]
        const _: () = {
            #[allow(unused_imports)]
            use ::actix_charter::__private::{AnyKey as _, NotAModel as _, TextKey as _};

            impl #generics ::actix_charter::model::Model for #ident #arguments #bounds {
                const NAME: &'static str =
                    ::core::concat!(::core::module_path!(), "::", #name);
                #types
                #body
            }
        };
    }
}
