//! `#[derive(ApiError)]`: an error enum as problems.

use std::collections::BTreeMap;

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::{Attribute, Data, DeriveInput, Fields, Ident, LitStr, Type, ext::IdentExt, spanned::Spanned};

use crate::{
    attribute::{Entry, Seen, Value, own, unknown},
    doc::Doc,
    faults::Faults,
    http::header_name,
    model::is_option,
};

const KNOWN: &[&str] = &["status", "code", "title", "type", "transparent"];
/// Members that RFC 9457 and this crate give a meaning.
const RESERVED: &[&str] = &["type", "title", "status", "detail", "instance", "code", "errors", "more_errors"];

/// A variant, or the struct itself.
struct Case<'a> {
    ident: &'a Ident,
    /// `Type::Variant` or `Type`.
    path: TokenStream,
    fields: &'a Fields,
    kind: Kind<'a>,
}

enum Kind<'a> {
    Problem(Box<Declaration<'a>>),
    /// The inner error answers.
    Transparent(&'a Type),
    /// There was a fault; it stands for nothing.
    Faulty,
}

struct Declaration<'a> {
    status: u16,
    code: String,
    title: Option<LitStr>,
    type_uri: Option<LitStr>,
    doc: Option<String>,
    fields: Vec<Role<'a>>,
}

/// A field that is more than text for `Display`.
struct Role<'a> {
    index: usize,
    field: &'a syn::Field,
    header: Option<String>,
    extension: Option<String>,
}

pub(crate) fn expand(input: TokenStream) -> TokenStream {
    let input: DeriveInput = match syn::parse2(input) {
        Ok(input) => input,
        Err(error) => return error.to_compile_error(),
    };
    let mut faults = Faults::new();
    let cases = cases(&input, &mut faults);
    doubled_codes(&cases, &mut faults);
    if faults.is_empty() {
        return generate(&input, &cases);
    }
    let stub = stub(&input);
    let faults = faults.into_tokens();
    quote!(#stub #faults)
}

fn cases<'a>(input: &'a DeriveInput, faults: &mut Faults) -> Vec<Case<'a>> {
    match &input.data {
        Data::Enum(data) => {
            for entry in own(&input.attrs, "api", faults) {
                faults.at(&entry.key, "`#[api(..)]` goes above each variant of an enum");
            }
            data.variants
                .iter()
                .map(|variant| {
                    let ident = &variant.ident;
                    let ty = &input.ident;
                    case(ident, quote!(#ty::#ident), &variant.attrs, &variant.fields, "variant", faults)
                })
                .collect()
        }
        Data::Struct(data) => {
            let ident = &input.ident;
            vec![case(ident, quote!(#ident), &input.attrs, &data.fields, "struct", faults)]
        }
        Data::Union(data) => {
            faults.at(data.union_token, "a union cannot be an error; use an enum");
            Vec::new()
        }
    }
}

fn case<'a>(
    ident: &'a Ident,
    path: TokenStream,
    attributes: &[Attribute],
    fields: &'a Fields,
    what: &str,
    faults: &mut Faults,
) -> Case<'a> {
    let mut seen = Seen::default();
    let (mut status, mut code, mut title, mut type_uri, mut transparent) = (None, None, None, None, None);
    let mut status_is_faulty = false;
    for entry in own(attributes, "api", faults) {
        if KNOWN.iter().any(|known| entry.is(known)) && !seen.first(&entry.key, faults) {
            continue;
        }
        match entry.key.to_string().as_str() {
            "status" => {
                status = read_status(&entry, faults);
                status_is_faulty = status.is_none();
            }
            "code" => code = entry.text("email-taken", faults).filter(|code| is_code(code, faults)),
            "title" => title = entry.text("Already taken", faults),
            "type" => type_uri = entry.text("https://example.org/problems/taken", faults),
            "transparent" => {
                entry.flag(faults);
                transparent = Some(entry.key);
            }
            "header" | "extension" => {
                faults.at(&entry.key, format!("`{}` goes above a field, whose value it sends", entry.key));
            }
            _ => unknown(&entry.key, KNOWN, faults),
        }
    }
    let roles = roles(fields, faults);
    let kind = if let Some(key) = transparent {
        if seen.count() > 1 || !roles.is_empty() {
            faults.at(
                &key,
                "`transparent` leaves everything to the error inside; nothing else can be said beside it",
            );
        }
        match fields.iter().next() {
            Some(field) if fields.len() == 1 => Kind::Transparent(&field.ty),
            _ => {
                faults.at(&key, "`transparent` needs exactly one field, the error inside");
                Kind::Faulty
            }
        }
    } else if let Some(status) = status {
        let code = code.map_or_else(|| kebab(&ident.unraw().to_string()), |code| code.value());
        let doc = Doc::of(attributes).summary;
        Kind::Problem(Box::new(Declaration { status, code, title, type_uri, doc, fields: roles }))
    } else {
        if !status_is_faulty {
            faults.at(
                ident,
                format!("this {what} needs a status: `#[api(status = 409)]`, or `#[api(transparent)]`"),
            );
        }
        Kind::Faulty
    };
    Case { ident, path, fields, kind }
}

fn read_status(entry: &Entry, faults: &mut Faults) -> Option<u16> {
    let (status, literal) = entry.number::<u16>("409", faults)?;
    if (400..=599).contains(&status) {
        return Some(status);
    }
    faults.at(literal, format!("{status} is not the status of an error; use one from 400 to 599"));
    None
}

fn is_code(code: &LitStr, faults: &mut Faults) -> bool {
    let text = code.value();
    let fits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
    if !fits {
        faults.at(
            code,
            "a code is one word for programs, of letters, digits, `-`, `_` and `.`: `code = \"email-taken\"`",
        );
    }
    fits
}

fn roles<'a>(fields: &'a Fields, faults: &mut Faults) -> Vec<Role<'a>> {
    let mut all = Vec::new();
    for (index, field) in fields.iter().enumerate() {
        let mut role = Role { index, field, header: None, extension: None };
        let mut seen = Seen::default();
        for entry in own(&field.attrs, "api", faults) {
            match entry.key.to_string().as_str() {
                "header" if seen.first(&entry.key, faults) => {
                    role.header = entry
                        .text("Retry-After", faults)
                        .and_then(|name| header_name(&name, "a problem sets none", faults));
                }
                "extension" if seen.first(&entry.key, faults) => {
                    role.extension = extension_name(&entry, field, faults);
                }
                "header" | "extension" => {}
                _ => unknown(&entry.key, &["header", "extension"], faults),
            }
        }
        if role.header.is_some() || role.extension.is_some() {
            all.push(role);
        }
    }
    doubled_names(&all, |role| role.header.as_deref(), "header", faults);
    doubled_names(&all, |role| role.extension.as_deref(), "extension", faults);
    all
}

