//! What `#[derive(ApiError)]` generates calls of.
#![allow(missing_docs, reason = "generated code calls it, nobody else")]

use std::{error::Error, fmt};

use actix_web::http::{
    StatusCode,
    header::{HeaderName, HeaderValue},
};
use serde::Serialize;

use super::Problem;
use crate::endpoint::{HeaderSpec, Output, OutputContent};

/// The deepest chain of causes that is logged.
const DEEPEST: usize = 16;

/// A problem as the attributes declare it.
#[must_use]
pub fn declared_problem(
    status: u16,
    code: &'static str,
    title: Option<&'static str>,
    type_uri: Option<&'static str>,
) -> Problem {
    let mut problem = Problem::new(status_code(status)).code(code);
    if let Some(title) = title {
        problem = problem.titled(title);
    }
    if let Some(uri) = type_uri {
        problem = problem.type_uri(uri);
    }
    problem
}

/// The derive checked the number already.
#[must_use]
pub fn status_code(status: u16) -> StatusCode {
    StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// Adds a header; a value that cannot be sent is left out and logged.
#[must_use]
pub fn problem_header(problem: Problem, name: &'static str, value: &dyn fmt::Display) -> Problem {
    let text = value.to_string();
    match (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(&text)) {
        (Ok(name), Ok(value)) => problem.header(name, value),
        _ => {
            tracing::error!(target: "actix_charter::problem", header = name, "a problem's header has a value that cannot be sent");
            problem
        }
    }
}

/// Adds an extension member; a value that cannot be told is left out and logged.
#[must_use]
pub fn problem_extension<T: Serialize + ?Sized>(problem: Problem, name: &'static str, value: &T) -> Problem {
    match serde_json::to_value(value) {
        Ok(value) => problem.extension(name, value),
        Err(error) => {
            tracing::error!(target: "actix_charter::problem", member = name, %error, "a problem's extension cannot be rendered");
            problem
        }
    }
}

/// Tells the client what the error says, when it is the client's affair; a server's error goes to the log instead.
pub fn told<E: fmt::Display + fmt::Debug>(
    problem: Problem,
    error: &E,
    source: Option<&(dyn Error + 'static)>,
) -> Problem {
    if !problem.status().is_server_error() {
        return problem.detail(error.to_string());
    }
    let mut causes = String::new();
    let mut next = source;
    for _ in 0..DEEPEST {
        let Some(cause) = next else { break };
        if !causes.is_empty() {
            causes.push_str(": ");
        }
        causes.push_str(&cause.to_string());
        next = cause.source();
    }
    tracing::error!(
        target: "actix_charter::problem",
        status = problem.status().as_u16(),
        code = problem.get_code(),
        %error,
        debug = ?error,
        causes,
        "an endpoint failed"
    );
    problem
}

/// One declared problem, for the document.
#[must_use]
pub fn problem_output(status: u16, description: &'static str, headers: Vec<HeaderSpec>) -> Output {
    let mut output = Output::new(Some(status), OutputContent::Problem);
    output.description = Some(description.into());
    output.headers = headers;
    output
}

/// Asks an error for its cause, when it implements [`Error`]: `(&Cause(&error)).source()`.
#[derive(Debug)]
pub struct Cause<'a, E>(pub &'a E);

pub trait HasSource<'a> {
    fn source(&self) -> Option<&'a (dyn Error + 'static)>;
}

impl<'a, E: Error> HasSource<'a> for Cause<'a, E> {
    fn source(&self) -> Option<&'a (dyn Error + 'static)> {
        self.0.source()
    }
}

pub trait NoSource<'a> {
    fn source(&self) -> Option<&'a (dyn Error + 'static)>;
}

impl<'a, E> NoSource<'a> for &Cause<'a, E> {
    fn source(&self) -> Option<&'a (dyn Error + 'static)> {
        None
    }
}
