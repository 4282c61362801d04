//! Files under keys: in a directory, in an object store, in whatever implements [`Storage`].
//!
//! A handler names a storage and a key, or a [row](FileRow) of a database; who sends the bytes is for the
//! [`Delivery`](super::Delivery) to say. Ranges, conditions and HEAD are answered alike for every storage.
//!
#![cfg_attr(feature = "object-store", doc = "```")]
#![cfg_attr(not(feature = "object-store"), doc = "```ignore")]
//! use actix_charter::download::{Download, Fetched, storage::ObjectStorage};
//! use actix_web::{App, HttpRequest, test, web};
//! use object_store::{ObjectStoreExt, memory::InMemory, path::Path};
//!
//! async fn read(bucket: web::Data<ObjectStorage>, key: web::Path<String>, request: HttpRequest) -> Fetched {
//!     Download::stored(bucket.get_ref(), key.into_inner()).file_name("report.txt").fetched(&request).await
//! }
//!
//! # #[actix_web::main]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // Or `AmazonS3`, `GoogleCloudStorage`, `MicrosoftAzure`.
//! let store = InMemory::new();
//! store.put(&Path::parse("2024/7")?, "Hello, world!".into()).await?;
//! let bucket = web::Data::new(ObjectStorage::new("reports", store));
//! let app = test::init_service(App::new().app_data(bucket).route("/{key:.*}", web::get().to(read))).await;
//!
//! let request = test::TestRequest::get().uri("/2024/7").insert_header(("range", "bytes=7-11"));
//! let answer = test::call_service(&app, request.to_request()).await;
//! assert_eq!(answer.status(), 206);
//! assert_eq!(answer.headers().get("content-disposition").unwrap(), "attachment; filename=\"report.txt\"");
//! let tag = answer.headers().get("etag").unwrap().clone();
//! assert_eq!(test::read_body(answer).await, "world");
//!
//! let request = test::TestRequest::get().uri("/2024/7").insert_header(("if-none-match", tag));
//! assert_eq!(test::call_service(&app, request.to_request()).await.status(), 304);
//! let request = test::TestRequest::get().uri("/2024/8");
//! assert_eq!(test::call_service(&app, request.to_request()).await.status(), 404);
//! # Ok(())
//! # }
//! ```
//!
//! # What each can do
//!
//! | | `ETag` | a replaced file is noticed | links | name and type inside the link |
//! |---|---|---|---|---|
//! | [`Root`](super::Root), a directory | size and time | the open file is sent | no; offloaded as a file | |
//! | `ObjectStorage`: S3, GCS | the store's | yes | with a signer | yes |
//! | `ObjectStorage`: Azure | the store's | yes | with a signer | no: sent by us when it matters |
//! | `ObjectStorage`: memory, local | the store's | yes | no | |
//! | `OpendalStorage` | if the service has one | with `If-Match`, or by `ETag` and length | if the service signs | as the service says |
//! | your own [`Storage`] | as `find` tells | as `read` does | as `link` does | as [`Link::overrides`](super::Link) says |
//!
//! # When a storage fails
//!
//! | | the client gets |
//! |---|---|
//! | there is no such object, or the key is none | 404 |
//! | it refuses (403), breaks, or has another object by now, before the first byte | 502 |
//! | it says nothing for too long, before the first byte | 504 |
//! | any of these later | an aborted connection, never a short file that looks whole |
//!
//! The log tells why; the client is told no more than the status. The last bytes of a range are kept back until the storage
//! says that there are no more, so that one that sends another part than it was asked for is found out.
//!
//! # Links
//!
//! With [`Delivery::redirect`](super::Delivery::redirect) a GET is answered with 307 and `Cache-Control: no-store`. Still sent by
//! us are HEAD, for a link is signed for one method; requests with `If-Match` or `If-Unmodified-Since`; files with a rate limit
//! or a content security policy; and those whose name, type or disposition the other place could not repeat. A range is served
//! there. `Range`, `If-Range` and `If-None-Match` are repeated by the client, and judged there by the store's own `ETag`.

mod content;
mod file_row;
#[cfg(any(feature = "object-store", feature = "opendal"))]
mod key;
#[cfg(feature = "object-store")]
mod object_storage;
#[cfg(feature = "opendal")]
mod opendal_storage;
#[cfg(any(feature = "object-store", feature = "opendal"))]
mod patience;
#[cfg(any(feature = "object-store", feature = "opendal"))]
mod place;
#[allow(clippy::module_inception, reason = "the room is called after what it is about")]
mod storage;
mod stored;
mod stored_download;

pub use file_row::{FileRow, RowContent};
#[cfg(feature = "object-store")]
pub use object_storage::ObjectStorage;
#[cfg(feature = "opendal")]
pub use opendal_storage::OpendalStorage;
pub use storage::{ByteStream, Storage};
pub use stored::Stored;

#[cfg(any(feature = "object-store", feature = "opendal"))]
use super::Unavailable;
