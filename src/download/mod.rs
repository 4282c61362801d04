//! Files as answers: what is sent is said by the handler, ranges, validators and names come out right.
//!
//! A [`Download`] is made of a name below a [`Root`], of bytes, a reader or a stream. It is a reply of an endpoint, declared
//! in the document with all its statuses, and a `Responder` of a plain Actix handler.
//!
//! ```
//! use actix_charter::download::Download;
//! use actix_web::{Responder, http::header, test::TestRequest};
//!
//! let csv = Download::text("id,name\n1,Ann\n").file_name("users.csv").media_type("text/csv; charset=utf-8");
//! let answer = csv.cache_control("no-store").respond_to(&TestRequest::get().to_http_request());
//! assert_eq!(answer.headers().get(header::CONTENT_DISPOSITION).unwrap(), "attachment; filename=\"users.csv\"");
//! assert_eq!(answer.headers().get(header::ACCEPT_RANGES).unwrap(), "bytes");
//! ```
//!
//! Set `tcp_nodelay(true)` on the server: headers and small bodies go out in one write either way, but the end of a large
//! file would wait for the client's acknowledgement.

mod answer;
mod away;
mod byteranges;
#[cfg(feature = "download-cache")]
pub mod cache;
mod coding;
mod condition;
mod content;
mod delivery;
mod disposition;
#[allow(clippy::module_inception, reason = "the room is called after what it sends")]
mod download;
mod download_error;
mod entity_tag;
mod fetched;
mod file_content;
mod gathered;
mod identity;
mod kept;
mod local_file;
mod manner;
#[cfg(target_os = "linux")]
mod mark;
mod media_type;
mod name;
#[cfg(feature = "actix-files")]
mod named_file;
pub mod offload;
mod open_files;
#[cfg(feature = "http-source")]
pub mod origin;
mod paced_body;
mod primed;
mod range;
mod reader_content;
#[cfg(target_os = "linux")]
mod recent_files;
mod relative;
mod relay;
mod reply;
mod root;
mod seconds;
mod sheet;
mod shelf;
mod sized_body;
mod source;
pub mod storage;
mod stream_body;
mod unavailable;

pub use away::LinkTerms;
pub use delivery::{Delivering, Delivery};
pub use download::{Away, Download, Here};
pub use download_error::DownloadError;
pub use fetched::Fetched;
pub use local_file::LocalFile;
pub use relay::{Link, Relay};
pub use root::Root;
pub use unavailable::Unavailable;
