//! What is sent: the rows of the grid.

use std::{
    borrow::Cow,
    io::{self, Cursor},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use actix_charter::download::{
    Download, Root,
    origin::Origin,
    storage::{FileRow, ObjectStorage, OpendalStorage, RowContent},
};
use actix_web::{HttpRequest, HttpResponse, Responder, error::ErrorNotFound, web};
use futures_util::stream;
use tokio::sync::Semaphore;

use super::{
    broken::broken,
    hostile::{HOSTILE, hostile},
};

/// What the client is told, everywhere.
pub(super) const FILE_NAME: &str = "Ünï \"a b\" 文.csv";
pub(super) const DISPOSITION: &str = "attachment; filename=\"Uni \\\"a b\\\".csv\"; filename*=UTF-8''%C3%9Cn%C3%AF%20%22a%20b%22%20%E6%96%87.csv";
/// Where it lies: below the root, and in the bucket.
pub(super) const KEY: &str = "tief/Ünï cödé #1;100%25 & 'x'.csv";
pub(super) const STORED_TYPE: &str = "application/x-stored";
const GIVEN_TYPE: &str = "application/x-given; v=\"1\"";
/// Of rows, and of what is made.
const VERSION: &str = "v7";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    Path,
    Root,
    S3,
    Opendal,
    RowInRoot,
    RowInS3,
    RowWithBytes,
    Http,
    /// With nothing said about it but what the other server could say itself.
    HttpInline,
    Bytes,
    Text,
    Reader,
    Stream,
    Generated,
}

impl Source {
    const ALL: [Self; 14] = [
        Self::Path,
        Self::Root,
        Self::S3,
        Self::Opendal,
        Self::RowInRoot,
        Self::RowInS3,
        Self::RowWithBytes,
        Self::Http,
        Self::HttpInline,
        Self::Bytes,
        Self::Text,
        Self::Reader,
        Self::Stream,
        Self::Generated,
    ];

    pub(super) fn is_local(self) -> bool {
        matches!(self, Self::Path | Self::Root | Self::RowInRoot)
    }

    pub(super) fn is_in_s3(self) -> bool {
        matches!(self, Self::S3 | Self::Opendal | Self::RowInS3)
    }

    pub(super) fn is_http(self) -> bool {
        matches!(self, Self::Http | Self::HttpInline)
    }

    /// Nobody knows how long it is before it is made.
    pub(super) fn has_no_length(self) -> bool {
        matches!(self, Self::Stream | Self::Generated)
    }

    pub(super) fn content(self) -> Vec<u8> {
        match self {
            Self::Text => {
                (0..10_000).map(|line| format!("{line};\u{e9}\r\n")).collect::<String>().into_bytes()
            }
            _ => (0..150_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect(),
        }
    }

    pub(super) fn media_type(self) -> &'static str {
        match self {
            Self::Root => "text/csv; charset=utf-8",
            Self::S3 | Self::Opendal => STORED_TYPE,
            Self::RowInRoot | Self::RowInS3 | Self::RowWithBytes => "application/x-row",
            Self::Text | Self::HttpInline => "text/plain; charset=utf-8",
            _ => GIVEN_TYPE,
        }
    }

    pub(super) fn disposition(self) -> &'static str {
        match self {
            // The last part of its URL's path.
            Self::HttpInline => "inline; filename=\"Uni cd.txt\"; filename*=UTF-8''%C3%9Cn%C3%AF%20cd.txt",
            _ => DISPOSITION,
        }
    }

    /// What is said when there is nothing: its place is empty, or it fails before its first byte.
    pub(super) fn status_of_nothing(self) -> u16 {
        if matches!(self, Self::Reader | Self::Stream | Self::Generated) { 500 } else { 404 }
    }
}

#[derive(Clone)]
struct Row {
    content: RowContent,
    size: u64,
}

impl FileRow for Row {
    fn content(&self) -> RowContent {
        self.content.clone()
    }

    fn file_name(&self) -> Option<Cow<'_, str>> {
        Some(FILE_NAME.into())
    }

    fn media_type(&self) -> Option<Cow<'_, str>> {
        Some("application/x-row".into())
    }

    fn size(&self) -> Option<u64> {
        Some(self.size)
    }

    fn cache_key(&self) -> Option<Cow<'_, str>> {
        Some("rows/1".into())
    }

    fn etag(&self) -> Option<Cow<'_, str>> {
        Some(VERSION.into())
    }
}

/// All that handlers need.
#[derive(Clone)]
pub(super) struct Places {
    pub(super) root: Root,
    pub(super) s3: ObjectStorage,
    pub(super) opendal: OpendalStorage,
    pub(super) origin: Origin,
    pub(super) remote: String,
    /// How often something was made.
    pub(super) made: Arc<AtomicUsize>,
    /// One when the client has read the first bytes of the body.
    pub(super) begun: Arc<Semaphore>,
}

