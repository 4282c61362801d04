use actix_web::{
    HttpResponse, ResponseError,
    http::{
        StatusCode,
        header::{CONTENT_RANGE, CONTENT_TYPE, HeaderValue},
    },
};

use super::Unavailable;
use crate::problem::Problem;

/// Why a download is not sent. Through a router it leaves as a [`Problem`], from a plain handler as a line of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, derive_more::Display, derive_more::Error)]
#[non_exhaustive]
pub enum DownloadError {
    /// 404: there is no such file.
    #[display("there is no such file")]
    NotFound,
    /// 403: the application may not read the file, and its root [says so](super::Root::unreadable_is_forbidden).
    #[display("the file may not be read")]
    Forbidden,
    /// 412: `If-Match` or `If-Unmodified-Since` does not hold (RFC 9110 §15.5.13).
    #[display("the file is not in the state that the request is about")]
    PreconditionFailed,
    /// 416: the file has none of the bytes that `Range` asks for (RFC 9110 §15.5.17).
    #[display("the file has none of the bytes that were asked for")]
    RangeNotSatisfiable {
        /// The file's length in bytes.
        size: u64,
    },
    /// 502: the place where the file lies does not give it. The log says more.
    #[display("the place where the file lies does not give it")]
    BadGateway,
    /// 504: the place where the file lies does not answer in time.
    #[display("the place where the file lies does not answer in time")]
    GatewayTimeout,
    /// 500: the file cannot be opened, or the program set a header that cannot be sent. The log says more.
    #[display("the file cannot be sent")]
    Internal,
}

impl DownloadError {
    const fn code(self) -> &'static str {
        match self {
            Self::NotFound => "not-found",
            Self::Forbidden => "forbidden",
            Self::PreconditionFailed => "precondition-failed",
            Self::RangeNotSatisfiable { .. } => "range-not-satisfiable",
            Self::BadGateway => "bad-gateway",
            Self::GatewayTimeout => "gateway-timeout",
            Self::Internal => "internal",
        }
    }

    fn content_range(self) -> Option<HeaderValue> {
        match self {
            Self::RangeNotSatisfiable { size } => HeaderValue::from_str(&format!("bytes */{size}")).ok(),
            _ => None,
        }
    }
}

impl From<Unavailable> for DownloadError {
    fn from(unavailable: Unavailable) -> Self {
        match unavailable {
            Unavailable::Missing => Self::NotFound,
            Unavailable::Forbidden => Self::Forbidden,
            Unavailable::Failed => Self::Internal,
            Unavailable::Upstream => Self::BadGateway,
            Unavailable::Timeout => Self::GatewayTimeout,
        }
    }
}

impl From<DownloadError> for Problem {
    fn from(error: DownloadError) -> Self {
        if error == DownloadError::Internal {
            return Self::internal();
        }
        let problem = Self::new(error.status_code()).code(error.code()).detail(error.to_string());
        match error.content_range() {
            Some(value) => problem.header(CONTENT_RANGE, value),
            None => problem,
        }
    }
}

impl ResponseError for DownloadError {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::PreconditionFailed => StatusCode::PRECONDITION_FAILED,
            Self::RangeNotSatisfiable { .. } => StatusCode::RANGE_NOT_SATISFIABLE,
            Self::BadGateway => StatusCode::BAD_GATEWAY,
            Self::GatewayTimeout => StatusCode::GATEWAY_TIMEOUT,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn error_response(&self) -> HttpResponse {
        let mut response =
            HttpResponse::new(self.status_code()).set_body(actix_web::body::BoxBody::new(self.to_string()));
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
        if let Some(value) = self.content_range() {
            headers.insert(CONTENT_RANGE, value);
        }
        response
    }
}
