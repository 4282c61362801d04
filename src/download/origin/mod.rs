//! Files behind other HTTP servers.
//!
//! An [`Origin`] is made once, and says which servers files may come from; nothing is allowed that it does not name.
//! [`Download::http`](crate::download::Download::http) passes a file of theirs on:
//!
//! ```
//! use actix_charter::download::{Download, Fetched, origin::Origin};
//! use actix_web::{App, HttpRequest, HttpResponse, test, web};
//!
//! async fn read(origin: web::Data<Origin>, other: web::Data<String>, request: HttpRequest) -> Fetched {
//!     Download::http(&origin, format!("{}/2024/report%201.pdf", other.as_str())).fetched(&request).await
//! }
//!
//! # #[actix_web::main]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // The other server; here one of this program, which only a test would allow.
//! let other = actix_test::start(|| App::new().default_service(web::to(|| async {
//!     HttpResponse::Ok().insert_header(("set-cookie", "theirs=1")).content_type("application/pdf").body("%PDF-")
//! })));
//! let server = format!("http://{}", other.addr());
//! let origin = Origin::new().allow(server.as_str())?.allow_private("127.0.0.0/8")?;
//!
//! let app = App::new().app_data(web::Data::new(origin)).app_data(web::Data::new(server)).default_service(web::to(read));
//! let app = test::init_service(app).await;
//! let answer = test::call_service(&app, test::TestRequest::get().to_request()).await;
//! let header = |name| answer.headers().get(name).map(|value| value.to_str().unwrap());
//! assert_eq!(header("content-type"), Some("application/pdf"));
//! assert_eq!(header("content-disposition"), Some("attachment; filename=\"report 1.pdf\"; filename*=UTF-8''report%201.pdf"));
//! assert_eq!(header("set-cookie"), None);
//! assert_eq!(test::read_body(answer).await, "%PDF-");
//! # Ok(())
//! # }
//! ```
//!
//! # What it holds to
//!
//! - A URL's scheme, host and port must be allowed, and so must be those of each redirect, which never leads from `https` to
//!   `http`. The addresses that a name stands for are looked at after they were looked up, and the connection goes to one of
//!   those: none that is private, of this machine, of the link, or otherwise no public one, unless
//!   [named](Origin::allow_private). Addresses in URLs are looked at alike, however they are spelled. Proxies that the
//!   environment names are not used.
//! - The other server sees nothing of the client but its `Range` and `If-Range`; the client sees nothing of the other
//!   server's headers but type, length, validators and range. A range that comes back is compared with the one asked for.
//! - No answer but 200 and 206 is a file: 404 and 410 become 404, 416 stays, what does not come in time is a 504, and all else,
//!   including an encoded answer, as none was asked for, a 502. What ends before its time ends the client's connection.

mod address;
mod error;
mod exchange;
mod http_download;
mod opened;
#[allow(clippy::module_inception, reason = "the room is called after what it is about")]
mod origin;
mod remote;
mod resolver;

pub use error::OriginError;
pub use origin::Origin;
pub use remote::Remote;
