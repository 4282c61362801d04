//! The requests that are measured.

use actix_http::Request;
use actix_web::{
    http::{
        Method, StatusCode, Uri,
        header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE, HOST, HeaderValue},
    },
    web::Bytes,
};

/// One kind of request, prepared so that making another costs little and the same on every side.
#[derive(Debug, Clone)]
pub struct Case {
    /// As it stands in the report.
    pub name: String,
    /// What must come back, or the measurement means nothing.
    pub status: StatusCode,
    method: Method,
    uri: Uri,
    length: HeaderValue,
    body: Bytes,
}

impl Case {
    fn new(name: impl Into<String>, method: Method, path: &str, body: Vec<u8>, status: StatusCode) -> Self {
        Self {
            name: name.into(),
            status,
            method,
            uri: path.parse().expect("a path"),
            length: body.len().into(),
            body: body.into(),
        }
    }

    /// Another request of this kind, with the headers that any client sends.
    #[must_use]
    pub fn request(&self) -> Request {
        const LOCALHOST: HeaderValue = HeaderValue::from_static("localhost");
        const JSON: HeaderValue = HeaderValue::from_static("application/json");

        let mut request = if self.body.is_empty() {
            Request::new()
        } else {
            Request::with_payload(self.body.clone().into())
        };
        let head = request.head_mut();
        head.method = self.method.clone();
        head.uri = self.uri.clone();
        head.headers.insert(HOST, LOCALHOST);
        head.headers.insert(ACCEPT, JSON);
        if !self.body.is_empty() {
            head.headers.insert(CONTENT_TYPE, JSON);
            head.headers.insert(CONTENT_LENGTH, self.length.clone());
        }
        request
    }
}

/// A POST that succeeds, one that breaks five rules, and a path parameter.
#[must_use]
pub fn endpoints() -> Vec<Case> {
    vec![
        Case::new("post", Method::POST, "/api/orders", bench_model::payload(), StatusCode::CREATED),
        Case::new(
            "post-5-faults",
            Method::POST,
            "/api/orders",
            bench_model::faulty_payload(),
            StatusCode::BAD_REQUEST,
        ),
        Case::new("get-path", Method::GET, "/api/stock/7", Vec::new(), StatusCode::OK),
    ]
}

/// The ends of a table of `size` routes `/r0/{id}` .. , a path that it has not, and a method that it has not.
#[must_use]
pub fn table(size: usize) -> Vec<Case> {
    let last = format!("/api/r{}/7", size - 1);
    let get = |place, path: &str, status| {
        Case::new(format!("table-{size}-{place}"), Method::GET, path, Vec::new(), status)
    };
    vec![
        get("first", "/api/r0/7", StatusCode::OK),
        get("last", &last, StatusCode::OK),
        get("miss", "/api/missing/7", StatusCode::NOT_FOUND),
        Case::new(
            format!("table-{size}-405"),
            Method::DELETE,
            &last,
            Vec::new(),
            StatusCode::METHOD_NOT_ALLOWED,
        ),
    ]
}
