//! The words for each keyword of JSON Schema. They only hold what stands in the schema.

use std::{borrow::Cow, fmt::Display};

use jsonschema::error::{TypeKind, ValidationErrorKind as Kind};
use serde_json::Value;

use super::{finding::Rule, reason};

/// The rule behind an error that concerns exactly one place.
pub(super) fn rule_of(kind: &Kind) -> Rule {
    let (code, detail): (_, Cow<'static, str>) = match kind {
        Kind::Type { kind } => return Rule::Types(types(kind)),
        Kind::Enum { options } => return Rule::Values(values(options)),
        Kind::Constant { expected_value } => return Rule::Values(vec![plain(expected_value)]),
        Kind::FalseSchema => return Rule::Unknown,
        Kind::MinLength { limit } => ("length", at_least(*limit, "character", "characters")),
        Kind::MaxLength { limit } => ("length", at_most(*limit, "character", "characters")),
        Kind::MinItems { limit } => ("length", at_least(*limit, "item", "items")),
        Kind::MaxItems { limit } => ("length", at_most(*limit, "item", "items")),
        Kind::AdditionalItems { limit } => ("length", at_most(*limit as u64, "item", "items")),
        Kind::UnevaluatedItems { .. } => ("length", "has too many items".into()),
        Kind::MinProperties { limit } => ("length", at_least(*limit, "entry", "entries")),
        Kind::MaxProperties { limit } => ("length", at_most(*limit, "entry", "entries")),
        Kind::Minimum { limit } => ("range", compared("must be at least", limit)),
        Kind::Maximum { limit } => ("range", compared("must be at most", limit)),
        Kind::ExclusiveMinimum { limit } => ("range", compared("must be greater than", limit)),
        Kind::ExclusiveMaximum { limit } => ("range", compared("must be less than", limit)),
        Kind::MultipleOf { multiple_of } => ("multiple", compared("must be a multiple of", multiple_of)),
        Kind::Format { format } => format_rule(format),
        Kind::Pattern { .. } => ("regex", "does not have the expected form".into()),
        Kind::UniqueItems => ("unique", "must not have the same item twice".into()),
        Kind::Contains => ("contains", "lacks an item that must be there".into()),
        Kind::AnyOf { .. } | Kind::OneOfNotValid { .. } => ("invalid", NO_FORM.into()),
        Kind::OneOfMultipleValid { .. } => ("invalid", "matches more than one of the allowed forms".into()),
        Kind::PropertyNames { .. } => ("invalid", "has a name that is not allowed".into()),
        _ => ("invalid", reason::NOT_VALID.into()),
    };
    Rule::Other(code, detail)
}

/// What is said when no form fits and none is nearest.
pub(super) const NO_FORM: &str = "does not match any of the allowed forms";

fn types(kind: &TypeKind) -> Vec<&'static str> {
    match kind {
        TypeKind::Single(one) => vec![one.as_str()],
        TypeKind::Multiple(set) => {
            let mut names: Vec<_> = set.iter().map(|one| one.as_str()).collect();
            // `a string or null` reads better than `null or a string`.
            names.sort_by_key(|name| *name == "null");
            names
        }
    }
}

fn values(options: &Value) -> Vec<String> {
    options.as_array().into_iter().flatten().map(plain).collect()
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn at_least(limit: u64, one: &str, many: &str) -> Cow<'static, str> {
    format!("must have at least {limit} {}", if limit == 1 { one } else { many }).into()
}

fn at_most(limit: u64, one: &str, many: &str) -> Cow<'static, str> {
    format!("must have at most {limit} {}", if limit == 1 { one } else { many }).into()
}

fn compared(words: &str, limit: &dyn Display) -> Cow<'static, str> {
    let limit = limit.to_string();
    // schemars writes limits as floats where a rule was written as one: `0.0` is `0` to a person.
    format!("{words} {}", limit.strip_suffix(".0").unwrap_or(&limit)).into()
}

fn format_rule(format: &str) -> (&'static str, Cow<'static, str>) {
    let (code, what) = match format {
        "email" | "idn-email" => ("email", "an email address"),
        "uri" | "iri" => ("url", "a URL"),
        "uri-reference" | "iri-reference" => ("url", "a URL or a relative reference"),
        "uri-template" => ("url", "a URL template"),
        "uuid" => ("invalid", "a UUID"),
        "date-time" => ("invalid", "a date and time such as 2030-12-31T23:59:59Z"),
        "date" => ("invalid", "a date such as 2030-12-31"),
        "time" => ("invalid", "a time such as 23:59:59Z"),
        "duration" => ("invalid", "a duration such as P1DT2H"),
        "ipv4" => ("invalid", "an IPv4 address"),
        "ipv6" => ("invalid", "an IPv6 address"),
        "hostname" | "idn-hostname" => ("invalid", "a host name"),
        "regex" => ("invalid", "a regular expression"),
        "json-pointer" | "relative-json-pointer" => ("invalid", "a JSON pointer"),
        _ => return ("invalid", "does not have the expected form".into()),
    };
    (code, format!("must be {what}").into())
}
