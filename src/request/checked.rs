use actix_web::HttpRequest;

use crate::{
    model::{CheckContext, Model},
    problem::{Faults, In},
};

/// Runs the model's own rules over a value that was read.
pub(crate) fn checked<T: Model>(value: T, location: In, request: &HttpRequest) -> Result<T, Faults> {
    match value.check(&CheckContext::new(request)) {
        Ok(()) => Ok(value),
        Err(violations) => Err(violations.into_faults(location)),
    }
}
