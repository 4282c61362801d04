//! The attributes: `#[controller(..)]` above the block, `#[get(..)]` and its like above the methods.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::{
    Attribute, Expr, Ident, LitInt, LitStr, Meta,
    parse::{ParseStream, Parser},
};

use super::{
    FAMILY,
    declares::Declare,
    layer::{self, Layer},
    path,
};
use crate::{
    attribute::nearest,
    block::Method,
    doc::Doc,
    entries::{assigned, entries, list, pair, separator},
    faults::Faults,
    http,
};

/// What stands above the block.
pub(crate) struct Controller {
    pub(crate) path: LitStr,
    pub(crate) names: Vec<String>,
    pub(crate) name: Option<LitStr>,
    pub(crate) layer: Layer,
}

/// One method that is an endpoint.
pub(crate) struct Endpoint<'a> {
    pub(crate) method: &'a Method,
    pub(crate) attribute: &'a Attribute,
    /// `GET`.
    pub(crate) verb: String,
    pub(crate) path: LitStr,
    pub(crate) names: Vec<String>,
    pub(crate) doc: Doc,
    pub(crate) layer: Layer,
    pub(crate) status: Option<(u16, LitInt)>,
    pub(crate) declares: Vec<Declare>,
    /// Whether an `Output` was given with `declare = ..`.
    pub(crate) declares_output: bool,
    pub(crate) guards: Vec<Expr>,
    /// Calls on the draft: `.operation_id(..)`, `.header(..)`, ..
    pub(crate) calls: Vec<TokenStream>,
}

const CONTROLLER_KEYS: &[&str] = &["path", "name"];
const ENDPOINT_KEYS: &[&str] = &[
    "operation_id",
    "status",
    "declares",
    "declare",
    "header",
    "cookie",
    "scopes",
    "guard",
    "request_example",
    "response_example",
];

pub(crate) fn controller(arguments: TokenStream, faults: &mut Faults) -> Controller {
    let mut controller =
        Controller { path: path::empty(), names: Vec::new(), name: None, layer: Layer::default() };
    let parsed = (|input: ParseStream<'_>| {
        entries(input, REPEATED, faults, |key, input, faults| {
            if let Some(read) = controller.layer.read(&key, input, faults) {
                return read;
            }
            match key.to_string().as_str() {
                "path" => controller.path = assigned(input, &key, "a text: `path = \"/users\"`")?,
                "name" => controller.name = Some(assigned(input, &key, "a text: `name = \"Users\"`")?),
                _ => return Err(unknown(&key, CONTROLLER_KEYS, ENDPOINT_KEYS, "a method's attribute")),
            }
            Ok(())
        })
    })
    .parse2(arguments);
    faults.keep(parsed);
    controller.names = path::names(&controller.path, faults);
    controller
}

/// The endpoint that a method is, if it has an endpoint attribute.
pub(crate) fn endpoint<'a>(method: &'a Method, faults: &mut Faults) -> Option<Endpoint<'a>> {
    let mut ours =
        method.attributes.iter().filter_map(|attribute| Some((attribute, FAMILY.name_of(attribute)?)));
    let (attribute, name) = ours.next()?;
    for (second, _) in ours {
        faults.at(second, "one method is one endpoint; write a second method, or call one from the other");
    }
    let mut endpoint = Endpoint {
        method,
        attribute,
        verb: name.to_ascii_uppercase(),
        path: path::empty(),
        names: Vec::new(),
        doc: Doc::of(&method.attributes),
        layer: Layer::default(),
        status: None,
        declares: Vec::new(),
        declares_output: false,
        guards: Vec::new(),
        calls: Vec::new(),
    };
    // Rust's own `#[deprecated]` says the same.
    endpoint.layer.deprecated =
        method.attributes.iter().any(|attribute| attribute.path().is_ident("deprecated"));
    let arguments = match &attribute.meta {
        Meta::Path(_) => TokenStream::new(),
        Meta::List(list) => list.tokens.clone(),
        Meta::NameValue(pair) => {
            faults.at(pair, format!("write `#[{name}(\"/path\")]`"));
            return None;
        }
    };
    let parsed =
        (|input: ParseStream<'_>| endpoint.arguments(name == "method", input, faults)).parse2(arguments);
    faults.keep(parsed)?;
    endpoint.names = path::names(&endpoint.path, faults);
    Some(endpoint)
}

