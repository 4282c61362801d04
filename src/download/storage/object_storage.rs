use std::{error::Error as StdError, fmt, io, ops::Range, sync::Arc};

use futures_util::{StreamExt, future::BoxFuture};
use object_store::{
    Attribute, Error, GetOptions, GetRange, GetResult, ObjectStore,
    client::{HttpError, HttpErrorKind},
    path::Path,
    signer::{Method, SignedUrlOptions, Signer, Url},
};

use percent_encoding::percent_decode_str;

use super::{
    ByteStream, Storage, Stored, key,
    place::{Place, placed},
};
use crate::download::{Link, LinkTerms, Unavailable};

/// The objects of an [`object_store`]: S3, GCS, Azure, memory, and what else implements its trait.
///
/// Keys are exact: nothing in them is decoded, `..`, empty parts and control characters are refused, and no key stands for
/// another one. A part of an object is read with `If-Match` on the `ETag` under which it was found, so that an object that is
/// replaced meanwhile aborts the download, and is never mixed with the one before.
///
/// With a [`signer`](Self::signing) it makes links, for [`Delivery::redirect`](crate::download::Delivery::redirect) and for
/// proxies that take them. Where the store can (S3, GCS) content type, disposition and cache control of our answer are inside
/// the signature; Azure has no such signature in this library, so that files with a name or a type of their own are sent by us, and
/// so are those whose keys are encoded in URLs (a space, `é`): it signs them wrongly.
/// A link holds as long as [`Delivery::link_lifetime`](crate::download::Delivery::link_lifetime) says, but at least a second and
/// at most seven days; one that was signed with temporary credentials ends with them at the latest.
///
/// A store that refuses (403) is answered with 502, for the client cannot do anything about it. S3 refuses keys that do not
/// exist unless the credentials may list the bucket: give them `s3:ListBucket`, or missing files are no 404.
///
/// `LocalFileSystem` works, but follows symbolic links wherever they lead; for a directory, a [`Root`](crate::download::Root) is
/// the better storage, and can be offloaded.
///
/// ```
/// use actix_charter::download::{Download, storage::ObjectStorage};
/// use actix_web::{Responder, http::header, test::TestRequest};
/// use object_store::{ObjectStoreExt, memory::InMemory};
///
/// # #[actix_web::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let store = InMemory::new();
/// store.put(&object_store::path::Path::parse("2024/7.txt")?, "Hello, world!".into()).await?;
/// let media = ObjectStorage::new("media", store);
///
/// let request = TestRequest::get().insert_header(("range", "bytes=7-")).to_http_request();
/// let answer = Download::stored(&media, "2024/7.txt").file_name("hello.txt").fetched(&request).await;
/// let answer = answer.respond_to(&request);
/// assert_eq!(answer.headers().get(header::CONTENT_RANGE).unwrap(), "bytes 7-12/13");
/// assert_eq!(actix_web::body::to_bytes(answer.into_body()).await?, "world!");
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct ObjectStorage {
    place: Place,
    store: Arc<dyn ObjectStore>,
    signer: Option<Arc<dyn Signer>>,
}

impl ObjectStorage {
    /// The objects of a store, or of an `Arc<dyn ObjectStore>`. The name tells it from other storages of the program.
    pub fn new(name: impl Into<String>, store: impl ObjectStore) -> Self {
        Self::made(name.into(), Arc::new(store), None)
    }

    fn made(name: String, store: Arc<dyn ObjectStore>, signer: Option<Arc<dyn Signer>>) -> Self {
        Self { place: Place::new(name), store, signer }
    }

