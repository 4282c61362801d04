use std::{
    error::Error as StdError,
    fmt,
    io::{Read, Seek},
    num::NonZeroU64,
    path::PathBuf,
    time::SystemTime,
};

use actix_web::http::header::{HeaderName, HeaderValue};
use bytes::Bytes;
use futures_util::{Stream, TryStreamExt};

use super::{
    LocalFile, Root,
    away::Fetch,
    disposition::Disposition,
    entity_tag::EntityTag,
    manner::{Active, Manner, Tag},
    reader_content::ReaderContent,
    source::Source,
};

/// A file as the answer: from a directory, from memory, from a reader or from a stream.
///
/// It answers conditional requests, ranges and HEAD by itself, and is told to the client as an attachment unless
/// [`inline`](Self::inline) says otherwise. It is a reply of an endpoint, and a `Responder` of a plain Actix handler:
///
/// ```
/// use actix_charter::download::{Download, Root};
/// use actix_web::{App, test, web};
///
/// async fn report(root: web::Data<Root>, name: web::Path<String>) -> Download {
///     Download::path(&root, name.into_inner())
/// }
///
/// # #[actix_web::main]
/// # async fn main() -> std::io::Result<()> {
/// let directory = tempfile::tempdir()?;
/// std::fs::write(directory.path().join("hello.txt"), "Hello, world!")?;
/// let root = web::Data::new(Root::new(directory.path())?);
/// let app = test::init_service(App::new().app_data(root).route("/reports/{name}", web::get().to(report))).await;
///
/// let request = test::TestRequest::get().uri("/reports/hello.txt").insert_header(("range", "bytes=7-11"));
/// let answer = test::call_service(&app, request.to_request()).await;
/// assert_eq!(answer.status(), 206);
/// assert_eq!(answer.headers().get("content-disposition").unwrap(), "attachment; filename=\"hello.txt\"");
/// assert_eq!(test::read_body(answer).await, "world");
/// # Ok(())
/// # }
/// ```
///
/// # What is sent
///
/// | | |
/// |---|---|
/// | `Content-Type` | [given](Self::media_type), or told by the name, or `application/octet-stream`; with a charset when it is text |
/// | `Content-Disposition` | always; the name exactly (RFC 8187), and in ASCII for clients that read nothing else |
/// | `ETag` | [given](Self::etag); else strong, from size and time of a file, from the digest of bytes; nginx in front tells [its own](super::offload::Offload::own_validators) |
/// | `Last-Modified` | [given](Self::last_modified), or that of the file |
/// | `X-Content-Type-Options` | always `nosniff` |
/// | `Accept-Ranges` | `bytes`; `none` for a stream |
///
/// What ends before its promised length, because a file shrinks, a stream fails or a reader panics, aborts the connection: a
/// short file never looks whole. On HTTP/1.0 a stream without a length has no way to tell.
///
/// # Compression
///
/// A middleware that compresses answers would make other bytes of them, and a client that resumes its download would put both
/// together. So where a client takes compression, an answer that offers ranges says `Content-Encoding: identity`, which keeps
/// Actix's `Compress` off. Use [`precompressed`](Self::precompressed) or [`compressible`](Self::compressible) instead.
///
/// # What lies elsewhere
///
/// [`Download::stored`] makes a `Download<Away>`, which must be fetched
/// before it is an answer: [`fetched`](Download::fetched). How it is sent, by us, by a proxy, by a link, is for the
/// [`Delivery`](super::Delivery) to say.
pub struct Download<At = Here> {
    pub(crate) source: At,
    pub(crate) manner: Manner,
}

/// A [`Download`] whose bytes are at hand.
#[derive(Debug)]
pub struct Here(pub(crate) Source);

/// A [`Download`] that must be [fetched](Download::fetched) first.
pub struct Away(pub(crate) Box<dyn Fetch>);

impl fmt::Debug for Away {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Away")
    }
}

impl Download {
    pub(crate) fn new(source: Source) -> Self {
        Self { source: Here(source), manner: Manner::default() }
    }

