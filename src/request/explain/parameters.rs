use super::explain_value;
use crate::{
    model::{SchemaOf, WireField},
    problem::{Fault, Faults, In, push_pointer},
    request::flat::{FlatError, Pairs, coerce, root_schema},
};

/// Explains pairs that did not fit a model: everything that its schema says, or else what the reader said.
pub(crate) fn explain_pairs(
    location: In,
    schema: SchemaOf,
    pairs: &Pairs<'_>,
    wire: &'static [WireField],
    error: FlatError,
) -> Faults {
    let value = coerce(&root_schema(schema), pairs, wire);
    let named = value.is_object();
    let faults = explain_value(location, schema, &value);
    if faults.is_empty() {
        return error.into_fault(location).into();
    }
    if named { faults } else { faults.iter().map(|fault| by_name(fault, pairs)).collect() }
}

/// A fault of a value that was taken by position, under the name that the path gives it.
fn by_name(fault: &Fault, pairs: &Pairs<'_>) -> Fault {
    let mut tokens = fault.pointer.splitn(3, '/').skip(1);
    let position = tokens.next();
    let name = match position {
        None if pairs.len() == 1 => pairs.name(0),
        None => None,
        Some(position) => position.parse().ok().and_then(|at| pairs.name(at)),
    };
    let mut pointer = String::new();
    if let Some(name) = name {
        push_pointer(&mut pointer, name);
    }
    Fault::new(fault.location, pointer, fault.code.clone(), fault.detail.clone())
}