    /// The objects of a store that signs links, too: `AmazonS3`, `GoogleCloudStorage`, `MicrosoftAzure`.
    ///
    /// ```
    /// use actix_charter::download::{Delivery, Download, storage::ObjectStorage};
    /// use actix_web::{Responder, http::header, test::TestRequest};
    /// use object_store::aws::AmazonS3Builder;
    ///
    /// # #[actix_web::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let s3 = AmazonS3Builder::new().with_bucket_name("media").with_region("eu-central-1");
    /// let s3 = s3.with_access_key_id("AKIDEXAMPLE").with_secret_access_key("secret").build()?;
    /// let media = ObjectStorage::signing("media", s3);
    /// # use actix_charter::download::{LinkTerms, storage::Storage};
    /// # use std::time::Duration;
    /// let terms = LinkTerms {
    ///     valid_for: Duration::from_secs(60),
    ///     content_type: Some("text/csv"),
    ///     content_disposition: Some("attachment; filename=\"users.csv\""),
    ///     cache_control: None,
    /// };
    /// let link = media.link("2024/7", terms).await?.unwrap();
    /// assert!(link.url.contains("/2024/7?response-content-type=text%2Fcsv&response-content-disposition=attachment%3B"));
    /// assert!(link.url.contains("X-Amz-Expires=60"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn signing(name: impl Into<String>, store: impl ObjectStore + Signer) -> Self {
        let store = Arc::new(store);
        let signer = Arc::clone(&store);
        Self::made(name.into(), store, Some(signer))
    }

    /// Who signs links, when that is not the store itself. It must take the store's keys as they are; a store with a prefix
    /// and a signer without one would sign for other objects.
    #[must_use]
    pub fn signer(mut self, signer: Arc<dyn Signer>) -> Self {
        self.signer = Some(signer);
        self
    }

    /// Exactly this key: what `Path::from` would encode stays as it is.
    fn path(key: &str) -> Result<Path, Unavailable> {
        key::check(key)?;
        Path::parse(key).ok().filter(|path| path.as_ref() == key).ok_or(Unavailable::Missing)
    }

    async fn get(&self, path: &Path, options: GetOptions) -> Result<GetResult, Unavailable> {
        let result = self.place.patience.wait(&self.place.name, self.store.get_opts(path, options)).await?;
        result.map_err(|error| unavailable(&self.place.name, &error))
    }

    async fn sign(
        &self,
        signer: &dyn Signer,
        key: &str,
        terms: LinkTerms<'_>,
    ) -> Result<Option<Link>, Unavailable> {
        let path = Self::path(key)?;
        let valid_for = Place::lifetime(terms.valid_for);
        let overrides = [
            ("response-content-type", terms.content_type),
            ("response-content-disposition", terms.content_disposition),
            ("response-cache-control", terms.cache_control),
        ];
        let overrides = overrides.into_iter().filter_map(|(name, value)| Some((name, value?)));
        let options = SignedUrlOptions::new().with_query(overrides);
        let signed = signer.signed_url_opts(Method::GET, &path, valid_for, &options);
        let (signed, overrides) = match self.place.patience.wait(&self.place.name, signed).await? {
            Err(Error::NotSupported { .. } | Error::NotImplemented { .. }) => {
                let signed = signer.signed_url(Method::GET, &path, valid_for);
                (self.place.patience.wait(&self.place.name, signed).await?, false)
            }
            signed => (signed, true),
        };
        let url: Url = signed.map_err(|error| unavailable(&self.place.name, &error))?;
        // The library does not encode keys for GCS when it signs (0.14): `a?b` would become a link to `a`.
        // For Azure it signs the key as it stands in the URL, where Azure reads it decoded: `a b` would be refused.
        let is_azure = || url.query_pairs().any(|(name, _)| name == "sr");
        if !leads_to(&url, key) || (url.path().contains('%') && is_azure()) {
            return Ok(None);
        }
        Ok(Some(Link { url: url.into(), authorization: None, public: self.place.public, overrides }))
    }
}

placed!(ObjectStorage);

impl fmt::Debug for ObjectStorage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A store may write its credentials.
        f.debug_struct("ObjectStorage").field("name", &self.place.name).finish_non_exhaustive()
    }
}