fn doubled_names<'a>(
    roles: &'a [Role<'a>],
    name: impl Fn(&'a Role<'a>) -> Option<&'a str>,
    what: &str,
    faults: &mut Faults,
) {
    for (index, role) in roles.iter().enumerate() {
        let Some(own) = name(role) else { continue };
        if roles.iter().take(index).any(|other| name(other) == Some(own)) {
            faults.at(&role.field.ty, format!("the {what} `{own}` is taken by another field"));
        }
    }
}

fn extension_name(entry: &Entry, field: &syn::Field, faults: &mut Faults) -> Option<String> {
    let name = match (&entry.value, &field.ident) {
        (Value::Flag, Some(ident)) => ident.unraw().to_string(),
        (Value::Flag, None) => {
            faults.at(&entry.key, "this field has no name to use; give one: `extension = \"balance\"`");
            return None;
        }
        _ => entry.text("balance", faults)?.value(),
    };
    if RESERVED.contains(&name.as_str()) {
        let message = format!("`{name}` has a meaning of its own in a problem (RFC 9457); use another name");
        match &entry.value {
            Value::Assigned(tokens) => faults.at(tokens, message),
            _ => faults.at(&entry.key, message),
        }
        return None;
    }
    Some(name)
}

fn doubled_codes(cases: &[Case<'_>], faults: &mut Faults) {
    let mut seen: Vec<(&str, &Ident)> = Vec::new();
    for case in cases {
        let Kind::Problem(problem) = &case.kind else { continue };
        match seen.iter().find(|(code, _)| *code == problem.code) {
            Some((code, first)) => {
                faults.at(
                    case.ident,
                    format!(
                        "`{first}` has the code `{code}` already; give this one another: `code = \"..\"`"
                    ),
                );
            }
            None => seen.push((&problem.code, case.ident)),
        }
    }
}

/// `EmailTaken` is `email-taken`, `HTTPFailed` is `http-failed`.
fn kebab(name: &str) -> String {
    let chars: Vec<char> = name.chars().collect();
    let mut out = String::new();
    for (index, c) in chars.iter().enumerate() {
        let before = index.checked_sub(1).and_then(|index| chars.get(index));
        let after = chars.get(index + 1);
        let starts = c.is_uppercase()
            && before.is_some_and(|before| {
                !before.is_uppercase() || after.is_some_and(|after| after.is_lowercase())
            });
        if (*c == '_' || starts) && !out.is_empty() && !out.ends_with('-') {
            out.push('-');
        }
        if *c != '_' {
            out.extend(c.to_lowercase());
        }
    }
    out
}

fn generate(input: &DeriveInput, cases: &[Case<'_>]) -> TokenStream {
    let private = quote!(::actix_charter::__private);
    let ident = &input.ident;
    let (generics, arguments, bounds) = input.generics.split_for_impl();

    // One answer a status, in the order of the first variant that has it.
    let mut groups: BTreeMap<u16, Vec<&Declaration<'_>>> = BTreeMap::new();
    for case in cases {
        if let Kind::Problem(problem) = &case.kind {
            groups.entry(problem.status).or_default().push(problem);
        }
    }
    let inner: Vec<&Type> = cases
        .iter()
        .filter_map(|case| match &case.kind {
            Kind::Transparent(ty) => Some(*ty),
            _ => None,
        })
        .collect();
    let statuses = groups.keys();
    let declared_inner = inner
        .iter()
        .map(|ty| quote_spanned!(ty.span()=> <#ty as ::actix_charter::response::Replies>::DECLARED));
    let outputs = groups.iter().map(|(status, problems)| output(*status, problems));
    let describe_inner = inner.iter().map(
        |ty| quote_spanned!(ty.span()=> <#ty as ::actix_charter::response::Replies>::describe(outputs);),
    );

    let reply_inner = cases.iter().filter_map(|case| match &case.kind {
        Kind::Transparent(ty) => {
            let pattern = whole(case);
            Some(quote_spanned! {ty.span()=>
                #pattern => return <#ty as ::actix_charter::response::Replies>::reply(inner, context),
            })
        }
        _ => None,
    });
    let convert_inner = cases.iter().filter_map(|case| match &case.kind {
        Kind::Transparent(ty) => {
            let pattern = whole(case);
            Some(quote_spanned! {ty.span()=>
                #pattern => return <::actix_charter::problem::Problem as ::core::convert::From<#ty>>::from(inner),
            })
        }
        _ => None,
    });
    let arms = cases.iter().map(arm);
    let body = if cases.is_empty() {
        quote!(match error {})
    } else {
        quote! {
            #[allow(unreachable_patterns)]
            let error = match error { #(#convert_inner)* error => error };
            let problem = match &error { #(#arms)* };
            let source = (&#private::Cause(&error)).source();
            #private::told(problem, &error, source)
        }
    };
    let body = quote_spanned!(ident.span()=> #body);

    quote! {
        #[automatically_derived]
        const _: () = {
            #[allow(unused_imports)]
            use #private::{HasSource as _, NoSource as _};

            impl #generics ::core::convert::From<#ident #arguments> for ::actix_charter::problem::Problem #bounds {
                fn from(error: #ident #arguments) -> Self {
                    #body
                }
            }

            impl #generics ::actix_charter::response::Replies for #ident #arguments #bounds {
                const DECLARED: ::actix_charter::response::Declared = ::actix_charter::response::Declared::All(&[
                    #(::actix_charter::response::Declared::One(
                        #statuses,
                        ::actix_charter::response::Content::Problem,
                    ),)*
                    #(#declared_inner,)*
                ]);

                fn describe(outputs: &mut ::std::vec::Vec<::actix_charter::endpoint::Output>) {
                    let _ = &outputs;
                    #(outputs.push(#outputs);)*
                    #(#describe_inner)*
                }

                #[allow(unreachable_patterns)]
                fn reply(
                    self,
                    context: &::actix_charter::response::ReplyContext<'_>,
                ) -> ::core::result::Result<#private::actix_web::HttpResponse, ::actix_charter::problem::Problem> {
                    let _ = context;
                    match self {
                        #(#reply_inner)*
                        error => ::core::result::Result::Err(::core::convert::From::from(error)),
                    }
                }
            }
        };
    }
}

/// A pattern that binds the only field as `inner`.
fn whole(case: &Case<'_>) -> TokenStream {
    let path = &case.path;
    match case.fields.iter().next().and_then(|field| field.ident.as_ref()) {
        Some(name) => quote!(#path { #name: inner }),
        None => quote!(#path(inner)),
    }
}

/// The arm of `match &error`.
fn arm(case: &Case<'_>) -> TokenStream {
    let path = &case.path;
    let Kind::Problem(problem) = &case.kind else {
        return quote!(#path { .. } => ::actix_charter::problem::Problem::internal(),);
    };
    let private = quote!(::actix_charter::__private);
    let Declaration { status, code, title, type_uri, fields, .. } = &**problem;
    let option = |text: &Option<LitStr>| match text {
        Some(text) => quote!(::core::option::Option::Some(#text)),
        None => quote!(::core::option::Option::None),
    };
    let (title, type_uri) = (option(title), option(type_uri));
    let mut bindings = TokenStream::new();
    let mut steps = TokenStream::new();
    for role in fields {
        let member = match &role.field.ident {
            Some(ident) => syn::Member::Named(ident.clone()),
            None => syn::Member::from(role.index),
        };
        let bound = format_ident!("field{}", role.index);
        bindings.extend(quote!(#member: #bound,));
        let span = role.field.ty.span();
        let mut calls = TokenStream::new();
        if let Some(name) = &role.header {
            calls.extend(
                quote_spanned!(span=> let problem = #private::problem_header(problem, #name, #bound);),
            );
        }
        if let Some(name) = &role.extension {
            calls.extend(
                quote_spanned!(span=> let problem = #private::problem_extension(problem, #name, #bound);),
            );
        }
        steps.extend(if is_option(&role.field.ty) {
            quote! {
                let problem = match #bound {
                    ::core::option::Option::Some(#bound) => { #calls problem }
                    ::core::option::Option::None => problem,
                };
            }
        } else {
            calls
        });
    }
    quote! {
        #path { #bindings .. } => {
            let problem = #private::declared_problem(#status, #code, #title, #type_uri);
            #steps
            problem
        }
    }
}

/// All problems of one status, as the document shows them.
fn output(status: u16, problems: &[&Declaration<'_>]) -> TokenStream {
    let texts: Vec<String> = problems
        .iter()
        .map(|problem| match problem.title.as_ref().map(LitStr::value).or_else(|| problem.doc.clone()) {
            Some(text) => format!("`{}`: {text}", problem.code),
            None => format!("`{}`", problem.code),
        })
        .collect();
    let description = texts.join("; ");
    let mut names: Vec<&str> = Vec::new();
    for name in problems.iter().flat_map(|problem| &problem.fields).filter_map(|role| role.header.as_deref())
    {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let headers = names.iter().map(|name| {
        let always = problems.iter().all(|problem| {
            problem
                .fields
                .iter()
                .any(|role| role.header.as_deref() == Some(name) && !is_option(&role.field.ty))
        });
        let constructor = if always { format_ident!("required") } else { format_ident!("optional") };
        quote!(::actix_charter::endpoint::HeaderSpec::#constructor(#name))
    });
    quote!(::actix_charter::__private::problem_output(#status, #description, ::std::vec![#(#headers),*]))
}

/// What keeps the rest of the program quiet while the attributes are wrong.
fn stub(input: &DeriveInput) -> TokenStream {
    let ident = &input.ident;
    let (generics, arguments, bounds) = input.generics.split_for_impl();
    quote! {
        const _: () = {
            impl #generics ::core::convert::From<#ident #arguments> for ::actix_charter::problem::Problem #bounds {
                fn from(_: #ident #arguments) -> Self {
                    ::actix_charter::problem::Problem::internal()
                }
            }

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

#[cfg(test)]
mod tests {
    use super::kebab;

    #[test]
    fn codes_from_names() {
        for (name, code) in [
            ("EmailTaken", "email-taken"),
            ("HTTPFailed", "http-failed"),
            ("NotFound404", "not-found404"),
            ("Gone", "gone"),
            ("IoError", "io-error"),
            ("Snake_Case", "snake-case"),
        ] {
            assert_eq!(kebab(name), code);
        }
    }
}
