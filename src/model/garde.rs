//! The crate garde's reports as violations.

use std::borrow::Cow;

use garde::{Report, error::Kind};

use super::{Violations, WireField};
use crate::problem::push_pointer;

/// Translates `report` into wire names.
///
/// garde's own sentences hold limits and patterns, never the refused value; those of a user's function are told as they are.
#[must_use]
pub fn from_garde(report: &Report, wire: &'static [WireField]) -> Violations {
    let mut all = Violations::new();
    let mut entries: Vec<_> = report.iter().collect();
    // garde goes by the alphabet; a fault list goes by the declaration.
    entries.sort_by_key(|(path, _)| {
        let first = path.__iter().next_back().map(|(_, component)| component.as_str());
        first.and_then(|first| {
            wire.iter().position(|field| field.rust == first.strip_prefix("r#").unwrap_or(first))
        })
    });
    for (path, error) in entries {
        let mut pointer = String::new();
        let mut fields = wire;
        let mut maps = 0;
        let mut must_match = None;
        // garde keeps the innermost component first.
        for (kind, component) in path.__iter().rev() {
            match kind {
                Kind::None => {}
                Kind::Key if maps > 0 => {
                    maps -= 1;
                    push_pointer(&mut pointer, component);
                }
                Kind::Key | Kind::Index => match WireField::of_rust(fields, component) {
                    Some(field) => {
                        must_match = field.must_match;
                        if !field.is_flattened() {
                            push_pointer(&mut pointer, field.wire);
                        }
                        maps = field.maps;
                        fields = field.nested.map_or(&[], |nested| nested());
                    }
                    None => push_pointer(&mut pointer, component.strip_prefix("r#").unwrap_or(component)),
                },
            }
        }
        let (code, detail) = match (translate(error.message()), must_match) {
            (("must_match", _), Some(other)) => {
                ("must_match", format!("must be the same as `{other}`").into())
            }
            (told, _) => told,
        };
        all.push(pointer, code, detail);
    }
    all
}

/// garde tells a rule only by its English sentence; the code is read from that, and the sentence is made one of ours.
/// A sentence that is not garde's own is kept.
fn translate(message: &str) -> (&'static str, Cow<'static, str>) {
    /// The start of garde's sentence, the code, the start of ours, the end of garde's.
    const LIMITS: &[(&str, &str, &str, &str)] = &[
        ("length is lower than ", "length", "must have a length of at least ", ""),
        ("length is greater than ", "length", "must have a length of at most ", ""),
        ("lower than ", "range", "must be at least ", ""),
        ("greater than ", "range", "must be at most ", ""),
        ("does not contain \"", "contains", "must contain `", "\""),
        ("value does not begin with \"", "invalid", "must begin with `", "\""),
        ("does not end with \"", "invalid", "must end with `", "\""),
    ];
    const FIXED: &[(&str, &str, &str)] = &[
        ("does not match pattern /", "regex", "must match the pattern it is documented with"),
        ("not a valid email", "email", "must be an email address"),
        ("not a valid url", "url", "must be a URL"),
        ("not a valid credit card number", "credit_card", "must be a credit card number"),
        ("not a valid phone number", "invalid", "must be a phone number"),
        ("not a valid IP", "ip", "must be an IP address"),
        ("not ascii", "invalid", "must contain ASCII characters only"),
        ("not alphanumeric", "invalid", "must contain letters and digits only"),
        ("not set", "required", "is required"),
    ];
    for &(start, code, sentence, end) in LIMITS {
        if let Some(limit) = message.strip_prefix(start).and_then(|rest| rest.strip_suffix(end)) {
            let close = if end.is_empty() { "" } else { "`" };
            return (code, format!("{sentence}{limit}{close}").into());
        }
    }
    for &(start, code, sentence) in FIXED {
        if message.starts_with(start) {
            return (code, Cow::Borrowed(sentence));
        }
    }
    if message.starts_with("does not match ") && message.ends_with(" field") {
        return ("must_match", Cow::Borrowed("must be the same as another field"));
    }
    ("invalid", message.to_owned().into())
}
