//! From a problem to the protocol's error.

use std::{borrow::Cow, fmt::Write};

use super::operation::Asked;
use crate::{
    live::protocol::{ErrorCode, ReplyError},
    problem::{Faults, In, Problem},
};

/// The longest text of an error, in bytes.
const MAX_MESSAGE: usize = 512;

/// Which number of its own the application gives to the code of a problem.
pub(crate) type OwnCodes = Vec<(Cow<'static, str>, u32)>;

/// A code of the application's own wins; then the status says which error it is.
pub(crate) fn reply_error(problem: &Problem, asked: Asked, own: &OwnCodes) -> ReplyError {
    let status = problem.status();
    let number = problem.get_code().and_then(|code| own.iter().find(|(known, _)| known == code));
    if let Some(code) = number.and_then(|(_, number)| ErrorCode::own(*number)) {
        return ReplyError::new(code, words(problem));
    }
    match error_of_status(status.as_u16(), asked) {
        // What is our own fault is nobody's business.
        ErrorCode::INTERNAL => ErrorCode::INTERNAL.into(),
        code => ReplyError::new(code, words(problem)),
    }
}

/// Which error of the protocol a status is.
pub(crate) fn error_of_status(status: u16, asked: Asked) -> ErrorCode {
    match status {
        400 => ErrorCode::BAD_REQUEST,
        401 => ErrorCode::UNAUTHORIZED,
        403 => ErrorCode::PERMISSION_DENIED,
        404 if asked != Asked::Rpc => ErrorCode::UNKNOWN_CHANNEL,
        413 => ErrorCode::LIMIT_EXCEEDED,
        429 => ErrorCode::TOO_MANY_REQUESTS,
        500.. => ErrorCode::INTERNAL,
        // All others are in the range that is free for applications.
        _ => ErrorCode::own(status.into()).unwrap_or(ErrorCode::BAD_REQUEST),
    }
}

fn words(problem: &Problem) -> String {
    if !problem.faults().is_empty() {
        return faults(problem.faults());
    }
    match problem.get_detail().or_else(|| problem.get_code()) {
        Some(text) => cut(text.to_owned()),
        None => cut(problem.title().to_lowercase()),
    }
}

/// `data /text: must have at least 1 character; channel /id: must be a number`. As many as there is room for.
fn faults(faults: &Faults) -> String {
    let mut text = String::new();
    let mut told = 0;
    for fault in faults {
        let place = match fault.location {
            In::Path => "channel",
            In::Body => "data",
            other => other.as_str(),
        };
        let before = text.len();
        let joint = if before == 0 { "" } else { "; " };
        let blank = if fault.pointer.is_empty() { "" } else { " " };
        let _ = write!(text, "{joint}{place}{blank}{}: {}", fault.pointer, fault.detail);
        // Room for the words at the end.
        if text.len() > MAX_MESSAGE - 16 && before > 0 {
            text.truncate(before);
            break;
        }
        told += 1;
    }
    let more = faults.as_slice().len() - told;
    if more > 0 || faults.is_truncated() {
        text.push_str("; and more");
    }
    cut(text)
}

fn cut(mut text: String) -> String {
    if text.len() > MAX_MESSAGE {
        let at = (0..=MAX_MESSAGE).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        text.truncate(at);
    }
    text
}
