//! The crate validator's errors as violations.

use std::borrow::Cow;

use serde_json::Value;
use validator::{ValidationError, ValidationErrors, ValidationErrorsKind};

use super::{Violations, WireField};
use crate::problem::push_pointer;

/// The name under which validator reports a rule over the whole struct.
const WHOLE: &str = "__all__";
/// The name under which it hands up the errors of a collection inside a collection.
const COLLECTION: &str = "_tmp_validator";
/// Deeper values are cut off by the parsers; errors are not walked deeper either.
const DEEPEST: usize = 64;

/// Translates `errors` into wire names. The refused values that validator puts into its errors are never told.
#[must_use]
pub fn from_validator(errors: &ValidationErrors, wire: &'static [WireField]) -> Violations {
    let mut all = Violations::new();
    one_struct(errors, wire, &mut Place::default(), &mut all);
    all
}

/// Where the walk is.
#[derive(Default)]
struct Place {
    pointer: String,
    depth: usize,
    /// Below a map the keys are not known: validator counts the entries instead.
    in_map: bool,
}

impl Place {
    /// Runs `inside` with `token` appended, unless there is no such step on the wire.
    fn step(&mut self, token: &str, inside: impl FnOnce(&mut Self)) {
        let length = self.pointer.len();
        if !token.is_empty() && !self.in_map {
            push_pointer(&mut self.pointer, token);
        }
        self.depth += 1;
        inside(self);
        self.depth -= 1;
        self.pointer.truncate(length);
    }
}

fn one_struct(
    errors: &ValidationErrors,
    wire: &'static [WireField],
    place: &mut Place,
    all: &mut Violations,
) {
    if place.depth > DEEPEST {
        return;
    }
    let mut fields: Vec<_> = errors.errors().iter().collect();
    // validator keeps a hash map; the fields' own order is the same every time.
    fields.sort_by(|(one, _), (other, _)| {
        position(wire, one).cmp(&position(wire, other)).then_with(|| one.cmp(other))
    });
    for (name, kind) in fields {
        if name == WHOLE || name == COLLECTION {
            one_kind(kind, None, wire, place, all);
            continue;
        }
        let field = WireField::of_rust(wire, name);
        let token = field.map_or(name.strip_prefix("r#").unwrap_or(name), |field| field.wire);
        let below = field.and_then(|field| field.nested).map_or(&[][..], |nested| nested());
        place.step(token, |place| one_kind(kind, field, below, place, all));
    }
}

fn position(wire: &'static [WireField], name: &str) -> usize {
    let name = name.strip_prefix("r#").unwrap_or(name);
    wire.iter().position(|field| field.rust == name).unwrap_or(usize::MAX)
}

fn one_kind(
    kind: &ValidationErrorsKind,
    field: Option<&'static WireField>,
    below: &'static [WireField],
    place: &mut Place,
    all: &mut Violations,
) {
    match kind {
        ValidationErrorsKind::Field(errors) => {
            for error in errors {
                let mut detail = detail(error, field);
                if place.in_map {
                    detail = format!("has an entry that is wrong: {detail}").into();
                }
                all.push(place.pointer.clone(), code(error), detail);
            }
        }
        ValidationErrorsKind::Struct(errors) => one_struct(errors, below, place, all),
        ValidationErrorsKind::List(list) => {
            let outer = place.in_map;
            place.in_map |= field.is_some_and(|field| field.maps > 0);
            for (index, errors) in list {
                place.step(&index.to_string(), |place| one_struct(errors, below, place, all));
            }
            place.in_map = outer;
        }
    }
}

/// The codes that both explainers use; a user's own code is kept.
fn code(error: &ValidationError) -> Cow<'static, str> {
    match error.code.as_ref() {
        "non_control_character" | "" => Cow::Borrowed("invalid"),
        _ => error.code.clone(),
    }
}

fn detail(error: &ValidationError, field: Option<&'static WireField>) -> Cow<'static, str> {
    if let Some(message) = &error.message {
        return message.clone();
    }
    let text = match error.code.as_ref() {
        "length" => return length(error),
        "range" => return range(error),
        "contains" | "does_not_contain" => return contains(error),
        "must_match" => {
            return match field.and_then(|field| field.must_match) {
                Some(other) => format!("must be the same as `{other}`").into(),
                None => "must be the same as another field".into(),
            };
        }
        "email" => "must be an email address",
        "url" => "must be a URL",
        "ip" => "must be an IP address",
        "regex" => "must match the pattern it is documented with",
        "credit_card" => "must be a credit card number",
        "required" => "is required",
        "non_control_character" => "must not contain control characters",
        // A code of the user's own, on a rule of validator's or on a function.
        _ if has(error, &["min", "max", "equal"], &["value"]) => match error.params.get("value") {
            Some(Value::Number(_)) => return range(error),
            _ => return length(error),
        },
        _ if has(error, &["min", "max", "exclusive_min", "exclusive_max"], &["value"]) => {
            return range(error);
        }
        _ => "is not valid",
    };
    Cow::Borrowed(text)
}

/// Whether the parameters are some of `limits`, and nothing but these and `others`.
fn has(error: &ValidationError, limits: &[&str], others: &[&str]) -> bool {
    let mut names = error.params.keys().map(AsRef::as_ref);
    names.clone().any(|name| limits.contains(&name))
        && names.all(|name| limits.contains(&name) || others.contains(&name))
}

/// A limit from the declaration.
fn limit(error: &ValidationError, name: &str) -> Option<String> {
    match error.params.get(name)? {
        Value::Number(number) => Some(number.to_string()),
        Value::String(text) => Some(text.clone()),
        _ => None,
    }
}

fn length(error: &ValidationError) -> Cow<'static, str> {
    // Only the kind of the refused value is looked at.
    let (one, many) = match error.params.get("value") {
        Some(Value::String(_)) => ("character", "characters"),
        Some(Value::Object(_)) => ("entry", "entries"),
        _ => ("item", "items"),
    };
    let unit = |number: &str| if number == "1" { one } else { many };
    match (limit(error, "equal"), limit(error, "min"), limit(error, "max")) {
        (Some(equal), ..) => format!("must have exactly {equal} {}", unit(&equal)).into(),
        (None, Some(min), Some(max)) => format!("must have between {min} and {max} {many}").into(),
        (None, Some(min), None) => format!("must have at least {min} {}", unit(&min)).into(),
        (None, None, Some(max)) => format!("must have at most {max} {}", unit(&max)).into(),
        (None, None, None) => "has the wrong length".into(),
    }
}

fn range(error: &ValidationError) -> Cow<'static, str> {
    let limit = |name| limit(error, name);
    let low = limit("min")
        .map(|min| format!("at least {min}"))
        .or_else(|| limit("exclusive_min").map(|min| format!("greater than {min}")));
    let high = limit("max")
        .map(|max| format!("at most {max}"))
        .or_else(|| limit("exclusive_max").map(|max| format!("less than {max}")));
    match (limit("min"), limit("max"), low, high) {
        (Some(min), Some(max), ..) => format!("must be between {min} and {max}").into(),
        (_, _, Some(low), Some(high)) => format!("must be {low} and {high}").into(),
        (_, _, Some(one), None) | (_, _, None, Some(one)) => format!("must be {one}").into(),
        (_, _, None, None) => "is out of range".into(),
    }
}

fn contains(error: &ValidationError) -> Cow<'static, str> {
    let not = if error.code == "contains" { "" } else { "not " };
    match limit(error, "needle") {
        Some(needle) => format!("must {not}contain `{needle}`").into(),
        None => format!("must {not}contain what it is documented with").into(),
    }
}
