//! Controllers for Actix Web whose requests and responses are held to what they declare.
//!
//! An endpoint is a method. What it takes is read, checked and documented from the types of its arguments, what it can
//! answer from its return type; a request that does not fit gets one answer with everything that is wrong in it, and an
//! answer that breaks its own declaration does not leave the server. A [`Router`](router::Router) is an ordinary Actix
//! service, and any Actix extractor, guard and middleware works with it.
//!
//! ```
//! use actix_charter::prelude::*;
//! use actix_web::{App, test};
//! use schemars::JsonSchema;
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Deserialize, JsonSchema, Model)]
//! struct NewUser {
//!     name: String,
//!     age: u8,
//! }
//!
//! #[derive(Serialize, JsonSchema, Model)]
//! struct User {
//!     id: u32,
//!     name: String,
//! }
//!
//! struct Users;
//!
//! #[controller(path = "/users", tag = "users")]
//! impl Users {
//!     /// Register a user.
//!     #[post]
//!     async fn create(&self, Body(user): Body<NewUser>) -> Created<User> {
//!         Created::at("/api/users/1", User { id: 1, name: user.name })
//!     }
//!
//!     /// Find a user.
//!     #[get("/{id}")]
//!     async fn show(&self, id: Path<u32>) -> Option<User> {
//!         (id.0 == 1).then(|| User { id: 1, name: "Ann".to_owned() })
//!     }
//! }
//!
//! # actix_web::rt::System::new().block_on(async {
//! let api = Router::new("/api").controller(Users).openapi(Info::new("Team board", "1.0"));
//! let app = test::init_service(App::new().service(api)).await;
//!
//! let request = test::TestRequest::get().uri("/api/users/1").to_request();
//! assert_eq!(test::call_and_read_body(&app, request).await, r#"{"id":1,"name":"Ann"}"#);
//!
//! let request = test::TestRequest::post().uri("/api/users").set_json(serde_json::json!({"age": "old"}));
//! let answer = test::call_service(&app, request.to_request()).await;
//! assert_eq!(answer.status(), 400);
//! # });
//! ```
//!
//! # What there is
//!
//! | | |
//! |---|---|
//! | [`controller`] | endpoints, and all that can be said of them |
//! | [`request`] | what endpoints take: bodies, queries, paths, headers, cookies, uploads |
//! | [`response`] | what they answer: models, `Created`, redirects, unions, and enums with `#[derive(Replies)]` |
//! | [`model`] | types in a contract: `#[derive(Model)]` |
//! | [`problem`] | errors: `#[derive(ApiError)]`, RFC 9457 problems, other error models |
//! | [`media`] | JSON, MessagePack, forms, multipart, and formats of your own |
//! | [`security`] | who is calling: basic, bearer, JWT, API keys, and schemes of your own |
//! | [`router`] | controllers mounted: prefixes, nesting, the report of what is wrong |
//! | [`endpoint`] | one operation's declaration, and its options in layers |
//! | [`document`] | OpenAPI: built, served, shown, exported |
//! | `download` (feature) | files as answers, wherever they lie: ranges, conditions, names; sent by us, by a proxy, by the store |
//! | `testing` (feature) | a client for your tests that holds every answer to the contract |
//!
//! # Features
//!
//! | feature | default | |
//! |---|---|---|
//! | `validator` | yes | `#[validate(..)]` of the crate validator is run on every model |
//! | `garde` | | `#[garde(..)]` of the crate garde is run on every model |
//! | `explain` | yes | a refused request is told everything that is wrong; without it the first fault of each component; also compares JSON bodies of raw answers with their model |
//! | `multipart` | yes | `multipart/form-data` and uploads |
//! | `msgpack` | | MessagePack in both directions |
//! | `jwt` | | JSON Web Tokens behind `Bearer<Claims>` |
//! | `yaml` | yes | the document as YAML, too |
//! | `compress` | yes | the document is served compressed |
//! | `swagger-ui`, `scalar` | `swagger-ui` | pages that show the document, their assets inside the binary |
//! | `uuid` | | `uuid::Uuid` in paths and models |
//! | `download` | | `Download`: files, bytes, readers and streams as answers; `Offload` to a proxy |
//! | `object-store`, `opendal` | | `ObjectStorage`, `OpendalStorage`: files in S3, GCS, Azure and dozens more |
//! | `http-source` | | `Download::http`: files behind other servers; `Offload::check`: is the proxy right? |
//! | `actix-files` | | `Download::named_file` |
//! | `signed-links` | | `SignedLinks`: links that may be followed for a time |
//! | `download-cache` | | `DownloadCache`: generated and remote files kept on disk, where a proxy can send them from |
//! | `testing` | | the client for tests |

