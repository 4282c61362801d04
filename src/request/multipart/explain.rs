use super::deserialize::FormError;
use crate::problem::{Fault, Faults, In};

/// Every fault of a form that does not fit its model; for now the first that serde found.
pub(super) fn explain(error: FormError) -> Faults {
    Fault::new(In::Body, error.pointer, error.code, error.detail).into()
}
