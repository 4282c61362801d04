//! What the attributes say, held to what HTTP allows.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{
    Attribute, Data, DeriveInput, Fields, Ident, LitInt, LitStr, Member, Token, Type, parse::Parser,
    punctuated::Punctuated,
};

use super::cookie::{self, Cookie};
use crate::{
    attribute::{Entry, Seen, Value, own, unknown},
    doc::Doc,
    faults::Faults,
    http::{header_name, is_bodiless, is_header_value},
    model::is_option,
};

const KNOWN: &[&str] = &["status", "description", "header", "transparent"];
/// What to do instead of declaring `Set-Cookie`.
const COOKIES: &str = "write `cookie = \"name\"` above the field";
const KNOWN_AT_FIELD: &[&str] = &["body", "header", "cookie"];

/// A variant, or the struct itself.
pub(crate) enum Answer<'a> {
    Own(Own<'a>),
    /// The type inside answers.
    Transparent {
        path: TokenStream,
        member: Member,
        ty: &'a Type,
    },
}

pub(crate) struct Own<'a> {
    /// `Type::Variant` or `Type`.
    pub(crate) path: TokenStream,
    pub(crate) status: u16,
    pub(crate) description: Option<String>,
    pub(crate) body: Option<(Member, &'a Type)>,
    pub(crate) headers: Vec<Header<'a>>,
    pub(crate) cookies: Vec<Field<'a, Cookie>>,
    /// Headers that are always the same.
    pub(crate) fixed: Vec<(String, LitStr)>,
}

/// A field whose value is sent.
pub(crate) struct Field<'a, T> {
    pub(crate) member: Member,
    pub(crate) ty: &'a Type,
    pub(crate) what: T,
}

impl<T> Field<'_, T> {
    pub(crate) fn is_required(&self) -> bool {
        !is_option(self.ty)
    }
}

pub(crate) type Header<'a> = Field<'a, HeaderText>;

pub(crate) struct HeaderText {
    pub(crate) name: String,
    pub(crate) description: Option<String>,
}

pub(crate) fn answers<'a>(input: &'a DeriveInput, faults: &mut Faults) -> Vec<Answer<'a>> {
    let ty = &input.ident;
    let mut statuses: Vec<(u16, String)> = Vec::new();
    match &input.data {
        Data::Enum(data) => {
            for entry in own(&input.attrs, "reply", faults) {
                faults.at(&entry.key, "`#[reply(..)]` goes above each variant of an enum");
            }
            if data.variants.is_empty() {
                faults.at(ty, "an enum without variants has no answer to give");
            }
            data.variants
                .iter()
                .filter_map(|variant| {
                    let ident = &variant.ident;
                    let path = quote!(#ty::#ident);
                    answer(ident, path, &variant.attrs, &variant.fields, &mut statuses, faults)
                })
                .collect()
        }
        Data::Struct(data) => {
            answer(ty, quote!(#ty), &input.attrs, &data.fields, &mut statuses, faults).into_iter().collect()
        }
        Data::Union(data) => {
            faults.at(data.union_token, "a union cannot be an answer; use an enum");
            Vec::new()
        }
    }
}

fn answer<'a>(
    ident: &Ident,
    path: TokenStream,
    attributes: &[Attribute],
    fields: &'a Fields,
    statuses: &mut Vec<(u16, String)>,
    faults: &mut Faults,
) -> Option<Answer<'a>> {
    let entries = own(attributes, "reply", faults);
    if let Some(entry) = entries.iter().find(|entry| entry.is("transparent")) {
        entry.flag(faults);
        return transparent(&entries, entry, path, fields, faults);
    }
    let mut seen = Seen::default();
    let (mut status, mut description, mut fixed) = (None, None, Vec::new());
    let mut status_is_said = false;
    for entry in &entries {
        if entry.is("header") {
            fixed_headers(entry, &mut fixed, faults);
            continue;
        }
        if KNOWN.iter().any(|known| entry.is(known)) && !seen.first(&entry.key, faults) {
            continue;
        }
        match entry.key.to_string().as_str() {
            "status" => {
                status_is_said = true;
                status = read_status(entry, faults);
            }
            "description" => description = entry.text("The user.", faults).map(|text| text.value()),
            "body" | "cookie" => faults.at(&entry.key, format!("`{}` goes above a field", entry.key)),
            _ => unknown(&entry.key, KNOWN, faults),
        }
    }
    let mut this = Own {
        path,
        status: 0,
        description: description.or_else(|| whole_text(&Doc::of(attributes))),
        body: None,
        headers: Vec::new(),
        cookies: Vec::new(),
        fixed,
    };
    read_fields(&mut this, fields, faults);
    doubled(&this, faults);
    let Some((status, literal)) = status else {
        if !status_is_said {
            faults.at(
                ident,
                "this answer needs a status: `#[reply(status = 200)]`, or `#[reply(transparent)]`",
            );
        }
        return None;
    };
    this.status = status;
    if let Some((_, ty)) = this.body.as_ref().filter(|_| is_bodiless(status)) {
        faults.at(
            ty,
            format!("an answer with status {status} never has a body (RFC 9110); leave the field out"),
        );
    }
    let content = this.body.as_ref().map_or_else(String::new, |(_, ty)| ty.to_token_stream().to_string());
    match statuses.iter().find(|(other, _)| *other == status) {
        Some((_, other)) if *other != content => {
            faults.at(
                literal,
                format!(
                    "status {status} has another body in a variant above; one status has one kind of body"
                ),
            );
        }
        Some(_) => {}
        None => statuses.push((status, content)),
    }
    Some(Answer::Own(this))
}

