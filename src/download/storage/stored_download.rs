use std::{borrow::Cow, sync::Arc};

use actix_web::{
    HttpRequest,
    http::{
        Method,
        header::{HeaderValue, RANGE},
    },
    web::Bytes,
};
use futures_util::future::LocalBoxFuture;

use super::{FileRow, RowContent, Storage, Stored, content::StorageContent};
use crate::download::{
    Away, Download, Link, LinkTerms, Unavailable,
    away::{Fetch, Found, Purpose},
    condition::Validators,
    entity_tag::EntityTag,
    identity::Identity,
    manner::Tag,
    seconds,
    source::{Supply, digest_tag},
};

impl Download<Away> {
    /// What lies under a key of a storage: a directory ([`Root`](crate::download::Root)), an object store, one of your own.
    pub fn stored(storage: &(impl Storage + Clone), key: impl Into<String>) -> Self {
        Self::away(StoredFile::new(Arc::new(storage.clone()), key.into()))
    }

    /// The file that a row of a database stands for.
    ///
    /// What the columns tell about it is what the client is told, whoever sends it. Bytes in the row are sent as
    /// [`Download::bytes`] are, and kept in the cache where the row says [under which name](FileRow::cache_key); an empty key is
    /// no file.
    ///
    /// A row that tells size and entity tag is believed: 304, 416 and links are answered without a word to the storage, and a
    /// download reads it right away. When there is no such object, or one of another length, that is still seen before the
    /// first byte (404, 502), but a client that was sent to a link hears it from the store. Where the belief could show, for HEAD
    /// and for several ranges, the storage is asked all the same.
    ///
    #[cfg_attr(feature = "object-store", doc = "```")]
    #[cfg_attr(not(feature = "object-store"), doc = "```ignore")]
    /// use std::borrow::Cow;
    ///
    /// use actix_charter::download::{Download, storage::{FileRow, ObjectStorage, RowContent}};
    /// use actix_web::{Responder, http::header, test::TestRequest};
    /// use object_store::{ObjectStoreExt, memory::InMemory, path::Path};
    ///
    /// struct Attachment { name: String, storage_key: String, version: i64 }
    ///
    /// impl FileRow for Attachment {
    ///     fn content(&self) -> RowContent {
    ///         RowContent::Key(self.storage_key.clone())
    ///     }
    ///     fn file_name(&self) -> Option<Cow<'_, str>> {
    ///         Some(Cow::Borrowed(&self.name))
    ///     }
    ///     fn etag(&self) -> Option<Cow<'_, str>> {
    ///         Some(format!("v{}", self.version).into())
    ///     }
    /// }
    ///
    /// # #[actix_web::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let store = InMemory::new();
    /// store.put(&Path::parse("9f86d081")?, "Hello, world!".into()).await?;
    /// let bucket = ObjectStorage::new("attachments", store);
    ///
    /// let row = Attachment { name: "hello.txt".into(), storage_key: "9f86d081".into(), version: 7 };
    /// let request = TestRequest::get().to_http_request();
    /// let answer = Download::row(&row, &bucket).fetched(&request).await.respond_to(&request);
    /// assert_eq!(answer.headers().get(header::CONTENT_DISPOSITION).unwrap(), "attachment; filename=\"hello.txt\"");
    /// assert_eq!(answer.headers().get(header::CONTENT_TYPE).unwrap(), "text/plain; charset=utf-8");
    /// assert_eq!(answer.headers().get(header::ETAG).unwrap(), "\"v7\"");
    /// # Ok(())
    /// # }
    /// ```
    pub fn row(row: &impl FileRow, storage: &(impl Storage + Clone)) -> Self {
        let row: &dyn FileRow = row;
        let etag = row.etag().and_then(|etag| EntityTag::written(&etag));
        let mut download = match row.content() {
            RowContent::Bytes(bytes) => {
                let key = row.cache_key().map(Cow::into_owned);
                Self::away(RowBytes { bytes, tagged: etag.is_some(), key })
            }
            RowContent::Key(key) => {
                let mut file = StoredFile::new(Arc::new(storage.clone()), key);
                file.told = etag.as_ref().and(row.size()).map(Stored::new);
                Self::away(file)
            }
        };
        download.manner.file_name = row.file_name().map(Cow::into_owned);
        download.manner.media_type = row.media_type().and_then(|text| HeaderValue::from_str(&text).ok());
        download.manner.last_modified = row.modified();
        download.manner.etag = etag.map_or(Tag::OfSource, Tag::Given);
        download
    }
}

