//! Hands a file to the proxy in front: the application answers with a path and no body, the proxy sends the file.
//!
//! An [`Offload`] names the server and the folders that it may read; [`config_fragment`](Offload::config_fragment) writes the
//! server's side of the same rules. For each download there is an [`OffloadFile`] and the answer that the application would
//! send itself, and [`answer`](Offload::answer) either rewrites it or gives it back: what the server could not send
//! exactly as the application would have is sent by the application.
//!
//! ```
//! use actix_charter::download::offload::{Offload, OffloadFile};
//! use actix_web::{HttpResponse, test::TestRequest};
//!
//! let media = tempfile::tempdir()?;
//! let offload = Offload::nginx().map(media.path(), "/protected/")?;
//!
//! // What a responder does, once it has found the file, answered what is not modified, and looked away from `Range`:
//! let path = media.path().canonicalize()?.join("2024/résumé 1.pdf");
//! let file = OffloadFile::new(&path, 1_000_000);
//! let request = TestRequest::get().to_http_request();
//! let whole = HttpResponse::Ok().content_type("application/pdf").finish();
//!
//! let handed_over = offload.answer(request.head(), &file, whole).unwrap();
//! assert_eq!(handed_over.headers().get("x-accel-redirect").unwrap(), "/protected/2024/r%C3%A9sum%C3%A9%201.pdf");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Whether a running server does what it should, [`Offload::check`] finds out, with the help of the application's
//! [probe](Offload::probe); it tells the directive that is missing.
//!
//! # What the servers were found to do
//!
//! `tests/proxies` shows it for nginx 1.22, Apache 2.4 with mod_xsendfile 0.12, lighttpd 1.4.69 and Caddy 2.6. LiteSpeed is done
//! after its documentation.
//!
//! | | nginx | Apache | lighttpd | Caddy |
//! |---|---|---|---|---|
//! | names it cannot be told | none | control characters, a space at the end | control characters, not UTF-8 | as Apache, and `?` |
//! | left to the application: content | encoded | encoded; without `ETag` | | encoded |
//! | left to the application: requests with | `If-Match`, `If-Unmodified-Since` | | `If-Modified-Since` alone | `If-Match`, `If-Unmodified-Since`, `If-Modified-Since` alone, `If-Range` |
//! | `ETag`, `Last-Modified` | the file's; ours by the fragment, where a download has [its own](Offload::own_validators) | ours | ours | ours, by the fragment |
//! | what has no length and breaks off | seen as broken | seen as broken | [gathered](Offload::gather) before | gathered before |
//! | rate limit | by header | sent by the application | sent by the application | sent by the application |
//!
//! Orders are meant for the server in front. Whoever reaches the application past it would get one in a file's place, so let
//! nobody, or name the server's addresses with [`trusted_peers`](Offload::trusted_peers).
//!
//! nginx alone fetches what lies behind a URL: see [`Offload::remote`].
//!
//! The files must not be anyone's to replace: a proxy opens what it is told a moment after the application has looked at it. nginx is
//! told to refuse symbolic links below the roots; the other three follow them.

mod check;
mod encoding;
mod error;
mod file;
mod fragment;
mod offer;
mod peers;
mod place;
mod relayed;
mod remote;
mod rewrite;
mod rule;
mod server;

pub use check::OffloadProbe;
#[cfg(feature = "http-source")]
pub use check::{CheckReport, Finding, OffloadCheck, Standing};
pub use encoding::Encoding;
pub use error::OffloadError;
pub use file::OffloadFile;
pub use offer::{Offer, Offload};
pub(crate) use place::Place;
pub(crate) use rewrite::Survey;
