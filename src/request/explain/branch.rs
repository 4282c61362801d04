//! From the validator's errors to findings; where a value may have one of several forms, the nearest one is told.

use jsonschema::{ValidationError, error::ValidationErrorKind as Kind};

use super::{
    finding::{Finding, MAX_FINDINGS, Rule, in_order},
    wording::{NO_FORM, rule_of},
};
use crate::problem::push_pointer;

/// How far a form is from the value, the nearest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Distance {
    /// The form is the right one; something in it is wrong.
    Inside,
    /// Fields are missing or too many.
    Fields,
    /// Another value is wanted here, or in a field right below: the tag of another variant.
    Tag,
    /// Another type is wanted.
    Type,
}

/// Everything that the errors say.
pub(super) fn findings_of<'e>(errors: impl Iterator<Item = ValidationError<'e>>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for error in errors {
        gather(&error, &mut findings);
        if findings.len() >= MAX_FINDINGS {
            break;
        }
    }
    findings
}

fn gather(error: &ValidationError<'_>, findings: &mut Vec<Finding>) {
    let pointer = error.instance_path().as_str();
    let mut below = |name: &str, rule: Rule| {
        let mut pointer = pointer.to_owned();
        push_pointer(&mut pointer, name);
        findings.push(Finding::new(pointer, rule));
    };
    match error.kind() {
        Kind::Required { property } => below(property.as_str().unwrap_or_default(), Rule::Required),
        Kind::AdditionalProperties { unexpected } | Kind::UnevaluatedProperties { unexpected } => {
            unexpected.iter().take(MAX_FINDINGS).for_each(|name| below(name, Rule::Unknown));
        }
        Kind::AnyOf { context } | Kind::OneOfNotValid { context } => {
            findings.extend(nearest(pointer, context));
        }
        kind => findings.push(Finding::new(pointer, rule_of(kind))),
    }
}

/// What is wrong with the form that was most likely meant; of several equally likely ones, what they agree on.
fn nearest(pointer: &str, branches: &[Vec<ValidationError<'static>>]) -> Vec<Finding> {
    let mut forms: Vec<(Distance, Vec<Finding>)> = branches
        .iter()
        .map(|errors| {
            let mut findings = Vec::new();
            errors.iter().take(MAX_FINDINGS).for_each(|error| gather(error, &mut findings));
            in_order(&mut findings);
            let distance = findings.iter().map(|finding| distance(pointer, finding)).max();
            (distance.unwrap_or(Distance::Inside), findings)
        })
        .collect();
    let Some(near) = forms.iter().map(|(distance, _)| *distance).min() else { return Vec::new() };
    forms.retain(|(distance, _)| *distance == near);
    let mut forms = forms.into_iter().map(|(_, findings)| findings);
    let Some(first) = forms.next() else { return Vec::new() };
    let rest: Vec<_> = forms.collect();
    if rest.is_empty() {
        return first;
    }
    let agreed: Vec<_> = first.into_iter().filter_map(|finding| agree(finding, &rest)).collect();
    if agreed.is_empty() {
        return vec![Finding::new(pointer, Rule::Other("invalid", NO_FORM.into()))];
    }
    agreed
}

fn distance(pointer: &str, finding: &Finding) -> Distance {
    let Some(rest) = finding.pointer.strip_prefix(pointer) else { return Distance::Inside };
    let depth = rest.bytes().filter(|&byte| byte == b'/').count();
    match (&finding.rule, depth) {
        (Rule::Types(_), 0) => Distance::Type,
        (Rule::Values(_), 0 | 1) => Distance::Tag,
        (Rule::Required | Rule::Unknown, 1) => Distance::Fields,
        _ => Distance::Inside,
    }
}

/// The finding, when every other form has the same rule at the same place; what they allow is joined.
fn agree(mut finding: Finding, others: &[Vec<Finding>]) -> Option<Finding> {
    for other in others {
        let same = other.iter().filter(|found| found.pointer == finding.pointer).find_map(|found| {
            match (&finding.rule, &found.rule) {
                (Rule::Types(ours), Rule::Types(theirs)) => Some(Rule::Types(joined(ours, theirs))),
                (Rule::Values(ours), Rule::Values(theirs)) => Some(Rule::Values(joined(ours, theirs))),
                (ours, theirs) => (ours == theirs).then(|| ours.clone()),
            }
        });
        finding.rule = same?;
    }
    Some(finding)
}

fn joined<T: Clone + PartialEq>(ours: &[T], theirs: &[T]) -> Vec<T> {
    let new = theirs.iter().filter(|one| !ours.contains(one));
    ours.iter().chain(new).cloned().collect()
}
