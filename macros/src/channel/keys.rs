//! The attributes: `#[channel("..", ..)]` above the block, `#[subscribe]` and its like above the methods.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::{
    Attribute, Expr, Ident, LitInt, LitStr, Meta, Type,
    parse::{ParseStream, Parser},
    spanned::Spanned,
};

use super::{
    FAMILY,
    layer::{self, Layer},
    pattern,
};
use crate::{
    attribute::nearest,
    block::Method,
    controller::declares::Declare,
    doc::Doc,
    entries::{alone, assigned, bytes, entries, list, pair, separator},
    faults::Faults,
};

/// What stands above the block.
pub(crate) struct Channel {
    pub(crate) pattern: LitStr,
    pub(crate) names: Vec<String>,
    pub(crate) name: Option<LitStr>,
    pub(crate) doc: Doc,
    pub(crate) layer: Layer,
    /// `.tag(..)`, `.hidden()`, ..
    pub(crate) calls: Vec<TokenStream>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asked {
    Subscribe,
    Publish,
    Rpc,
}

/// One method that is an operation.
pub(crate) struct Operation<'a> {
    pub(crate) method: &'a Method,
    pub(crate) attribute: &'a Attribute,
    pub(crate) asked: Asked,
    /// Of an rpc, when it is not the method's own.
    pub(crate) name: Option<LitStr>,
    pub(crate) doc: Doc,
    pub(crate) declares: Vec<Declare>,
    /// Whether an `Output` was given with `declare = ..`.
    pub(crate) declares_output: bool,
    pub(crate) calls: Vec<TokenStream>,
}

const CHANNEL_KEYS: &[&str] = &["name", "tag", "hidden", "error", "sends"];
const OPERATION_KEYS: &[&str] = &["declares", "declare", "error", "data_limit", "hidden", "deprecated"];
const REPEATED: &[&str] = &["tag", "declares", "declare", "error"];

