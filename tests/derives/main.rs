//! What the three derives generate, seen from outside.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may")]

mod api_error;
mod model;
mod replies;
#[cfg(feature = "garde")]
mod rules_of_garde;
#[cfg(feature = "validator")]
mod rules_of_validator;

use actix_charter::model::{CheckContext, Model, Violations};
use actix_web::test::TestRequest;

/// Checks a value as a component would.
fn check<M: Model>(value: &M) -> Violations {
    let request = TestRequest::default().to_http_request();
    value.check(&CheckContext::new(&request)).err().unwrap_or_default()
}

/// `pointer code: detail`, one each.
fn told(violations: &Violations) -> Vec<String> {
    violations.iter().map(|v| format!("{} {}: {}", v.pointer, v.code, v.detail)).collect()
}
