//! What serde is told about names, as far as reading is concerned.

use syn::{Attribute, LitStr};

use crate::attribute::{Entry, Value, foreign, parse_list};

/// `rename_all`, as serde applies it to fields.
#[derive(Clone, Copy, Default, Debug, PartialEq, Eq)]
pub(crate) enum Case {
    #[default]
    Unchanged,
    Upper,
    Pascal,
    Camel,
    ScreamingSnake,
    Kebab,
    ScreamingKebab,
}

impl Case {
    /// serde complains about a name that it does not know; here it changes nothing.
    fn from_name(name: &str) -> Self {
        match name {
            "UPPERCASE" => Self::Upper,
            "PascalCase" => Self::Pascal,
            "camelCase" => Self::Camel,
            "SCREAMING_SNAKE_CASE" => Self::ScreamingSnake,
            "kebab-case" => Self::Kebab,
            "SCREAMING-KEBAB-CASE" => Self::ScreamingKebab,
            // For serde a field is in snake_case already, and `lowercase` leaves fields alone.
            _ => Self::Unchanged,
        }
    }

    pub(crate) fn apply(self, field: &str) -> String {
        match self {
            Self::Unchanged => field.to_owned(),
            Self::Upper | Self::ScreamingSnake => field.to_ascii_uppercase(),
            Self::Pascal => pascal(field),
            Self::Camel => {
                let pascal = pascal(field);
                let mut chars = pascal.chars();
                chars.next().map(|first| first.to_ascii_lowercase()).into_iter().chain(chars).collect()
            }
            Self::Kebab => field.replace('_', "-"),
            Self::ScreamingKebab => field.to_ascii_uppercase().replace('_', "-"),
        }
    }
}

fn pascal(field: &str) -> String {
    let mut capitalize = true;
    let mut out = String::with_capacity(field.len());
    for c in field.chars() {
        if c == '_' {
            capitalize = true;
        } else if std::mem::take(&mut capitalize) {
            out.push(c.to_ascii_uppercase());
        } else {
            out.push(c);
        }
    }
    out
}

/// What stands at the type.
#[derive(Default)]
pub(crate) struct Container {
    pub(crate) case: Case,
    /// `default`: every field may be left out.
    pub(crate) default: bool,
    pub(crate) transparent: bool,
    /// `from`, `try_from`: read through another type, whose names are not known here.
    pub(crate) converted: bool,
}

impl Container {
    pub(crate) fn read(attributes: &[Attribute]) -> Self {
        let mut all = Self::default();
        for entry in foreign(attributes, "serde") {
            match entry.key.to_string().as_str() {
                "rename_all" => {
                    if let Some(name) = when_reading(&entry) {
                        all.case = Case::from_name(&name);
                    }
                }
                "default" => all.default = true,
                "transparent" => all.transparent = true,
                "from" | "try_from" => all.converted = true,
                _ => {}
            }
        }
        all
    }
}

/// What stands at a field.
#[derive(Default)]
pub(crate) struct Field {
    pub(crate) rename: Option<String>,
    pub(crate) default: bool,
    pub(crate) skip: bool,
    pub(crate) flatten: bool,
}

impl Field {
    pub(crate) fn read(attributes: &[Attribute]) -> Self {
        let mut all = Self::default();
        for entry in foreign(attributes, "serde") {
            match entry.key.to_string().as_str() {
                "rename" => all.rename = when_reading(&entry).or(all.rename),
                "default" => all.default = true,
                "skip" | "skip_deserializing" => all.skip = true,
                "flatten" => all.flatten = true,
                _ => {}
            }
        }
        all
    }
}

/// The text of `key = ".."` or `key(deserialize = "..")`.
fn when_reading(entry: &Entry) -> Option<String> {
    let text = |tokens: &proc_macro2::TokenStream| syn::parse2::<LitStr>(tokens.clone()).ok();
    match &entry.value {
        Value::Assigned(tokens) => text(tokens).map(|text| text.value()),
        Value::List(tokens) => parse_list(tokens.clone())
            .ok()?
            .iter()
            .find(|entry| entry.is("deserialize"))
            .and_then(when_reading),
        Value::Flag => None,
    }
}
