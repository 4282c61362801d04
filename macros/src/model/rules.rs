//! Which of validator's and garde's rules a type carries.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Attribute, Fields, LitStr, Path, Type};

use crate::{
    attribute::{Entry, Value, foreign, parse_list},
    faults::Faults,
};

/// The rules that are run by `Model::check`, beside the type's own functions.
#[derive(Default)]
pub(crate) struct Rules {
    pub(crate) validator: Option<Validator>,
    pub(crate) garde: Option<Garde>,
}

#[derive(Default)]
pub(crate) struct Validator {
    /// What the rules are given.
    pub(crate) context: Option<Path>,
    pub(crate) nest_all_fields: bool,
}

#[derive(Default)]
pub(crate) struct Garde {
    pub(crate) context: Option<Type>,
}

impl Rules {
    pub(crate) fn read(attributes: &[Attribute], fields: Option<&Fields>, faults: &mut Faults) -> Self {
        let find = |name: &str| {
            let fields = fields.into_iter().flatten().flat_map(|field| &field.attrs);
            attributes.iter().chain(fields).find(|attribute| attribute.path().is_ident(name)).cloned()
        };
        let mut rules = Self::default();
        if let Some(attribute) = find("validate") {
            if cfg!(feature = "validator") {
                rules.validator = Some(Validator::read(attributes, faults));
            } else {
                off(&attribute, "validate", "validator", faults);
            }
        }
        if let Some(attribute) = find("garde") {
            if cfg!(feature = "garde") {
                rules.garde = Some(Garde::read(attributes));
            } else {
                off(&attribute, "garde", "garde", faults);
            }
        }
        rules
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.validator.is_none() && self.garde.is_none()
    }
}

fn off(attribute: &Attribute, name: &str, feature: &str, faults: &mut Faults) {
    faults.at(
        attribute,
        format!("these rules would never run: `#[{name}]` needs the feature `{feature}` of actix-charter"),
    );
}

impl Validator {
    fn read(attributes: &[Attribute], faults: &mut Faults) -> Self {
        let mut all = Self::default();
        for Entry { key, value } in foreign(attributes, "validate") {
            match (key.to_string().as_str(), value) {
                ("context", Value::Assigned(tokens)) => {
                    if has_lifetime(&tokens) {
                        faults.at(
                            tokens,
                            "the context is taken from the application's data, which lives for ever: it cannot borrow",
                        );
                    } else {
                        all.context = path(tokens);
                    }
                }
                ("mutable", value) if !is_false(&value) => {
                    faults.at(
                        key,
                        "the context is shared by all requests and cannot be mutable; use a lock inside it",
                    );
                }
                ("nest_all_fields", value) => all.nest_all_fields = !is_false(&value),
                _ => {}
            }
        }
        all
    }
}

impl Garde {
    fn read(attributes: &[Attribute]) -> Self {
        let mut all = Self::default();
        for entry in foreign(attributes, "garde") {
            if let (true, Value::List(tokens)) = (entry.is("context"), entry.value) {
                // `context(Ty as name)`
                let ty: TokenStream = tokens
                    .into_iter()
                    .take_while(|token| !matches!(token, TokenTree::Ident(ident) if ident == "as"))
                    .collect();
                // What cannot be read is told by garde.
                all.context = syn::parse2(ty).ok().filter(|ty| !is_unit(ty));
            }
        }
        all
    }
}

/// What stands at a field.
#[derive(Default)]
pub(crate) struct FieldRules {
    /// The rules of the type inside are run too.
    pub(crate) nested: bool,
    /// The rules of the type inside are not to be run.
    pub(crate) skip: bool,
    /// The field, in Rust, that this one must equal.
    pub(crate) must_match: Option<String>,
}

impl FieldRules {
    pub(crate) fn read(attributes: &[Attribute], nest_all_fields: bool) -> Self {
        let mut all = Self { nested: nest_all_fields, skip: false, must_match: None };
        for entry in foreign(attributes, "validate") {
            if entry.is("skip") && !is_false(&entry.value) {
                all.nested = false;
                all.skip = true;
            }
            if entry.is("nested") && !is_false(&entry.value) {
                all.nested = true;
                all.skip = false;
            }
            if let (true, Value::List(tokens)) = (entry.is("must_match"), &entry.value) {
                let entries = parse_list(tokens.clone()).unwrap_or_default();
                let other = entries.into_iter().find(|entry| entry.is("other"));
                all.must_match = other
                    .and_then(|entry| match entry.value {
                        Value::Assigned(tokens) => path(tokens),
                        Value::Flag | Value::List(_) => None,
                    })
                    .map(|path| path.to_token_stream().to_string());
            }
        }
        for entry in foreign(attributes, "garde") {
            all.nested |= entry.is("dive");
            all.skip |= entry.is("skip");
            if let (true, Value::List(tokens)) = (entry.is("matches"), entry.value) {
                all.must_match = Some(tokens.to_string());
            }
        }
        all
    }
}

/// A path, or a text with one in it.
fn path(tokens: TokenStream) -> Option<Path> {
    match syn::parse2::<LitStr>(tokens.clone()) {
        Ok(text) => text.parse().ok(),
        Err(_) => syn::parse2(tokens).ok(),
    }
}

fn is_false(value: &Value) -> bool {
    matches!(value, Value::Assigned(tokens) if tokens.to_string() == "false")
}

fn is_unit(ty: &Type) -> bool {
    matches!(ty, Type::Tuple(tuple) if tuple.elems.is_empty())
}

fn has_lifetime(tokens: &TokenStream) -> bool {
    tokens.to_string().contains('\'')
}