    /// The file of that name below a root. What is no regular file there is answered with 404.
    ///
    /// It is opened when the answer is made, on the worker's thread, as nginx does it: that takes microseconds while the
    /// directories are in memory. For slow disks and network file systems see [`opened`](Self::opened).
    ///
    /// On Linux, a file that a worker is asked for twice within a second stays open for one or two more. Each answer asks the kernel
    /// whether it is there still, the same, and unchanged, which costs less than to open it anew; so whatever is done to it, and to
    /// the folders in its name, is seen by the next answer. Of a file of at most 8 KiB that was left alone for 100 ms the bytes are
    /// kept, too. Two things are seen within two seconds only: what another program writes through a mapping of such a
    /// small file, and that the process itself has lost a right.
    ///
    /// Where nginx sends the file and tells its validators, the kernel is not asked: nginx opens the file after us in any case, and
    /// sees what became of it, unless it has an `open_file_cache`. For those two seconds the 404 of a file that went away is nginx's,
    /// and a file that became a link is none.
    ///
    /// A worker has 64 such files open at most, all together 256. Of network file systems, and below more than two folders,
    /// none is kept. [`Root::keep_open`] asks less often.
    pub fn path(root: &Root, name: impl Into<PathBuf>) -> Self {
        Self::new(Source::Name(root.clone(), name.into()))
    }

    /// A file that is open already, from [`Root::open`].
    #[must_use]
    pub fn file(file: LocalFile) -> Self {
        Self::new(Source::Opened(Ok(file), None))
    }

    /// Bytes that lie in memory. Their `ETag` is taken from their digest; for many megabytes, give [one](Self::etag) that is
    /// known already.
    pub fn bytes(bytes: impl Into<Bytes>) -> Self {
        Self::new(Source::Bytes(bytes.into()))
    }

    /// A text: `text/plain; charset=utf-8`, unless a name or a type says otherwise.
    pub fn text(text: impl Into<String>) -> Self {
        let mut download = Self::bytes(text.into());
        download.manner.source_type = Some(HeaderValue::from_static("text/plain; charset=utf-8"));
        download
    }

    /// A stream of chunks, whose length nobody knows. It is not started for HEAD, and `Range` is ignored.
    ///
    /// When it fails, the connection is aborted and the error logged.
    pub fn stream<S, B, E>(stream: S) -> Self
    where
        S: Stream<Item = Result<B, E>> + 'static,
        B: Into<Bytes> + 'static,
        E: Into<Box<dyn StdError>> + 'static,
    {
        let stream = stream.map_ok(Into::into).map_err(Into::into);
        Self::new(Source::Stream(Box::pin(stream), None))
    }

    /// A reader that may block; it is read in the blocking pool. Its length is where its end is.
    ///
    /// When the reader cannot seek, the answer is a 500, and the log tells why.
    pub async fn reader(reader: impl Read + Seek + Send + 'static) -> Self {
        Self::new(Source::Reader(ReaderContent::new(reader).await))
    }

    /// A stream's length in bytes. When the stream gives less or more, the connection is aborted. Other sources know theirs.
    #[must_use]
    pub fn length(mut self, bytes: u64) -> Self {
        if let Source::Stream(_, length) = &mut self.source.0 {
            *length = Some(bytes);
        }
        self
    }

    /// Opens the file in the blocking pool, where a slow disk keeps nobody else waiting. Does nothing for other sources.
    pub async fn opened(mut self) -> Self {
        if let Source::Name(root, name) = self.source.0 {
            let opened =
                actix_web::rt::task::spawn_blocking(move || (root.open(&name), Some((root, name)))).await;
            self.source.0 = match opened {
                Ok((file, beside)) => Source::Opened(file, beside),
                Err(_) => Source::Opened(Err(super::Unavailable::Failed), None),
            };
        }
        self
    }
}

impl<At> Download<At> {
    /// To be kept as a file (RFC 6266 §4.2): the default.
    #[must_use]
    pub const fn attachment(mut self) -> Self {
        self.manner.disposition = Disposition::Attachment;
        self
    }

    /// To be shown by the browser. HTML, SVG and other XML stay attachments, for they could run scripts in the name of your
    /// site: see [`inline_sandboxed`](Self::inline_sandboxed) and [`inline_trusted`](Self::inline_trusted).
    #[must_use]
    pub const fn inline(mut self) -> Self {
        self.manner.disposition = Disposition::Inline;
        self.manner.active = Active::Attached;
        self
    }

