use actix_web::HttpRequest;

use super::Refusal;
use crate::{
    model::{CheckContext, Model},
    problem::{In, Problem},
};

/// Runs the model's own rules over a value that was read.
pub(crate) fn checked<T: Model>(value: T, location: In, request: &HttpRequest) -> Result<T, Refusal> {
    match value.check(&CheckContext::new(request)) {
        Ok(()) => Ok(value),
        // A rule that lacks its data is our fault, and has been logged as such.
        Err(violations) if violations.is_internal() => Err(Refusal::Problem(Problem::internal())),
        Err(violations) => Err(Refusal::Faults(violations.into_faults(location))),
    }
}
