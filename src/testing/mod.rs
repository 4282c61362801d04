//! What users test with: a client for an application in the same process or behind a socket, whose answers can be asserted on
//! in one line each, and are held to the API's own document.
//!
//! ```
//! use actix_charter::{prelude::*, testing::TestClient};
//! use serde_json::json;
//! # use schemars::JsonSchema;
//! # use serde::{Deserialize, Serialize};
//! # use validator::Validate;
//!
//! #[derive(Deserialize, Serialize, JsonSchema, Validate, Model)]
//! struct Note {
//!     #[validate(length(min = 1))]
//!     text: String,
//! }
//!
//! struct Notes;
//!
//! #[controller(path = "/notes")]
//! impl Notes {
//!     #[post]
//!     async fn create(&self, note: Body<Note>) -> Note {
//!         note.0
//!     }
//! }
//!
//! # #[actix_web::main] async fn main() {
//! let client = TestClient::new(Router::new("/api").controller(Notes)).await;
//!
//! // Every answer is held to the document: an undeclared status, or a body that does not fit, fails the test by itself.
//! client.post("/api/notes").json(&json!({"text": "milk"})).send().await.assert_status(201);
//! let answer = client.post("/api/notes").json(&json!({"text": ""})).send().await;
//! answer.assert_status(400).problem().assert_fault("body", "/text", "length");
//! # }
//! ```
//!
//! Live channels have clients of their own: `live` (feature `live`).
//!
//! Everything here fails a test by panicking, at the line of the test that asked.

// That is what an assertion is for.
#![allow(clippy::panic)]

mod answer;
mod client;
mod contract;
mod document;
mod download;
#[cfg(feature = "live")]
pub mod live;
mod multipart;
mod offloaded;
mod problem_view;
mod request;
mod response;
mod schemas;
mod sent_on;
mod transport;

pub use client::TestClient;
pub use contract::{Contract, Exchange};
pub use document::DocumentContract;
pub use download::DownloadView;
pub use multipart::MultipartForm;
pub use offloaded::OffloadView;
pub use problem_view::{FaultView, ProblemView};
pub use request::RequestBuilder;
pub use response::TestResponse;
pub use sent_on::SentOnView;
pub use transport::{Outgoing, Received, Transport};
