//! Controllers for Actix Web whose requests and responses are held to what they declare.

// Generated code says `::actix_charter`, inside this crate too.
extern crate self as actix_charter;

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

pub use actix_charter_macros::{ApiError, Model, Replies, controller};
/// Attributes of methods inside a [`controller`] block.
pub use actix_charter_macros::{delete, get, head, method, options, patch, post, put};
pub use model::Model;
pub use response::Replies;

/// Everything that a module with endpoints needs: `use actix_charter::prelude::*;`
pub mod prelude {
    #[cfg(feature = "multipart")]
    pub use crate::request::{Multipart, UploadedFile};
    pub use crate::{
        ApiError, Model, Replies, controller,
        document::Info,
        endpoint::{ContractMode, Operation, Options, Rule},
        model::{CheckContext, Violations},
        problem::Problem,
        request::{Body, Cookies, Headers, Path, Query},
        response::{
            Accepted, Binary, Conflict, Created, Forbidden, Found, Gone, Html, NoContent, NotFound, OneOf,
            SeeOther, Status, Text,
        },
        router::{Charter, Controller, Router},
        security::{Identity, Requirement},
    };
}

/// What generated code calls. Not part of the public API.
#[doc(hidden)]
pub mod __private {
    pub use crate::endpoint::checks;
    #[cfg(feature = "garde")]
    pub use crate::model::garde::from_garde;
    pub use crate::model::probe::{AnyKey, Key, NotAModel, Probe, TextKey, check_data};
    #[cfg(feature = "validator")]
    pub use crate::model::validator::from_validator;
    pub use crate::problem::derived::{
        Cause, HasSource, NoSource, declared_problem, problem_extension, problem_header, problem_output,
        status_code, told,
    };
    pub use crate::response::derived::{reply_cookie, reply_header, write_json};
    pub use crate::router::private::{argument, method, reply};
    pub use actix_web;
    #[cfg(feature = "garde")]
    pub use garde;
    pub use schemars;
    pub use serde;
    pub use serde_json;
    #[cfg(feature = "validator")]
    pub use validator;
}
