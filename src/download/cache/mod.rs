//! Files that are generated, or fetched from elsewhere, kept on disk: made once, and sent by the proxy from then on.
//!
//! A [`DownloadCache`] is a directory, and a part of the [`Delivery`](super::Delivery). What comes from a storage goes through
//! it by itself, unless it is [`uncached`](super::Download::uncached); what a handler makes does when the handler says what it is called, by
//! [`cached`](super::Download::cached) or [`generated`](super::Download::generated):
//!
//! ```
//! use actix_charter::download::{Delivery, Download, Fetched, cache::DownloadCache, offload::Offload};
//! use actix_web::{App, HttpRequest, test, web};
//! use futures_util::stream;
//!
//! /// A row a line. The version tells one state of the table from another.
//! async fn export(request: HttpRequest) -> Fetched {
//!     Download::generated("export/users", || stream::iter((0..2000).map(|id| Ok::<_, std::io::Error>(format!("{id},Ann\n")))))
//!         .etag("version-7")
//!         .file_name("users.csv")
//!         .fetched(&request)
//!         .await
//! }
//!
//! # #[actix_web::main]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let directory = tempfile::tempdir()?;
//! // Made once, where the program starts; all workers share it.
//! let cache = DownloadCache::new(directory.path().join("downloads"))?.max_size(10 << 30);
//! let proxy = Offload::nginx().map(cache.path(), "/cached/")?;
//! let delivery = Delivery::new().cache(cache).offload(proxy);
//! let app = test::init_service(App::new().wrap(delivery).route("/users.csv", web::get().to(export))).await;
//! let request = || test::TestRequest::get().uri("/users.csv").to_request();
//!
//! // The first client is sent the rows while they are made, and written down.
//! let first = test::call_service(&app, request()).await;
//! assert!(test::read_body(first).await.starts_with(b"0,Ann\n1,Ann\n"));
//! // For the second, nothing is made, and nginx sends the file.
//! let second = test::call_service(&app, request()).await;
//! assert!(second.headers().get("x-accel-redirect").unwrap().to_str()?.starts_with("/cached~own/"));
//! assert_eq!(second.headers().get("etag").unwrap(), "\"version-7\"");
//! # Ok(())
//! # }
//! ```
//!
//! # What is kept
//!
//! What has a validator: an entity tag, given or the source's own (bytes have their digest), or else the time of the last change,
//! when that is more than a minute ago: the clock that tells it need not be ours, and within its second there may be another
//! change. Name and validator together are the key, so what is kept is never stale, and what is out of date is never asked for
//! again. What has none is sent as if there were no cache, and the log says so. Only bytes are kept; type, name and validators of
//! an answer come from the handler and the source each time.
//!
//! # The first time
//!
//! The first client that reads starts the filling; who comes meanwhile, on any worker, follows the growing file. Nobody is
//! slowed down by a slower one. HEAD, 304, 412 and 416 start nothing. Ranges are served as the filling reaches them when the
//! length is known; when it is not, the whole is sent. One that begins more than 8 MiB ahead of the filling does not wait for
//! it where the source can read any part (a storage, a reader, bytes): it is read from there, and starts no filling. The last
//! byte is told to nobody before the file is whole, checked, and in its place. Behind a server that
//! [loses breaks](super::offload::Offload::gather), a client is sent nothing of what has no length before it is whole, and then out of
//! the cache.
//!
//! A filling of known length goes on when its clients have left, since it ends (a stream that was promised
//! a length must end when it has given that much); one of unknown length stops when nobody is left.
//!
//! When the *source* fails, panics, is silent for longer than [`stall_timeout`](DownloadCache::stall_timeout), or gives less or
//! more than it promised, all its clients' connections are aborted (or answered with 404, 500, 502 or 504, when that comes before
//! their first byte), nothing is kept, and the next request tries anew; the same when the worker that fills is shut down. When
//! only the *cache* cannot go on (the disk is full, the directory gone, the file longer than
//! [`max_file_size`](DownloadCache::max_file_size), no room for it among those that are filled), the first client is sent the rest
//! without it. The others go on from sources of their own where a strong entity tag promises the same bytes,
//! and are aborted otherwise.
//!
//! # Bounds
//!
//! After each filling, at the first use, and each minute in which the cache is used, what was not used for longest goes, until the
//! rest fits into [`max_size`](DownloadCache::max_size); and what is older than [`max_age`](DownloadCache::max_age). A cache that
//! nobody uses does nothing. A download that is under way keeps the file open and is not disturbed. A proxy opens the file by its name a moment later: what was handed over stays for half a minute,
//! even above the bound.
//!
//! Files that are being filled come on top of it. Together they take at most `max_size` once more: whoever comes beyond is
//! sent the file without the cache. So clients that ask for many files and leave make this process fetch no more than
//! that at a time, and one of them throws out no more than [`max_file_size`](DownloadCache::max_file_size), a quarter of all
//! unless told.
//!
//! # The directory
//!
//! It belongs to the cache alone: one that holds anything else is refused, so that nothing of yours is ever removed. It belongs to one process,
//! which holds a lock; two that run at the same time, as in a rolling restart, need a directory each. What a crashed process
//! left half written is removed at the start, what is whole is kept. An operator may delete files at any time: they are made anew.
//!
//! Proxies run as other users. A directory that the cache makes has mode 0711, its files 0644, both less the umask: other users of
//! the machine cannot list them, but open one whose name they know. A name is a digest of key, validator and a secret that lies in
//! the directory's lock file, which only its owner can read: who knows what a file is does not know its name. With umask 0027 only
//! the directory's group can open any. A directory that exists keeps its mode. Without its lock file, a directory that was a cache's
//! is emptied. What must not lie on this disk at all is sent as [`uncached`](super::Download::uncached).

mod cache_error;
mod cached_download;
mod directory;
mod download_cache;
mod feed;
mod fill;
mod index;
mod key;
mod progress;
mod shelf;
mod tee;

pub use cache_error::CacheError;
pub use download_cache::DownloadCache;
pub(crate) use key::Key;
pub(crate) use shelf::Shelf;
