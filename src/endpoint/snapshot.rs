use actix_web::{
    Error, HttpRequest,
    error::InternalError,
    http::{Method, Uri, header::ACCEPT},
    test::TestRequest,
};

use super::Voice;
use crate::problem::Problem;

/// What is needed to answer in a request's stead once a middleware has swallowed it and returned an error.
///
/// Keeping a clone of the request would be simpler, but then `ServiceRequest::head_mut` panics in the middleware.
pub(crate) struct Snapshot {
    method: Method,
    uri: Uri,
    accept: Vec<actix_web::http::header::HeaderValue>,
}

impl Snapshot {
    pub(crate) fn of(request: &HttpRequest) -> Self {
        Self {
            method: request.method().clone(),
            uri: request.uri().clone(),
            accept: request.headers().get_all(ACCEPT).cloned().collect(),
        }
    }

    /// The middleware's error in the manner of this voice.
    pub(crate) fn error(self, voice: &Voice, problem: Problem) -> Error {
        let mut request = TestRequest::default().method(self.method).uri(&self.uri.to_string());
        for value in self.accept {
            request = request.append_header((ACCEPT, value));
        }
        let request = request.to_http_request();
        let text = problem.to_string();
        let response = voice.problem(&request, voice.choose_for_error(request.headers()), problem);
        InternalError::from_response(text, response).into()
    }
}
