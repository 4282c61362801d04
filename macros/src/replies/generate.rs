//! The `impl Replies`.

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::{DeriveInput, spanned::Spanned};

use super::parse::{Answer, Own};

pub(crate) fn implement(input: &DeriveInput, answers: &[Answer<'_>]) -> TokenStream {
    let mut declared = Vec::new();
    let mut describe = TokenStream::new();
    let mut arms = TokenStream::new();
    let mut groups: Vec<(u16, Vec<&Own<'_>>)> = Vec::new();
    for answer in answers {
        match answer {
            Answer::Own(own) => {
                arms.extend(arm(own));
                match groups.iter_mut().find(|(status, _)| *status == own.status) {
                    Some((_, group)) => group.push(own),
                    None => groups.push((own.status, vec![own])),
                }
            }
            Answer::Transparent { path, member, ty } => {
                let trait_ = quote_spanned!(ty.span()=> <#ty as ::actix_charter::response::Replies>);
                declared.push(quote!(#trait_::DECLARED));
                describe.extend(quote!(#trait_::describe(outputs);));
                arms.extend(quote!(#path { #member: inner } => #trait_::reply(inner, context),));
            }
        }
    }
    let own = groups.iter().map(|(status, group)| {
        let content = match group.first().and_then(|own| own.body.as_ref()) {
            Some((_, ty)) => quote_spanned! {ty.span()=>
                ::actix_charter::response::Content::Model(::actix_charter::model::TypeName::of::<#ty>())
            },
            None => quote!(::actix_charter::response::Content::Empty),
        };
        quote!(::actix_charter::response::Declared::One(#status, #content))
    });
    let declared: Vec<TokenStream> = own.chain(declared).collect();
    let outputs = groups.iter().map(|(status, group)| output(*status, group));

    let mut generics = input.generics.clone();
    if generics.type_params().next().is_some() {
        let bodies = answers.iter().filter_map(|answer| match answer {
            Answer::Own(own) => own.body.as_ref().map(|(_, ty)| ty),
            Answer::Transparent { .. } => None,
        });
        let clause = generics.make_where_clause();
        for ty in bodies {
            clause.predicates.push(syn::parse_quote! {
                #ty: ::actix_charter::__private::serde::Serialize + ::actix_charter::model::Model
            });
        }
    }
    let ident = &input.ident;
    let (parameters, arguments, bounds) = generics.split_for_impl();
    quote! {
        #[automatically_derived]
        const _: () = {
            impl #parameters ::actix_charter::response::Replies for #ident #arguments #bounds {
                const DECLARED: ::actix_charter::response::Declared =
                    ::actix_charter::response::Declared::All(&[#(#declared),*]);

                fn describe(outputs: &mut ::std::vec::Vec<::actix_charter::endpoint::Output>) {
                    #(#outputs)*
                    #describe
                }

                fn reply(
                    self,
                    context: &::actix_charter::response::ReplyContext<'_>,
                ) -> ::core::result::Result<
                    ::actix_charter::__private::actix_web::HttpResponse,
                    ::actix_charter::problem::Problem,
                > {
                    match self { #arms }
                }
            }
        };
    }
}

/// Pushes one `Output` for all answers with this status.
fn output(status: u16, group: &[&Own<'_>]) -> TokenStream {
    let endpoint = quote!(::actix_charter::endpoint);
    let content = match group.first().and_then(|own| own.body.as_ref()) {
        Some((_, ty)) => quote_spanned! {ty.span()=>
            #endpoint::OutputContent::Model(::actix_charter::model::SchemaOf::of::<#ty>())
        },
        None => quote!(#endpoint::OutputContent::Empty),
    };
    let mut texts: Vec<&str> = Vec::new();
    for text in group.iter().filter_map(|own| own.description.as_deref()) {
        if !texts.contains(&text) {
            texts.push(text);
        }
    }
    let description = (!texts.is_empty()).then(|| {
        let text = texts.join("; ");
        quote!(output.description = ::core::option::Option::Some(::std::borrow::Cow::Borrowed(#text));)
    });
    let headers = headers(group);
    let cookies = cookies(group);
    quote! {
        #[allow(unused_mut)]
        let mut output = #endpoint::Output::new(::core::option::Option::Some(#status), #content);
        #description
        #(output.headers.push(#headers);)*
        #(output.cookies.push(#cookies);)*
        outputs.push(output);
    }
}

fn headers(group: &[&Own<'_>]) -> Vec<TokenStream> {
    let spec = quote!(::actix_charter::endpoint::HeaderSpec);
    let mut names: Vec<&str> = Vec::new();
    let all = group.iter().flat_map(|own| {
        own.fixed.iter().map(|(name, _)| name).chain(own.headers.iter().map(|header| &header.what.name))
    });
    for name in all {
        if !names.contains(&name.as_str()) {
            names.push(name);
        }
    }
    let one = |name: &str| {
        let always = group.iter().all(|own| {
            own.fixed.iter().any(|(other, _)| other == name)
                || own.headers.iter().any(|header| header.what.name == name && header.is_required())
        });
        let constructor = if always { format_ident!("required") } else { format_ident!("optional") };
        let mut set = TokenStream::new();
        let mut fixed = group.iter().filter_map(|own| own.fixed.iter().find(|(other, _)| other == name));
        // Told as a constant only when every answer with this status sends the same.
        if let Some((_, value)) = fixed.next() {
            let same = group
                .iter()
                .all(|own| own.fixed.iter().any(|(n, v)| n == name && v.value() == value.value()));
            if same {
                set.extend(
                    quote!(value: ::core::option::Option::Some(::std::borrow::Cow::Borrowed(#value)),),
                );
            }
        }
        let described = group.iter().flat_map(|own| &own.headers).find(|header| header.what.name == name);
        if let Some(text) = described.and_then(|header| header.what.description.as_ref()) {
            set.extend(
                quote!(description: ::core::option::Option::Some(::std::borrow::Cow::Borrowed(#text)),),
            );
        }
        quote!(#spec { #set ..#spec::#constructor(#name) })
    };
    names.into_iter().map(one).collect()
}

fn cookies(group: &[&Own<'_>]) -> Vec<TokenStream> {
    let mut seen: Vec<String> = Vec::new();
    let mut out = Vec::new();
    for cookie in group.iter().flat_map(|own| &own.cookies) {
        let name = cookie.what.name.value();
        if seen.contains(&name) {
            continue;
        }
        let always = group.iter().all(|own| {
            own.cookies.iter().any(|other| other.what.name.value() == name && other.is_required())
        });
        out.push(cookie.what.tokens(always));
        seen.push(name);
    }
    out
}

/// The arm that writes one answer.
fn arm(own: &Own<'_>) -> TokenStream {
    let private = quote!(::actix_charter::__private);
    let Own { path, status, body, headers, cookies, fixed, .. } = own;
    let mut bindings = TokenStream::new();
    let mut steps = TokenStream::new();
    let start = match body {
        Some((member, ty)) => {
            bindings.extend(quote!(#member: body,));
            quote_spanned!(ty.span()=> context.model(#private::status_code(#status), &body)?)
        }
        None => quote!(context.empty(#private::status_code(#status))),
    };
    for (name, value) in fixed {
        steps.extend(quote!(#private::reply_header(&mut response, #name, &#value)?;));
    }
    let mut send =
        |index: usize, member: &syn::Member, required: bool, call: &dyn Fn(&syn::Ident) -> TokenStream| {
            let bound = format_ident!("field{index}");
            bindings.extend(quote!(#member: #bound,));
            let call = call(&bound);
            steps.extend(if required {
                call
            } else {
                quote!(if let ::core::option::Option::Some(#bound) = #bound { #call })
            });
        };
    for (index, header) in headers.iter().enumerate() {
        let name = &header.what.name;
        send(
            index,
            &header.member,
            header.is_required(),
            &|bound| quote_spanned!(header.ty.span()=> #private::reply_header(&mut response, #name, &#bound)?;),
        );
    }
    for (index, cookie) in cookies.iter().enumerate() {
        let spec = cookie.what.tokens(cookie.is_required());
        send(
            headers.len() + index,
            &cookie.member,
            cookie.is_required(),
            &|bound| quote_spanned!(cookie.ty.span()=> #private::reply_cookie(&mut response, &#spec, &#bound)?;),
        );
    }
    let mutable = (!steps.is_empty()).then(|| quote!(mut));
    quote! {
        #path { #bindings } => {
            let #mutable response = #start;
            #steps
            ::core::result::Result::Ok(response)
        }
    }
}

/// What keeps the rest of the program quiet while the attributes are wrong.
pub(crate) fn stub(input: &DeriveInput) -> TokenStream {
    let ident = &input.ident;
    let (generics, arguments, bounds) = input.generics.split_for_impl();
    quote! {
        const _: () = {
            impl #generics ::actix_charter::response::Replies for #ident #arguments #bounds {
                const DECLARED: ::actix_charter::response::Declared = ::actix_charter::response::Declared::Unknown;

                fn describe(_: &mut ::std::vec::Vec<::actix_charter::endpoint::Output>) {}

                fn reply(
                    self,
                    _: &::actix_charter::response::ReplyContext<'_>,
                ) -> ::core::result::Result<
                    ::actix_charter::__private::actix_web::HttpResponse,
                    ::actix_charter::problem::Problem,
                > {
                    ::core::result::Result::Err(::actix_charter::problem::Problem::internal())
                }
            }
        };
    }
}