    /// To be shown by the browser; HTML, SVG and other XML, too, under a `Content-Security-Policy` that lets them run
    /// nothing and load nothing.
    #[must_use]
    pub const fn inline_sandboxed(mut self) -> Self {
        self.manner.disposition = Disposition::Inline;
        self.manner.active = Active::Sandboxed;
        self
    }

    /// To be shown by the browser, whatever it is. Only for files that are your own: HTML that a user uploaded acts in the
    /// name of your site.
    #[must_use]
    pub const fn inline_trusted(mut self) -> Self {
        self.manner.disposition = Disposition::Inline;
        self.manner.active = Active::Trusted;
        self
    }

    /// The name for the client. Default: the last part of the path, if there is one.
    ///
    /// Separators, control characters and what turns the direction of text are taken out; what is longer than 255 bytes
    /// is cut, and keeps its extension.
    #[must_use]
    pub fn file_name(mut self, name: impl Into<String>) -> Self {
        self.manner.file_name = Some(name.into());
        self
    }

    /// The value of `Content-Type`, sent as it is given.
    #[must_use]
    pub fn media_type(mut self, media_type: impl AsRef<str>) -> Self {
        self.manner.media_type = self.value(&actix_web::http::header::CONTENT_TYPE, media_type.as_ref());
        self
    }

    /// The value of `Cache-Control`; sent with 200, 206 and 304, never with an error.
    #[must_use]
    pub fn cache_control(mut self, directives: impl AsRef<str>) -> Self {
        self.manner.cache_control = self.value(&actix_web::http::header::CACHE_CONTROL, directives.as_ref());
        self
    }

    /// The time after which caches ask again, as `Expires`. Where there is a choice, `max-age` in
    /// [`cache_control`](Self::cache_control) says it better (RFC 9111 §5.3).
    #[must_use]
    pub fn expires(mut self, at: SystemTime) -> Self {
        self.manner.expires = Some(at);
        self
    }

    /// The entity tag: `v7` and `"v7"` are the same strong one, `W/"v7"` is weak.
    #[must_use]
    pub fn etag(mut self, tag: impl AsRef<str>) -> Self {
        match EntityTag::written(tag.as_ref()) {
            Some(tag) => self.manner.etag = Tag::Given(tag),
            None => self.manner.unsendable = Some(actix_web::http::header::ETAG),
        }
        self
    }

    /// No entity tag.
    #[must_use]
    pub fn without_etag(mut self) -> Self {
        self.manner.etag = Tag::None;
        self
    }

    /// When the content was last changed. Told, and compared, in whole seconds.
    #[must_use]
    pub fn last_modified(mut self, at: SystemTime) -> Self {
        self.manner.last_modified = Some(at);
        self
    }

    /// At most so many bytes a second; 0 is no limit.
    #[must_use]
    pub fn rate_limit(mut self, bytes_per_second: u64) -> Self {
        self.manner.rate_limit = NonZeroU64::new(bytes_per_second);
        self
    }

    /// Sends `name.br`, `name.zst` or `name.gz` with its `Content-Encoding` when it lies beside the file, is not older, and
    /// the client takes it. For [`path`](Self::path) only.
    #[must_use]
    pub const fn precompressed(mut self) -> Self {
        self.manner.precompressed = true;
        self
    }

    /// Lets a middleware compress the answer. The price: no ranges, and a weak `ETag`.
    #[must_use]
    pub const fn compressible(mut self) -> Self {
        self.manner.compressible = true;
        self
    }

    fn value(&mut self, name: &HeaderName, value: &str) -> Option<HeaderValue> {
        let value = HeaderValue::from_str(value);
        if value.is_err() {
            self.manner.unsendable = Some(name.clone());
        }
        value.ok()
    }
}

impl<At: fmt::Debug> fmt::Debug for Download<At> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Download")
            .field("source", &self.source)
            .field("disposition", &self.manner.disposition)
            .field("file_name", &self.manner.file_name)
            .field("media_type", &self.manner.media_type)
            .finish_non_exhaustive()
    }
}
