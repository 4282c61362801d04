use actix_web::{
    Error,
    error::{InternalError, JsonPayloadError, PathError, PayloadError, QueryPayloadError, UrlencodedError},
    http::{
        StatusCode,
        header::{CONTENT_LENGTH, CONTENT_TYPE},
    },
};

use super::Refusal;
use crate::problem::Problem;

impl Refusal {
    /// The problem that this refusal is answered with.
    pub(crate) fn into_problem(self) -> Problem {
        match self {
            Self::Faults(faults) => Problem::faulty(faults),
            Self::Problem(problem) => problem,
            Self::Actix(error) => from_actix(&error),
        }
    }
}

/// An Actix error as a problem. Actix's own extractors put the refused value into their texts, so those are replaced;
/// an application's own error speaks for itself below 500, and goes to the log only from there.
fn from_actix(error: &Error) -> Problem {
    let response = error.error_response();
    let status = match error.as_error::<JsonPayloadError>() {
        // Actix says 400.
        Some(JsonPayloadError::ContentType) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        _ => response.status(),
    };
    let mut problem = Problem::new(status);
    if let Some((code, detail)) = actix_words(error).or_else(|| wrapped_words(error, status)) {
        problem = problem.code(code).detail(detail);
    } else if status.is_server_error() {
        problem = problem.code("internal");
        tracing::error!(target: "actix_charter::endpoint", status = status.as_u16(), "{error}");
    } else {
        problem = problem.detail(error.to_string());
    }
    for (name, value) in response.headers() {
        if name != CONTENT_TYPE && name != CONTENT_LENGTH {
            problem = problem.header(name.clone(), value.clone());
        }
    }
    problem
}

fn actix_words(error: &Error) -> Option<(&'static str, &'static str)> {
    if let Some(error) = error.as_error::<JsonPayloadError>() {
        return Some(match error {
            JsonPayloadError::OverflowKnownLength { .. } | JsonPayloadError::Overflow { .. } => {
                ("too-large", "the body is larger than this endpoint takes")
            }
            JsonPayloadError::ContentType => ("unsupported-media-type", "the body must be application/json"),
            JsonPayloadError::Payload(error) => payload_words(error),
            _ => ("invalid-request", "the body is not the JSON that this endpoint takes"),
        });
    }
    if let Some(error) = error.as_error::<UrlencodedError>() {
        return Some(match error {
            UrlencodedError::Overflow { .. } => ("too-large", "the body is larger than this endpoint takes"),
            UrlencodedError::UnknownLength => {
                ("length-required", "the request must say how long its body is")
            }
            UrlencodedError::ContentType => {
                ("unsupported-media-type", "the body must be application/x-www-form-urlencoded")
            }
            UrlencodedError::Payload(error) => payload_words(error),
            _ => ("invalid-request", "the body is not the form that this endpoint takes"),
        });
    }
    if let Some(error) = error.as_error::<PayloadError>() {
        return Some(payload_words(error));
    }
    if error.as_error::<serde_json::Error>().is_some()
        || error.as_error::<serde::de::value::Error>().is_some()
    {
        return Some(("invalid-request", "the request does not match what this endpoint accepts"));
    }
    if error.as_error::<QueryPayloadError>().is_some() {
        return Some(("invalid-request", "the query does not match what this endpoint accepts"));
    }
    // What `web::Path` answers with unless a `PathConfig` says otherwise.
    let path_value = error.as_error::<InternalError<serde::de::value::Error>>().is_some();
    if error.as_error::<PathError>().is_some() || path_value {
        return Some(("not-found", "there is nothing at this path"));
    }
    None
}

/// The same errors once an application's `error_handler` has put another status or answer around them. What is inside
/// cannot be looked at, only that it is there.
fn wrapped_words(error: &Error, status: StatusCode) -> Option<(&'static str, &'static str)> {
    fn is<E: std::fmt::Debug + std::fmt::Display + 'static>(error: &Error) -> bool {
        error.as_error::<InternalError<E>>().is_some()
    }
    let body = is::<JsonPayloadError>(error) || is::<UrlencodedError>(error) || is::<PayloadError>(error);
    let inside = body
        || is::<QueryPayloadError>(error)
        || is::<PathError>(error)
        || is::<Error>(error)
        || is::<serde_json::Error>(error)
        || is::<serde::de::value::Error>(error);
    (inside && !status.is_server_error()).then_some(match status {
        StatusCode::PAYLOAD_TOO_LARGE => ("too-large", "the body is larger than this endpoint takes"),
        StatusCode::UNSUPPORTED_MEDIA_TYPE => {
            ("unsupported-media-type", "the body's media type is not one that this endpoint takes")
        }
        StatusCode::NOT_FOUND => ("not-found", "there is nothing at this path"),
        _ => ("invalid-request", "the request does not match what this endpoint accepts"),
    })
}

/// What a body that broke off, or grew too large, is called.
pub(crate) fn payload_words(error: &PayloadError) -> (&'static str, &'static str) {
    match error {
        PayloadError::Overflow => ("too-large", "the body is larger than this endpoint takes"),
        PayloadError::Incomplete(_) => ("incomplete", "the body broke off"),
        PayloadError::EncodingCorrupted => ("encoding", "the body's content coding is broken"),
        _ => ("unreadable", "the body could not be read"),
    }
}

#[cfg(test)]
mod tests {
    use actix_web::{FromRequest, test::TestRequest, web};

    use super::from_actix;

    #[actix_web::test]
    async fn what_actix_says_of_a_path_does_not_repeat_it() {
        let request = TestRequest::default().param("id", "secret").to_http_request();
        let error = web::Path::<u32>::extract(&request).await.unwrap_err();
        let problem = from_actix(&error);
        assert_eq!(problem.status(), 404);
        assert!(!format!("{problem:?}").contains("secret"), "{problem:?}");
    }
}
