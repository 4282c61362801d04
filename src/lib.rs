//! Controllers for Actix Web whose requests and responses are held to what they declare.

pub mod document;
pub mod endpoint;
pub mod media;
pub mod model;
pub mod problem;
pub mod request;
pub mod response;
pub mod router;
pub mod security;
#[cfg(feature = "testing")]
pub mod testing;

/// What most files need.
pub mod prelude {
    pub use crate::{
        document::Info,
        endpoint::{ContractMode, Operation, Options, Rule},
        model::Model,
        problem::Problem,
        request::{Body, Cookies, Headers, Path, Query},
        response::{
            Accepted, Binary, Conflict, Created, Forbidden, Found, Gone, Html, NoContent, NotFound, OneOf, Replies, SeeOther,
            Status, Text,
        },
        router::{Charter, Controller, Router},
        security::Requirement,
    };
}

/// What generated code calls. Not part of the public API.
#[doc(hidden)]
pub mod __private {
    pub use actix_web;
    #[cfg(feature = "garde")]
    pub use garde;
    pub use schemars;
    pub use serde_json;
    #[cfg(feature = "validator")]
    pub use validator;
}
