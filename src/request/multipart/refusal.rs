//! What a client is told when its body cannot be read. None of these texts holds anything the client sent.

use std::{borrow::Cow, io::ErrorKind};

use actix_multipart::MultipartError;
use actix_web::{error::PayloadError, http::StatusCode};

use super::metered::Metered;
use crate::{
    media::UnsupportedMediaType,
    problem::{Fault, In, Problem, push_pointer},
    request::{Refusal, read::too_slow},
};

/// The JSON Pointer of a field, and of one file in it.
pub(super) fn pointer(field: &str, index: Option<usize>) -> String {
    let mut pointer = String::new();
    push_pointer(&mut pointer, field);
    if let Some(index) = index {
        push_pointer(&mut pointer, &index.to_string());
    }
    pointer
}

/// A fault somewhere in the body.
pub(super) fn fault(
    pointer: impl Into<String>,
    code: &'static str,
    detail: impl Into<Cow<'static, str>>,
) -> Fault {
    Fault::new(In::Body, pointer, code, detail)
}

/// 413 because of the body as a whole.
pub(super) fn too_large(detail: impl Into<Cow<'static, str>>) -> Refusal {
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE).code("too-large").detail(detail).into()
}

/// 413 because of one field.
pub(super) fn field_too_large(pointer: String, detail: impl Into<Cow<'static, str>>) -> Refusal {
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE)
        .code("too-large")
        .detail("a field of the body is too large")
        .fault(fault(pointer, "length", detail))
        .into()
}

/// 413 because of the limit on the whole body.
pub(super) fn total_too_large(limit: u64) -> Refusal {
    too_large(format!("the body must have at most {limit} bytes"))
}

/// 415.
pub(super) fn unsupported(why: UnsupportedMediaType) -> Refusal {
    let detail = match why {
        UnsupportedMediaType::Malformed => "the Content-Type is malformed",
        UnsupportedMediaType::Absent | UnsupportedMediaType::Unknown | UnsupportedMediaType::Charset => {
            "the body must be multipart/form-data"
        }
    };
    unsupported_because(detail)
}

/// 415 with a sentence of its own.
pub(super) fn unsupported_because(detail: &'static str) -> Refusal {
    Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE).code("unsupported-media-type").detail(detail).into()
}

/// The parser's error in our words.
pub(super) fn broken(error: &MultipartError, body: &Metered, limit: u64) -> Refusal {
    tracing::debug!(target: "actix_charter::request", %error, "a multipart body cannot be read");
    let detail = match error {
        MultipartError::Payload(PayloadError::Overflow) if body.is_over() => return total_too_large(limit),
        MultipartError::Payload(PayloadError::Io(error)) if error.kind() == ErrorKind::TimedOut => {
            return too_slow().into();
        }
        MultipartError::Payload(PayloadError::Overflow) => {
            return too_large("the headers of a part, or a line before the first part, are too long");
        }
        MultipartError::Payload(_) | MultipartError::Incomplete => "the body ends before its last boundary",
        MultipartError::BoundaryMissing => "a boundary is missing, in the Content-Type or in the body",
        MultipartError::ContentTypeMissing
        | MultipartError::ContentTypeParse
        | MultipartError::ContentTypeIncompatible => "the Content-Type is malformed",
        MultipartError::ContentDispositionMissing => {
            "a part has no Content-Disposition that names it as form-data"
        }
        MultipartError::ContentDispositionNameMissing => "a part has no name",
        MultipartError::Nested => "a part must not be multipart itself",
        MultipartError::Parse(_) => "the headers of a part are malformed",
        _ => "the body is not well-formed multipart/form-data",
    };
    Refusal::Faults(fault("", "syntax", detail).into())
}

/// The disk failed us, not the client.
pub(super) fn disk(error: &std::io::Error) -> Refusal {
    tracing::error!(target: "actix_charter::request", %error, "an upload cannot be spooled");
    Problem::internal().into()
}
