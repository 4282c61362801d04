use std::{borrow::Cow, cmp::Ordering};

use super::reason;
use crate::problem::{Fault, In};

/// How many findings are kept while choices are compared.
pub(super) const MAX_FINDINGS: usize = 512;

/// One thing wrong, still in a form that can be compared and joined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Finding {
    /// A JSON Pointer from the root of the value.
    pub(super) pointer: String,
    pub(super) rule: Rule,
}

/// The rule that does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Rule {
    /// Must be of one of these JSON types.
    Types(Vec<&'static str>),
    /// Must be one of these values, written for people.
    Values(Vec<String>),
    /// Must be there.
    Required,
    /// Must not be there.
    Unknown,
    /// Any other: code and sentence.
    Other(&'static str, Cow<'static, str>),
}

impl Finding {
    pub(super) fn new(pointer: impl Into<String>, rule: Rule) -> Self {
        Self { pointer: pointer.into(), rule }
    }

    pub(super) fn into_fault(self, location: In) -> Fault {
        let (code, detail) = match self.rule {
            Rule::Types(types) => ("type", types_sentence(&types)),
            Rule::Values(values) => ("enum", reason::one_of(values.iter().map(String::as_str))),
            Rule::Required => ("required", Cow::Borrowed(reason::REQUIRED)),
            Rule::Unknown => ("unknown", Cow::Borrowed(reason::UNKNOWN)),
            Rule::Other(code, detail) => (code, detail),
        };
        Fault::new(location, self.pointer, code, detail)
    }
}

fn types_sentence(types: &[&'static str]) -> Cow<'static, str> {
    let with_article = |name: &&'static str| match *name {
        "boolean" => "true or false",
        "integer" => "an integer",
        "number" => "a number",
        "string" => "a string",
        "array" => "an array",
        "object" => "an object",
        other => other,
    };
    let words: Vec<&str> = types.iter().map(with_article).collect();
    match words.split_last() {
        None => Cow::Borrowed("has the wrong type"),
        Some((only, [])) => Cow::Owned(format!("must be {only}")),
        Some((last, rest)) => Cow::Owned(format!("must be {} or {last}", rest.join(", "))),
    }
}

/// Sorts by place, numbers as numbers, and drops what is said twice and what a wrong type makes pointless.
pub(super) fn in_order(findings: &mut Vec<Finding>) {
    findings.sort_by(|a, b| by_place(&a.pointer, &b.pointer).then_with(|| rank(&a.rule).cmp(&rank(&b.rule))));
    findings.dedup();
    let mut wrong_type: Option<String> = None;
    findings.retain(|finding| {
        if wrong_type.as_ref() == Some(&finding.pointer) {
            return false;
        }
        if matches!(finding.rule, Rule::Types(_)) {
            wrong_type = Some(finding.pointer.clone());
        }
        true
    });
}

fn rank(rule: &Rule) -> u8 {
    match rule {
        Rule::Types(_) => 0,
        Rule::Required => 1,
        Rule::Unknown => 2,
        Rule::Values(_) => 3,
        Rule::Other(..) => 4,
    }
}

fn by_place(a: &str, b: &str) -> Ordering {
    let (mut left, mut right) = (a.split('/'), b.split('/'));
    loop {
        let order = match (left.next(), right.next()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => Ordering::Less,
            (Some(_), None) => Ordering::Greater,
            (Some(a), Some(b)) => match (a.parse::<u64>(), b.parse::<u64>()) {
                (Ok(a), Ok(b)) => a.cmp(&b),
                (Ok(_), Err(_)) => Ordering::Less,
                (Err(_), Ok(_)) => Ordering::Greater,
                (Err(_), Err(_)) => a.cmp(b),
            },
        };
        if order != Ordering::Equal {
            return order;
        }
    }
}