/// `/{source}/{key}`; whatever lies under another key than [`KEY`] is missing, and `none` is no row at all.
pub(super) async fn send(
    request: HttpRequest,
    path: web::Path<(String, String)>,
    places: web::Data<Places>,
) -> actix_web::Result<HttpResponse> {
    let (name, key) = path.into_inner();
    let places = &**places;
    let source = Source::ALL.into_iter().find(|source| format!("{source:?}") == name);
    let source = source.filter(|_| key != "none").ok_or_else(|| ErrorNotFound("no such row"))?;
    if let Some(number) = key.strip_prefix("hostile-") {
        let name = HOSTILE.get(number.parse::<usize>().unwrap_or(usize::MAX)).map(|(name, ..)| *name);
        let download = hostile(source, name.ok_or_else(|| ErrorNotFound("no such name"))?, places);
        return Ok(download.fetched(&request).await.respond_to(&request));
    }
    if key == "broken" {
        return Ok(broken(source, places).await.fetched(&request).await.respond_to(&request));
    }
    let is_here = key == "here";
    let key = if is_here { KEY.to_owned() } else { key };
    let row = |content| Row { content, size: source.content().len() as u64 };
    let cache_key = format!("{name}/{key}");
    let download = match source {
        Source::Path => {
            let download = Download::path(&places.root, key).file_name(FILE_NAME).media_type(GIVEN_TYPE);
            return Ok(download.respond_to(&request));
        }
        Source::Root => Download::stored(&places.root, key),
        Source::S3 => Download::stored(&places.s3, key),
        Source::Opendal => Download::stored(&places.opendal, key),
        Source::RowInRoot => Download::row(&row(RowContent::Key(key)), &places.root),
        Source::RowInS3 => Download::row(&row(RowContent::Key(key)), &places.s3),
        Source::RowWithBytes => {
            let content = is_here.then(|| source.content()).ok_or_else(|| ErrorNotFound("no such row"))?;
            Download::row(&row(RowContent::Bytes(content.into())), &places.s3)
        }
        Source::Http => {
            let url = format!("{}/{}?a=%2B", places.remote, if is_here { "f" } else { "missing" });
            Download::http(&places.origin, url).media_type(GIVEN_TYPE)
        }
        Source::HttpInline => {
            let url =
                format!("{}/{}", places.remote, if is_here { "%C3%9Cn%C3%AF%20cd.txt" } else { "missing" });
            return Ok(Download::http(&places.origin, url)
                .inline()
                .fetched(&request)
                .await
                .respond_to(&request));
        }
        Source::Bytes | Source::Text if !is_here => return Err(ErrorNotFound("no such row")),
        Source::Bytes => Download::bytes(source.content()).media_type(GIVEN_TYPE).cached(cache_key),
        Source::Text => Download::text(String::from_utf8(source.content()).unwrap()).cached(cache_key),
        Source::Reader => {
            let reader = Counted {
                content: Cursor::new(source.content()),
                fails: !is_here,
                made: Arc::clone(&places.made),
            };
            Download::reader(reader).await.etag(VERSION).media_type(GIVEN_TYPE).cached(cache_key)
        }
        Source::Stream => Download::stream(stream::iter(rows(source, is_here)))
            .etag(VERSION)
            .media_type(GIVEN_TYPE)
            .cached(cache_key),
        Source::Generated => {
            let made = Arc::clone(&places.made);
            let make = move || {
                made.fetch_add(1, Ordering::SeqCst);
                stream::iter(rows(source, is_here))
            };
            Download::generated(cache_key, make).etag(VERSION).media_type(GIVEN_TYPE)
        }
    };
    Ok(download.file_name(FILE_NAME).fetched(&request).await.respond_to(&request))
}

fn rows(source: Source, is_here: bool) -> Vec<io::Result<Vec<u8>>> {
    if is_here {
        source.content().chunks(7_000).map(|rows| Ok(rows.to_vec())).collect()
    } else {
        vec![Err(io::Error::other("as told"))]
    }
}

/// Counts how often it is read from its start.
struct Counted {
    content: Cursor<Vec<u8>>,
    fails: bool,
    made: Arc<AtomicUsize>,
}

impl io::Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.fails {
            return Err(io::Error::other("as told"));
        }
        if self.content.position() == 0 {
            self.made.fetch_add(1, Ordering::SeqCst);
        }
        self.content.read(buffer)
    }
}

impl io::Seek for Counted {
    fn seek(&mut self, to: io::SeekFrom) -> io::Result<u64> {
        self.content.seek(to)
    }
}
