use jsonschema::{PatternOptions, Validator};
use serde_json::Value;

use super::{
    branch::findings_of,
    finding::{Finding, Rule, in_order},
    narrow::narrow,
    weight::{Weight, weigh},
};
use crate::{
    model::{SchemaOf, hold_to_width},
    problem::{Fault, Faults, In},
    request::flat::{ById, answer_schema, root_schema},
};

/// How often a pattern with look-around may step back before it is given up.
const BACKTRACKS: usize = 10_000;

/// Checks a value against the schema that the document shows for requests: every fault of it, sorted by place.
///
/// A value too big to be explained gives no faults; neither does a schema that is none.
pub(crate) fn explain_value(location: In, schema: SchemaOf, value: &Value) -> Faults {
    static COMPILED: ById<Option<Compiled>> = ById::new();
    faults(location, &COMPILED.get_or_make(schema, || compile(schema, &root_schema(schema))), value)
}

/// Checks an answer's body against the schema that the document shows for answers.
pub(crate) fn explain_answer(schema: SchemaOf, body: &[u8]) -> Faults {
    static COMPILED: ById<Option<Compiled>> = ById::new();
    match serde_json::from_slice(body) {
        Ok(value) => {
            let compiled = COMPILED.get_or_make(schema, || compile(schema, &answer_schema(schema)));
            faults(In::Body, &compiled, &value)
        }
        Err(_) => Fault::new(In::Body, "", "syntax", "is not JSON").into(),
    }
}

fn faults(location: In, compiled: &Option<Compiled>, value: &Value) -> Faults {
    let Some(Compiled { validator, growth }) = compiled else { return Faults::new() };
    if weigh(value, *growth) != Weight::Light {
        return Faults::new();
    }
    let mut findings = findings_of(validator.iter_errors(value));
    if location != In::Body {
        // Text is never null, and whoever sends it need not know that the field may be.
        findings.iter_mut().for_each(without_null);
    }
    in_order(&mut findings);
    findings.into_iter().map(|finding| finding.into_fault(location)).collect()
}

/// A schema that is ready to be used.
#[derive(Debug)]
struct Compiled {
    validator: Validator,
    /// How much a value costs more with each level of its depth.
    growth: usize,
}

fn without_null(finding: &mut Finding) {
    if let Rule::Types(types) = &mut finding.rule
        && types.len() > 1
    {
        types.retain(|name| *name != "null");
    }
}

fn compile(schema: SchemaOf, root: &Value) -> Option<Compiled> {
    let mut root = root.clone();
    hold_to_width(&mut root);
    let growth = narrow(&mut root);
    let options = || jsonschema::draft202012::options().should_validate_formats(true).offline();
    // The engine that is linear first; only patterns that it does not know get the other one, on a short leash.
    let compiled = options().with_pattern_options(PatternOptions::regex()).build(&root).or_else(|_| {
        let leash = PatternOptions::fancy_regex().backtrack_limit(BACKTRACKS);
        options().with_pattern_options(leash).build(&root)
    });
    match compiled {
        Ok(validator) => Some(Compiled { validator, growth }),
        Err(error) => {
            tracing::warn!(schema = %schema.name(), %error, "a schema cannot be used to explain requests");
            None
        }
    }
}