impl Endpoint<'_> {
    fn arguments(&mut self, custom: bool, input: ParseStream<'_>, faults: &mut Faults) -> syn::Result<()> {
        if custom {
            let verb: LitStr = input.parse().map_err(|_| {
                syn::Error::new_spanned(
                    self.attribute,
                    "name the method first: `#[method(\"QUERY\", \"/path\")]`",
                )
            })?;
            self.verb = verb.value();
            if !http::is_token(&self.verb) {
                faults.at(
                    &verb,
                    format!("`{}` is not a method: it must be a token (RFC 9110 §9.1)", self.verb),
                );
            }
            separator(input)?;
        }
        if input.peek(LitStr) {
            self.path = input.parse()?;
            separator(input)?;
        }
        entries(input, REPEATED, faults, |key, input, faults| {
            if let Some(read) = self.layer.read(&key, input, faults) {
                return read;
            }
            self.entry(&key, input, faults)
        })
    }

    fn entry(&mut self, key: &Ident, input: ParseStream<'_>, faults: &mut Faults) -> syn::Result<()> {
        let crate_ = quote!(::actix_charter::endpoint);
        match key.to_string().as_str() {
            "operation_id" => {
                let id: LitStr = assigned(input, key, "a text: `operation_id = \"listUsers\"`")?;
                self.calls.push(quote_spanned!(key.span()=> .operation_id(#id)));
            }
            "status" => {
                let literal: LitInt = assigned(input, key, "a number: `status = 202`")?;
                match literal.base10_parse().ok().filter(|status| (200..=399).contains(status)) {
                    Some(status) => self.status = Some((status, literal)),
                    None => {
                        faults.at(&literal, "the status of a successful answer is a number from 200 to 399");
                    }
                }
            }
            "declares" => {
                self.declares.extend(list::<Declare>(input, key, "`declares(200: User, 404)`")?);
            }
            "declare" => {
                let output: Expr =
                    assigned(input, key, "an `Output`: `declare = Output::problem(409, \"..\")`")?;
                self.declares_output = true;
                self.calls.push(quote_spanned!(key.span()=> .declares(#output)));
            }
            "guard" => {
                self.guards.push(assigned(input, key, "the way to make a guard: `guard = only_json`")?);
            }
            "scopes" => {
                let scopes = list::<LitStr>(input, key, "`scopes(\"users:write\")`")?;
                self.calls.push(quote_spanned!(key.span()=> .scopes([#(#scopes),*])));
            }
            "request_example" | "response_example" => {
                let example: Expr = assigned(input, key, "a JSON value: `request_example = json!({..})`")?;
                self.calls.push(quote_spanned!(key.span()=> .#key(#example)));
            }
            "header" => {
                let (name, value): (_, LitStr) =
                    pair(input, key, "`header(\"Cache-Control\" = \"no-store\")`")?;
                http::header_name(&name, "write `cookie(\"name\" = \"value\")`", faults);
                if !http::is_header_value(&value.value()) {
                    faults.at(
                        &value,
                        "a header's value is visible ASCII, without blanks at its ends (RFC 9110 §5.5)",
                    );
                }
                self.calls.push(quote_spanned!(key.span()=> .header({
                    let mut header = #crate_::HeaderSpec::required(#name);
                    header.value = ::core::option::Option::Some(::std::borrow::Cow::Borrowed(#value));
                    header
                })));
            }
            "cookie" => {
                let spec = super::fixed::cookie(input, key, faults)?;
                self.calls.push(quote_spanned!(key.span()=> .cookie(#spec)));
            }
            "path" => {
                return Err(syn::Error::new(
                    key.span(),
                    "an endpoint's path comes first, without a key: `#[get(\"/path\")]`",
                ));
            }
            _ => return Err(unknown(key, ENDPOINT_KEYS, CONTROLLER_KEYS, "`#[controller(..)]`")),
        }
        Ok(())
    }
}

/// Keys that may be given more than once.
const REPEATED: &[&str] = &["tag", "wrap", "guard", "declares", "declare", "header", "cookie"];

/// Says what was meant, where the key belongs, or which keys there are.
fn unknown(key: &Ident, own: &[&str], others: &[&str], elsewhere: &str) -> syn::Error {
    let text = key.to_string();
    const TOLD: [&str; 2] = ["summary", "description"];
    let known = || own.iter().chain(layer::KEYS).copied();
    let more = if others.contains(&text.as_str()) {
        format!("it belongs in {elsewhere}")
    } else if nearest(&text, known().chain(TOLD)).is_some_and(|near| TOLD.contains(&near)) {
        "the doc comment is the summary and the description".to_owned()
    } else if let Some(near) = nearest(&text, known()) {
        format!("did you mean `{near}`?")
    } else {
        format!("known are {}", known().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", "))
    };
    syn::Error::new(key.span(), format!("`{key}` is not known here; {more}"))
}
