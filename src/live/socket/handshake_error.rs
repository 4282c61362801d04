use actix_web::{
    HttpResponse, ResponseError,
    http::{
        StatusCode,
        header::{ALLOW, CONTENT_TYPE, HeaderName, HeaderValue, SEC_WEBSOCKET_VERSION, UPGRADE},
    },
};

use crate::problem::Problem;

/// Why a request does not become a socket. It is answered before anything is upgraded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, derive_more::Display, derive_more::Error)]
#[non_exhaustive]
pub enum HandshakeError {
    /// Not a GET: 405.
    #[display("a WebSocket is opened with GET")]
    Method,
    /// A plain request: 426.
    #[display("only WebSocket is spoken here")]
    NoUpgrade,
    /// Another version of the protocol than 13: 426.
    #[display("only version 13 of the WebSocket protocol is spoken here")]
    Version,
    /// `Sec-WebSocket-Key` is missing, or not 16 bytes in Base64: 400.
    #[display("Sec-WebSocket-Key is missing or wrong")]
    Key,
    /// The page's site may not connect: 403.
    #[display("pages of this origin may not connect")]
    Origin,
}

impl HandshakeError {
    fn code(self) -> &'static str {
        match self {
            Self::Method => "method_not_allowed",
            Self::NoUpgrade => "upgrade_required",
            Self::Version => "websocket_version",
            Self::Key => "websocket_key",
            Self::Origin => "origin_forbidden",
        }
    }

    fn headers(self) -> &'static [(HeaderName, &'static str)] {
        const METHOD: &[(HeaderName, &str)] = &[(ALLOW, "GET")];
        const SPOKEN: &[(HeaderName, &str)] = &[(UPGRADE, "websocket"), (SEC_WEBSOCKET_VERSION, "13")];
        match self {
            Self::Method => METHOD,
            Self::NoUpgrade | Self::Version => SPOKEN,
            Self::Key | Self::Origin => &[],
        }
    }
}

impl From<HandshakeError> for Problem {
    fn from(error: HandshakeError) -> Self {
        let problem = Self::new(error.status_code()).code(error.code()).detail(error.to_string());
        error.headers().iter().fold(problem, |problem, (name, value)| {
            problem.header(name.clone(), HeaderValue::from_static(value))
        })
    }
}

impl ResponseError for HandshakeError {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::NoUpgrade | Self::Version => StatusCode::UPGRADE_REQUIRED,
            Self::Key => StatusCode::BAD_REQUEST,
            Self::Origin => StatusCode::FORBIDDEN,
        }
    }

    fn error_response(&self) -> HttpResponse {
        let mut response =
            HttpResponse::new(self.status_code()).set_body(actix_web::body::BoxBody::new(self.to_string()));
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
        for (name, value) in self.headers() {
            headers.insert(name.clone(), HeaderValue::from_static(value));
        }
        response
    }
}