// Generated code says `::actix_charter`, inside this crate too.
extern crate self as actix_charter;

pub mod document;
#[cfg(feature = "download")]
pub mod download;
pub mod endpoint;
#[cfg(fuzzing)]
#[doc(hidden)]
pub mod fuzzing;
#[cfg(feature = "live")]
pub mod live;
pub mod media;
pub mod model;
pub mod problem;
pub mod request;
pub mod response;
pub mod router;
pub mod security;
#[cfg(feature = "testing")]
pub mod testing;

/// The README's examples are tests.
#[cfg(all(
    doctest,
    feature = "live",
    feature = "object-store",
    feature = "swagger-ui",
    feature = "testing",
    feature = "validator"
))]
#[doc = include_str!("../README.md")]
struct Readme;

/// Makes an error enum (or struct) answers: [RFC 9457](https://www.rfc-editor.org/rfc/rfc9457) problems with a status and a code.
///
/// The error needs `Display` and `Debug`, from thiserror, derive_more or by hand. The derive implements [`Replies`] and
/// `From<Error> for `[`Problem`](problem::Problem). Below 500 the `Display` text is the problem's `detail`. **From 500 on it is
/// not sent**: it goes to the log, with `Debug` and all causes, and the client is told status, title and code.
///
/// | above a variant (or the struct) | |
/// |---|---|
/// | `status = 409` | required, 400 to 599 |
/// | `code = "email-taken"` | a stable word; default: the variant's name in kebab-case |
/// | `title = ".."` | replaces the status's phrase |
/// | `type = "https://.."` | the problem type; default `about:blank` |
/// | `transparent` | stands alone: the one field, an `ApiError` or a `Problem`, answers |
///
/// | above a field | |
/// |---|---|
/// | `header = "Retry-After"` | sends the field's `Display` text in this header; `None` sends nothing |
/// | `extension`, `extension = "name"` | adds the field (`Serialize`) as a member of the problem; `None` adds nothing |
///
/// ```
/// use actix_charter::{ApiError, problem::Problem};
///
/// #[derive(Debug, thiserror::Error, ApiError)]
/// enum TransferError {
///     /// The account does not hold enough.
///     #[error("{missing} more are needed")]
///     #[api(status = 409)]
///     OutOfCredit {
///         #[api(extension)]
///         missing: u32,
///     },
///     #[error("the ledger at {0} is locked")]
///     #[api(status = 503, code = "busy")]
///     Locked(String, #[api(header = "Retry-After")] u32),
/// }
///
/// let problem = Problem::from(TransferError::OutOfCredit { missing: 7 });
/// assert_eq!(problem.get_code(), Some("out-of-credit"));
/// assert_eq!(problem.get_detail(), Some("7 more are needed"));
/// assert_eq!(problem.extensions()["missing"], 7);
///
/// let problem = Problem::from(TransferError::Locked("db-7".into(), 30));
/// assert_eq!(problem.get_detail(), None);
/// assert_eq!(problem.headers().get("retry-after").unwrap(), "30");
/// ```
pub use actix_charter_macros::ApiError;
/// Makes a type a [model](trait@Model): what may stand in a contract.
///
/// Derive it beside `JsonSchema`, and `Deserialize` or `Serialize`. It reads serde's attributes for the names on the wire,
/// and runs the rules of `#[validate(..)]` (feature `validator`) and `#[garde(..)]` (feature `garde`). A rule's context,
/// `#[validate(context = Ty)]` or `#[garde(context(Ty))]`, is application data of that type, bare or in `web::Data`; when
/// it is not registered, the answer is a 500 and a line in the log. A newtype is held to the rules of what it wraps.
///
/// | above the type | |
/// |---|---|
/// | `check = path::to::function` | runs `fn(&Self, &CheckContext<'_>) -> Result<(), Violations>` too; may be given several times |
///
/// | above a field | |
/// |---|---|
/// | `null` | in a query, header, cookie or form, the text `null` is null |
/// | `commas` | in a query, header, cookie or form, one value is a comma-separated list |
/// | `max_size = "5 MiB"` | the most bytes of one uploaded file; a number, or one with B, KB, MB, GB, KiB, MiB or GiB |
/// | `max_files = 3` | the most files |
/// | `accept("image/png", "image/*")` | the media types of the files |
///
/// The rules of a field's own type are run where it says `#[validate(nested)]` or `#[garde(dive)]`, its `check` functions included.
///
/// ```
/// use actix_charter::{Model, model::{CheckContext, Violations}};
/// use schemars::JsonSchema;
/// use serde::Deserialize;
///
/// #[derive(Deserialize, JsonSchema, Model)]
/// #[serde(rename_all = "camelCase")]
/// #[model(check = in_order)]
/// struct Stay {
///     check_in: u32,
///     check_out: u32,
/// }
///
/// fn in_order(stay: &Stay, _: &CheckContext<'_>) -> Result<(), Violations> {
///     if stay.check_in < stay.check_out {
///         return Ok(());
///     }
///     Err(Violations::one("/checkOut", "order", "must lie after the arrival"))
/// }
///
/// assert_eq!(Stay::WIRE[0].wire, "checkIn");
/// let request = actix_web::test::TestRequest::default().to_http_request();
/// let wrong = Stay { check_in: 2, check_out: 1 }.check(&CheckContext::new(&request)).unwrap_err();
/// assert_eq!(wrong.iter().next().unwrap().pointer, "/checkOut");
/// ```
pub use actix_charter_macros::Model;
/// Makes an enum (or struct) a set of declared answers, see [the trait](trait@Replies).
///
/// A variant's field is the body: a model, and `Serialize`. It is the one field of a tuple variant without an attribute, or the field
/// named `body`. A variant without one has an empty body.
///
/// | above a variant (or the struct) | |
/// |---|---|
/// | `status = 200` | required |
/// | `description = ".."` | default: the doc comment |
/// | `header("Cache-Control" = "no-store", ..)` | headers that are always the same |
/// | `transparent` | stands alone: the one field, any `Replies`, answers |
///
/// | above a field | |
/// |---|---|
/// | `body` | the body |
/// | `header = "ETag"` | sends the `Display` text in this header; an `Option` makes the header optional |
/// | `cookie = "sid"` | sets this cookie to the `Display` text; an `Option` makes it optional. Beside it: `path = "/"` (the default), `domain = ".."`, `secure`, `http_only`, `same_site = "Strict"`, `"Lax"` (the default) or `"None"`, `max_age = 3600` in seconds |
///
/// A value that cannot be sent (a line break in a header, a `;` in a cookie) makes the answer a 500 and a line in the log.
///
/// ```
/// use actix_charter::{Model, Replies, response::Declared};
/// use schemars::JsonSchema;
/// use serde::Serialize;
///
/// #[derive(Serialize, JsonSchema, Model)]
/// struct User { id: u32 }
///
/// #[derive(Replies)]
/// enum Login {
///     /// Logged in.
///     #[reply(status = 200, header("Cache-Control" = "no-store"))]
///     In {
///         body: User,
///         #[reply(cookie = "__Host-sid", secure, http_only, same_site = "Strict")]
///         session: String,
///     },
///     /// A second factor is needed.
///     #[reply(status = 202)]
///     Second,
/// }
///
/// let mut outputs = Vec::new();
/// Login::describe(&mut outputs);
/// assert_eq!(outputs[0].cookies[0].name, "__Host-sid");
/// assert_eq!(outputs[1].status, Some(202));
/// ```
pub use actix_charter_macros::Replies;
#[cfg(feature = "live")]
#[doc = include_str!("live/channel/channel.md")]
pub use actix_charter_macros::channel;
#[doc = include_str!("router/controller.md")]
pub use actix_charter_macros::controller;
/// Makes a method inside a [`controller`] block an endpoint; its keys are told there.
pub use actix_charter_macros::{delete, get, head, method, options, patch, post, put};
/// Makes a method inside a [`channel`] block an operation; its keys are told there.
#[cfg(feature = "live")]
pub use actix_charter_macros::{publish, rpc, subscribe};
pub use model::Model;
pub use response::Replies;

/// Everything that a module with endpoints needs: `use actix_charter::prelude::*;`
pub mod prelude {
    #[cfg(feature = "download")]
    pub use crate::download::{Download, Root};
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
    #[cfg(feature = "live")]
    pub use crate::{channel, live::Live};
}

/// What generated code calls. Not part of the public API.
#[doc(hidden)]
pub mod __private {
    pub use crate::endpoint::checks;
    #[cfg(fuzzing)]
    pub use crate::fuzzing as fuzz;
    #[cfg(feature = "live")]
    pub use crate::live::private::*;
    #[cfg(all(feature = "live", feature = "testing"))]
    pub use crate::live::probe;
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
    pub use crate::router::private::*;
    pub use actix_web;
    #[cfg(feature = "garde")]
    pub use garde;
    pub use schemars;
    pub use serde;
    pub use serde_json;
    #[cfg(feature = "validator")]
    pub use validator;
}