fn transparent<'a>(
    entries: &[Entry],
    entry: &Entry,
    path: TokenStream,
    fields: &'a Fields,
    faults: &mut Faults,
) -> Option<Answer<'a>> {
    if entries.len() > 1 {
        faults.at(
            &entry.key,
            "`transparent` leaves everything to the type inside; nothing else can be said beside it",
        );
    }
    for field in fields {
        for entry in own(&field.attrs, "reply", faults) {
            faults.at(&entry.key, "below `transparent` nothing can be said of a field");
        }
    }
    match fields.members().zip(fields).next() {
        Some((member, field)) if fields.len() == 1 => {
            Some(Answer::Transparent { path, member, ty: &field.ty })
        }
        _ => {
            faults.at(&entry.key, "`transparent` needs exactly one field, the answer inside");
            None
        }
    }
}

fn read_status(entry: &Entry, faults: &mut Faults) -> Option<(u16, LitInt)> {
    let (status, literal) = entry.number::<u16>("200", faults)?;
    if (100..=599).contains(&status) {
        return Some((status, literal));
    }
    faults.at(literal, format!("{status} is not a status; use one from 100 to 599"));
    None
}

/// `header("Cache-Control" = "no-store")`
fn fixed_headers(entry: &Entry, fixed: &mut Vec<(String, LitStr)>, faults: &mut Faults) {
    const MESSAGE: &str = "a header that is always the same is written `header(\"Cache-Control\" = \"no-store\")`; above a field, `header = \"ETag\"`";
    let Value::List(tokens) = &entry.value else {
        return faults.at(&entry.key, MESSAGE);
    };
    let pair = |input: syn::parse::ParseStream<'_>| -> syn::Result<(LitStr, LitStr)> {
        let name = input.parse()?;
        input.parse::<Token![=]>()?;
        Ok((name, input.parse()?))
    };
    let list =
        |input: syn::parse::ParseStream<'_>| Punctuated::<_, Token![,]>::parse_terminated_with(input, pair);
    let Some(list) = list.parse2(tokens.clone()).ok().filter(|list| !list.is_empty()) else {
        return faults.at(&entry.key, MESSAGE);
    };
    for (name, value) in list {
        if !is_header_value(&value.value()) {
            faults.at(&value, "a header's value is visible ASCII, without spaces around it (RFC 9110)");
        }
        let Some(lower) = header_name(&name, COOKIES, faults) else { continue };
        if fixed.iter().any(|(other, _)| *other == lower) {
            faults.at(&name, format!("`{}` is declared twice", name.value()));
        }
        fixed.push((lower, value));
    }
}

