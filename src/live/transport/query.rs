use std::collections::HashMap;

use actix_web::{
    HttpRequest,
    http::{StatusCode, header},
    web::Query,
};

use crate::{live::protocol::Codec, problem::Problem};

/// What a client says in the address.
#[derive(Debug, Default)]
pub(super) struct Words(HashMap<String, String>);

impl Words {
    pub(super) fn of(request: &HttpRequest) -> Self {
        Self(Query::from_query(request.query_string()).map(Query::into_inner).unwrap_or_default())
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    pub(super) fn is_protobuf(&self) -> bool {
        ["format", "cf_protocol"].into_iter().any(|name| self.get(name) == Some("protobuf"))
    }
}

pub(super) fn unreadable() -> Problem {
    let problem = Problem::new(StatusCode::BAD_REQUEST).code("unreadable");
    problem.detail("`cf_connect` is missing or cannot be read")
}

/// The codec of a request's body.
pub(super) fn codec(request: &HttpRequest) -> Codec {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    if kind.is_some_and(|kind| kind.starts_with("application/octet-stream")) {
        Codec::Protobuf
    } else {
        Codec::Json
    }
}
