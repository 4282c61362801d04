use std::borrow::Cow;

use serde_json::Value;

use super::deserialize::{Form, FormError, Sent};
use crate::{
    model::{SchemaOf, WireField},
    problem::{Fault, Faults, In},
    request::{
        explain::explain_value,
        flat::{Pairs, coerce, root_schema},
    },
};

/// Every fault of a form that does not fit its model: what its schema says, and what serde found first where no schema
/// says it, such as a text that should be a file.
pub(super) fn explain(schema: SchemaOf, wire: &'static [WireField], form: &Form, error: FormError) -> Faults {
    let mut faults = explain_value(In::Body, schema, &value(schema, wire, form));
    if !faults.iter().any(|fault| fault.pointer == error.pointer) {
        faults.push(Fault::new(In::Body, error.pointer, error.code, error.detail));
    }
    faults
}

/// What else is wrong with a form of which some parts were refused while it was read. About those nothing more is said.
pub(super) fn explain_beside(
    schema: SchemaOf,
    wire: &'static [WireField],
    form: &Form,
    mut refused: Faults,
) -> Faults {
    let field = |pointer: &str| pointer.split('/').nth(1).map(str::to_owned);
    let known: Vec<_> = refused.iter().map(|fault| field(&fault.pointer)).collect();
    for fault in &explain_value(In::Body, schema, &value(schema, wire, form)) {
        if !known.contains(&field(&fault.pointer)) {
            refused.push(fault.clone());
        }
    }
    refused
}

/// The form as its schema sees it. A file is a text there, of which nothing is looked at.
fn value(schema: SchemaOf, wire: &'static [WireField], form: &Form) -> Value {
    let text = form.fields().flat_map(|(name, values)| {
        values.iter().map(move |value| match value {
            Sent::Text(text) => (Cow::Borrowed(name), Cow::Borrowed(text.as_str())),
            Sent::File(_) | Sent::Json { .. } => (Cow::Borrowed(name), Cow::Borrowed("")),
        })
    });
    let Ok(pairs) = Pairs::from_text(In::Body, text, usize::MAX) else { return Value::Null };
    let mut value = coerce(&root_schema(schema), &pairs, wire);
    for (name, values) in form.fields() {
        let Some(place) = value.get_mut(name) else { continue };
        for (index, sent) in values.iter().enumerate() {
            let Sent::Json { value, .. } = sent else { continue };
            // One part with a list in it is the whole list; any other part of a list is an item.
            let is_item = place.is_array() && !(values.len() == 1 && value.is_array());
            if !is_item {
                place.clone_from(value);
            } else if let Some(item) = place.get_mut(index) {
                item.clone_from(value);
            }
        }
    }
    value
}