pub(crate) fn channel(arguments: TokenStream, doc: &[Attribute], faults: &mut Faults) -> Channel {
    let mut channel = Channel {
        pattern: LitStr::new("", proc_macro2::Span::call_site()),
        names: Vec::new(),
        name: None,
        doc: Doc::of(doc),
        layer: Layer::default(),
        calls: Vec::new(),
    };
    let mut given = false;
    let parsed = (|input: ParseStream<'_>| {
        if !input.peek(LitStr) {
            let at = input.span();
            return Err(syn::Error::new(at, "name the channels first: `#[channel(\"room:{id}\")]`"));
        }
        channel.pattern = input.parse()?;
        given = true;
        separator(input)?;
        entries(input, REPEATED, faults, |key, input, faults| {
            if let Some(read) = channel.layer.read(&key, input, faults) {
                return read;
            }
            let at = key.span();
            match key.to_string().as_str() {
                "name" => channel.name = Some(assigned(input, &key, "a text: `name = \"Rooms\"`")?),
                "tag" => {
                    let tag: LitStr = assigned(input, &key, "a text: `tag = \"chat\"`")?;
                    channel.calls.push(quote_spanned!(at=> .tag(#tag)));
                }
                "hidden" => {
                    alone(input, &key)?;
                    channel.calls.push(quote_spanned!(at=> .hidden()));
                }
                "error" => channel.calls.extend(error(input, &key, faults)?),
                "sends" => {
                    for message in list::<Type>(input, &key, "`sends(CardMoved, CardGone)`")? {
                        channel.calls.push(quote_spanned!(message.span()=> .sends::<#message>()));
                    }
                }
                _ => {
                    return Err(unknown(
                        &key,
                        CHANNEL_KEYS,
                        layer::KEYS,
                        OPERATION_KEYS,
                        "a method's attribute",
                    ));
                }
            }
            Ok(())
        })
    })
    .parse2(arguments);
    faults.keep(parsed);
    if given {
        channel.names = pattern::names(&channel.pattern, faults);
    }
    channel
}

/// The operation that a method is, if it has one of our attributes.
pub(crate) fn operation<'a>(method: &'a Method, faults: &mut Faults) -> Option<Operation<'a>> {
    let mut ours =
        method.attributes.iter().filter_map(|attribute| Some((attribute, FAMILY.name_of(attribute)?)));
    let (attribute, name) = ours.next()?;
    for (second, _) in ours {
        faults.at(second, "one method is one operation; write a second method, or call one from the other");
    }
    let asked = match name {
        "subscribe" => Asked::Subscribe,
        "publish" => Asked::Publish,
        _ => Asked::Rpc,
    };
    let mut operation = Operation {
        method,
        attribute,
        asked,
        name: None,
        doc: Doc::of(&method.attributes),
        declares: Vec::new(),
        declares_output: false,
        calls: Vec::new(),
    };
    // Rust's own `#[deprecated]` says the same.
    if method.attributes.iter().any(|attribute| attribute.path().is_ident("deprecated")) {
        operation.calls.push(quote!(.deprecated()));
    }
    let arguments = match &attribute.meta {
        Meta::Path(_) => TokenStream::new(),
        Meta::List(list) => list.tokens.clone(),
        Meta::NameValue(pair) => {
            let example =
                if asked == Asked::Rpc { "#[rpc(\"rename\")]".to_owned() } else { format!("#[{name}]") };
            faults.at(pair, format!("write `{example}`"));
            return None;
        }
    };
    let parsed = (|input: ParseStream<'_>| operation.arguments(input, faults)).parse2(arguments);
    faults.keep(parsed)?;
    Some(operation)
}

impl Operation<'_> {
    fn arguments(&mut self, input: ParseStream<'_>, faults: &mut Faults) -> syn::Result<()> {
        if input.peek(LitStr) {
            let name: LitStr = input.parse()?;
            if self.asked == Asked::Rpc {
                let text = name.value();
                if text.is_empty() || text.contains('/') || !text.bytes().all(|byte| byte.is_ascii_graphic())
                {
                    faults.at(
                        &name,
                        "the name of a method is visible ASCII without `/`; clients call `<channel>/<name>`",
                    );
                }
                self.name = Some(name);
            } else {
                faults.at(
                    &name,
                    "the names of the channels stand above the block: `#[channel(\"room:{id}\")]`",
                );
            }
            separator(input)?;
        }
        entries(input, REPEATED, faults, |key, input, faults| self.entry(&key, input, faults))
    }

    fn entry(&mut self, key: &Ident, input: ParseStream<'_>, faults: &mut Faults) -> syn::Result<()> {
        let at = key.span();
        match key.to_string().as_str() {
            "declares" => self.declares.extend(list::<Declare>(input, key, "`declares(404, 409)`")?),
            "declare" => {
                let output: Expr =
                    assigned(input, key, "an `Output`: `declare = Output::problem(409, \"..\")`")?;
                self.declares_output = true;
                self.calls.push(quote_spanned!(at=> .declares(#output)));
            }
            "error" => self.calls.extend(error(input, key, faults)?),
            "data_limit" => {
                let bytes = bytes(input, key)?;
                self.calls.push(quote_spanned!(at=> .data_limit(#bytes)));
            }
            "hidden" | "deprecated" => {
                alone(input, key)?;
                self.calls.push(quote_spanned!(at=> .#key()));
            }
            _ => {
                let above: Vec<&str> = CHANNEL_KEYS.iter().chain(layer::KEYS).copied().collect();
                return Err(unknown(key, OPERATION_KEYS, &[], &above, "`#[channel(..)]`"));
            }
        }
        Ok(())
    }
}

/// `error("room-full" = 1001)`.
fn error(input: ParseStream<'_>, key: &Ident, faults: &mut Faults) -> syn::Result<Option<TokenStream>> {
    let (code, number): (LitStr, LitInt) = pair(input, key, "`error(\"room-full\" = 1001)`")?;
    match number.base10_parse::<u32>().ok().filter(|number| (400..=1999).contains(number)) {
        Some(number) => Ok(Some(quote_spanned!(key.span()=> .error(#code, #number)))),
        None => {
            faults.at(&number, "the errors of an application have numbers from 400 to 1999");
            Ok(None)
        }
    }
}

/// Says what was meant, where the key belongs, or which keys there are.
fn unknown(key: &Ident, own: &[&str], more: &[&str], others: &[&str], elsewhere: &str) -> syn::Error {
    let text = key.to_string();
    let known = || own.iter().chain(more).copied();
    let hint = if others.contains(&text.as_str()) {
        format!("it belongs in {elsewhere}")
    } else if matches!(text.as_str(), "summary" | "description") {
        "the doc comment is the summary and the description".to_owned()
    } else if text == "security" {
        "the connection is secured where it is mounted; take `Identity<..>` to know who it is".to_owned()
    } else if let Some(near) = nearest(&text, known()) {
        format!("did you mean `{near}`?")
    } else {
        format!("known are {}", known().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", "))
    };
    syn::Error::new(key.span(), format!("`{key}` is not known here; {hint}"))
}