fn read_fields<'a>(this: &mut Own<'a>, fields: &'a Fields, faults: &mut Faults) {
    for (member, field) in fields.members().zip(fields) {
        let entries = own(&field.attrs, "reply", faults);
        let role = entries.iter().find(|entry| KNOWN_AT_FIELD.iter().any(|known| entry.is(known)));
        match role {
            Some(entry) if entry.is("header") => {
                only(&entries, entry, faults);
                let description = Doc::of(&field.attrs).summary;
                if let Some(name) = entry.text("ETag", faults).and_then(|name| header_name(&name, COOKIES, faults)) {
                    this.headers.push(Field { member, ty: &field.ty, what: HeaderText { name, description } });
                }
            }
            Some(entry) if entry.is("cookie") => {
                let others: Vec<&Entry> = entries.iter().filter(|other| !std::ptr::eq(*other, entry)).collect();
                if let Some(name) = entry.text("sid", faults) {
                    let cookie = Cookie::read(name, &others, &field.attrs, faults);
                    this.cookies.push(Field { member, ty: &field.ty, what: cookie });
                }
            }
            Some(entry) => {
                only(&entries, entry, faults);
                if entry.flag(faults) {
                    body(this, member, field, faults);
                }
            }
            None if !entries.is_empty() => {
                for entry in &entries {
                    if cookie::KNOWN.iter().any(|known| entry.is(known)) {
                        faults.at(&entry.key, format!("`{}` belongs to a cookie: `cookie = \"sid\", ..`", entry.key));
                    } else {
                        unknown(&entry.key, KNOWN_AT_FIELD, faults);
                    }
                }
            }
            None => match &member {
                Member::Unnamed(_) => body(this, member, field, faults),
                Member::Named(ident) if ident == "body" => body(this, member, field, faults),
                Member::Named(ident) => faults.at(
                    ident,
                    format!(
                        "`{ident}` is sent nowhere; say `#[reply(body)]`, `#[reply(header = \"..\")]` or `#[reply(cookie = \"..\")]`"
                    ),
                ),
            },
        }
    }
}

fn body<'a>(this: &mut Own<'a>, member: Member, field: &'a syn::Field, faults: &mut Faults) {
    if this.body.is_some() {
        faults.at(
            &field.ty,
            "an answer has one body; send this as a header or cookie, or make both fields of one model",
        );
        return;
    }
    this.body = Some((member, &field.ty));
}

/// A body or header has nothing beside it.
fn only(entries: &[Entry], role: &Entry, faults: &mut Faults) {
    for entry in entries.iter().filter(|entry| !std::ptr::eq(*entry, role)) {
        if KNOWN_AT_FIELD.iter().any(|known| entry.is(known)) {
            faults.at(&entry.key, format!("this field is sent as `{}` already", role.key));
        } else if cookie::KNOWN.iter().any(|known| entry.is(known)) {
            faults.at(&entry.key, format!("`{}` belongs to a cookie: `cookie = \"sid\", ..`", entry.key));
        } else {
            unknown(&entry.key, KNOWN_AT_FIELD, faults);
        }
    }
}

fn doubled(this: &Own<'_>, faults: &mut Faults) {
    let mut names: Vec<&str> = this.fixed.iter().map(|(name, _)| name.as_str()).collect();
    for header in &this.headers {
        if names.contains(&header.what.name.as_str()) {
            faults.at(&header.member, format!("`{}` is declared twice", header.what.name));
        }
        names.push(&header.what.name);
    }
    let mut names: Vec<String> = Vec::new();
    for cookie in &this.cookies {
        let name = cookie.what.name.value();
        if names.contains(&name) {
            faults.at(&cookie.what.name, format!("the cookie `{name}` is declared twice"));
        }
        names.push(name);
    }
}

fn whole_text(doc: &Doc) -> Option<String> {
    match (&doc.summary, &doc.description) {
        (Some(summary), Some(rest)) => Some(format!("{summary}\n\n{rest}")),
        (summary, _) => summary.clone(),
    }
}