impl Storage for ObjectStorage {
    fn name(&self) -> &str {
        &self.place.name
    }

    fn identity(&self) -> String {
        format!("object_store {} {}", self.name(), self.store)
    }

    fn find<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Stored, Unavailable>> {
        Box::pin(async move {
            let found = self.get(&Self::path(key)?, GetOptions::new().with_head(true)).await?;
            let attribute =
                |attribute| found.attributes.get(&attribute).map(|value| value.as_ref().to_owned());
            Ok(Stored {
                modified: Some(found.meta.last_modified.into()),
                media_type: attribute(Attribute::ContentType),
                encoding: attribute(Attribute::ContentEncoding),
                etag: found.meta.e_tag,
                ..Stored::new(found.meta.size)
            })
        })
    }

    fn read<'a>(
        &'a self,
        key: &'a str,
        file: &'a Stored,
        span: Range<u64>,
    ) -> BoxFuture<'a, Result<ByteStream, Unavailable>> {
        Box::pin(async move {
            // If-Match is a strong comparison, which no weak tag passes (RFC 9110 §13.1.1).
            let strong = file.etag.as_ref().filter(|etag| !etag.starts_with("W/"));
            let mut options = GetOptions::new().with_if_match(strong);
            options.range = Some(GetRange::Bounded(span.clone()));
            let found = self.get(&Self::path(key)?, options).await?;
            let encoding = found.attributes.get(&Attribute::ContentEncoding).map(AsRef::as_ref);
            let another =
                file.etag.is_some() && found.meta.e_tag != file.etag || file.encoding.as_deref() != encoding;
            if another || found.meta.size != file.size || found.range != span {
                let storage = &*self.place.name;
                tracing::error!(target: "actix_charter::download", storage, "an object is not the one that was found");
                return Err(Unavailable::Upstream);
            }
            let name = Arc::clone(&self.place.name);
            let stream =
                found.into_stream().map(move |chunk| chunk.map_err(|error| unavailable(&name, &error)));
            Ok(self.place.patience.stream(Arc::clone(&self.place.name), stream))
        })
    }

    fn has_links(&self) -> bool {
        self.signer.is_some()
    }

    fn link<'a>(
        &'a self,
        key: &'a str,
        terms: LinkTerms<'a>,
    ) -> BoxFuture<'a, Result<Option<Link>, Unavailable>> {
        Box::pin(async move {
            match &self.signer {
                Some(signer) => self.sign(&**signer, key, terms).await,
                None => Ok(None),
            }
        })
    }
}

/// Whether this is a URL for this very key.
fn leads_to(url: &Url, key: &str) -> bool {
    let path = percent_decode_str(url.path()).decode_utf8();
    let before = path.as_ref().ok().and_then(|path| path.strip_suffix(key));
    url.fragment().is_none() && before.is_some_and(|before| before.ends_with('/'))
}

fn unavailable(storage: &str, error: &Error) -> Unavailable {
    use io::ErrorKind as Kind;
    if matches!(error, Error::NotFound { .. } | Error::InvalidPath { .. }) {
        return Unavailable::Missing;
    }
    let mut kind = Unavailable::Upstream;
    let mut source: Option<&(dyn StdError + 'static)> = Some(error);
    while let Some(cause) = source {
        if let Some(http) = cause.downcast_ref::<HttpError>()
            && http.kind() == HttpErrorKind::Timeout
        {
            kind = Unavailable::Timeout;
        }
        // A local store tells what stands in the way of a file as it comes.
        match cause.downcast_ref::<io::Error>().map(io::Error::kind) {
            Some(Kind::NotFound | Kind::NotADirectory | Kind::IsADirectory | Kind::InvalidFilename) => {
                return Unavailable::Missing;
            }
            Some(Kind::TimedOut) => kind = Unavailable::Timeout,
            _ => {}
        }
        source = cause.source();
    }
    tracing::error!(target: "actix_charter::download", storage, %error, "a storage fails");
    kind
}
