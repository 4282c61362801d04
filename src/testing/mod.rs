//! What users test with: a client for an application in the same process or behind a socket, whose answers can be asserted on
//! in one line each, and held to a contract.
//!
//! ```
//! use actix_charter::testing::TestClient;
//! use actix_web::{HttpResponse, web};
//!
//! # #[actix_web::main] async fn main() {
//! let client = TestClient::configured(|config| {
//!     config.route("/hello", web::get().to(|| async { HttpResponse::Ok().body("hello") }));
//! })
//! .await;
//!
//! let answer = client.get("/hello").send().await;
//! answer.assert_status(200).assert_body("hello");
//! # }
//! ```
//!
//! Everything here fails a test by panicking, at the line of the test that asked.

// That is what an assertion is for.
#![allow(clippy::panic)]

mod client;
mod contract;
mod multipart;
mod problem_view;
mod request;
mod response;
mod transport;

pub use client::TestClient;
pub use contract::{Contract, Exchange};
pub use multipart::MultipartForm;
pub use problem_view::{FaultView, ProblemView};
pub use request::RequestBuilder;
pub use response::TestResponse;
pub use transport::{Outgoing, Received, Transport};