struct StoredFile {
    storage: Arc<dyn Storage>,
    key: Arc<str>,
    /// What a row says, which need not be asked for.
    told: Option<Stored>,
    found: Option<Stored>,
}

impl StoredFile {
    fn new(storage: Arc<dyn Storage>, key: String) -> Self {
        Self { storage, key: key.into(), told: None, found: None }
    }

    fn identity(&self) -> Identity {
        Identity { kind: "stored", place: self.storage.identity(), key: (*self.key).to_owned() }
    }
}

impl Fetch for StoredFile {
    fn has_identity(&self) -> bool {
        true
    }

    fn has_links(&self) -> bool {
        self.storage.has_links()
    }

    fn find<'a>(
        &'a mut self,
        purpose: Purpose,
        request: &'a HttpRequest,
    ) -> LocalBoxFuture<'a, Result<Found, Unavailable>> {
        Box::pin(async move {
            if self.key.is_empty() {
                return Err(Unavailable::Missing);
            }
            let file_name = self.key.rsplit('/').next().map(str::to_owned);
            if let Some(local) = self.storage.local(&self.key) {
                return Ok(Found { file_name, local: Some(local?), ..Found::default() });
            }
            // What the row does not tell must not depend on whether the storage was asked.
            if let Some(told) = &self.told {
                if !is_enough(purpose, request) {
                    let found = self.storage.find(&self.key).await?;
                    if found.size != told.size || found.encoding.is_some() {
                        tracing::error!(target: "actix_charter::download", "a row does not tell what lies in the storage");
                        return Err(Unavailable::Upstream);
                    }
                    self.found = Some(found);
                }
                let identity = Some(Box::new(self.identity()));
                return Ok(Found { file_name, identity, ..Found::default() });
            }
            let identity = Some(Box::new(self.identity()));
            let stored = match &mut self.found {
                Some(found) => found,
                none => none.insert(self.storage.find(&self.key).await?),
            };
            let validators = Validators {
                etag: stored.etag.as_deref().and_then(EntityTag::written),
                last_modified: stored.modified.and_then(seconds::whole),
            };
            let value = |text: &Option<String>| HeaderValue::from_str(text.as_deref()?).ok();
            let (media_type, encoding) = (value(&stored.media_type), value(&stored.encoding));
            Ok(Found { file_name, media_type, encoding, validators, local: None, identity })
        })
    }

    fn link<'a>(&'a self, terms: LinkTerms<'a>) -> LocalBoxFuture<'a, Result<Option<Link>, Unavailable>> {
        self.storage.link(&self.key, terms)
    }

    fn supply(self: Box<Self>) -> Supply {
        let stored = self.found.or(self.told).unwrap_or(Stored::new(0));
        let size = stored.size;
        Supply::Content(Box::new(StorageContent::new(self.storage, self.key, stored)), size)
    }
}

/// Whether what a row says will do. HEAD reads nothing that would show that the object is gone; and several reads must
/// know by the storage's own entity tag that they are of one object.
fn is_enough(purpose: Purpose, request: &HttpRequest) -> bool {
    let several = request.headers().get_all(RANGE).any(|range| range.as_bytes().contains(&b','));
    purpose == Purpose::Link || *request.method() != Method::HEAD && !several
}

/// Bytes in a row.
struct RowBytes {
    bytes: Bytes,
    /// Whether the row has an entity tag.
    tagged: bool,
    /// What the cache is to know them by.
    key: Option<String>,
}

impl Fetch for RowBytes {
    fn has_identity(&self) -> bool {
        self.key.is_some()
    }

    fn find<'a>(
        &'a mut self,
        _: Purpose,
        _: &'a HttpRequest,
    ) -> LocalBoxFuture<'a, Result<Found, Unavailable>> {
        let etag = if self.tagged { None } else { digest_tag(&self.bytes) };
        let validators = Validators { etag, last_modified: None };
        let identity =
            self.key.clone().map(|key| Box::new(Identity { kind: "row", place: String::new(), key }));
        Box::pin(async { Ok(Found { validators, identity, ..Found::default() }) })
    }

    fn supply(self: Box<Self>) -> Supply {
        Supply::Bytes(self.bytes)
    }
}
