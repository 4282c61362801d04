use std::{fmt, io, ops::Range, sync::Arc};

use futures_util::{StreamExt, future::BoxFuture};
use opendal::{
    Error, ErrorKind, Operator,
    options::{ReadOptions, ReaderOptions},
};

use super::{
    ByteStream, Storage, Stored, key,
    place::{Place, placed},
};
use crate::download::{Link, LinkTerms, Unavailable};

/// The files of an [`opendal::Operator`], which knows dozens of services.
///
/// As with [`ObjectStorage`](super::ObjectStorage), keys are exact; those that OpenDAL would change, because they begin or end
/// with white space, are refused. A part is read with `If-Match` where the service can; where it cannot, the `ETag` and the
/// length that come with the bytes are compared, if any do. Of a service without entity tags nothing keeps a file together
/// that is replaced by one of the same length while it is sent.
///
/// A service that signs (S3, GCS and their like) makes links, as OpenDAL says it can; those that need more than the URL, such
/// as keys in headers, are not given away. A link holds at least a second and at most seven days.
///
/// ```
/// use actix_charter::download::{Download, storage::OpendalStorage};
/// use actix_web::{Responder, http::header, test::TestRequest};
/// use opendal::{Operator, services::Memory};
///
/// # #[actix_web::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let operator = Operator::new(Memory::default())?.finish();
/// operator.write("2024/7.txt", "Hello, world!").await?;
/// let media = OpendalStorage::new("media", operator);
///
/// let request = TestRequest::get().insert_header(("range", "bytes=7-")).to_http_request();
/// let answer = Download::stored(&media, "2024/7.txt").fetched(&request).await.respond_to(&request);
/// assert_eq!(answer.headers().get(header::CONTENT_RANGE).unwrap(), "bytes 7-12/13");
/// assert_eq!(actix_web::body::to_bytes(answer.into_body()).await?, "world!");
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct OpendalStorage {
    place: Place,
    operator: Operator,
    links: bool,
}

impl OpendalStorage {
    /// The files of an operator. The name tells it from other storages of the program.
    pub fn new(name: impl Into<String>, operator: Operator) -> Self {
        let links = operator.info().full_capability().presign_read;
        Self { place: Place::new(name.into()), operator, links }
    }

    /// Makes no links, although the service could.
    #[must_use]
    pub const fn without_links(mut self) -> Self {
        self.links = false;
        self
    }

    async fn wait<T>(&self, answer: impl Future<Output = opendal::Result<T>>) -> Result<T, Unavailable> {
        self.place
            .patience
            .wait(&self.place.name, answer)
            .await?
            .map_err(|error| unavailable(&self.place.name, &error))
    }
}

placed!(OpendalStorage);

impl fmt::Debug for OpendalStorage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpendalStorage").field("name", &self.place.name).finish_non_exhaustive()
    }
}

impl Storage for OpendalStorage {
    fn name(&self) -> &str {
        &self.place.name
    }

    fn identity(&self) -> String {
        let info = self.operator.info();
        format!("opendal {} {} {} {}", self.name(), info.scheme(), info.name(), info.root())
    }

    fn find<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Stored, Unavailable>> {
        Box::pin(async move {
            let found = self.wait(self.operator.stat(exact(key)?)).await?;
            if !found.is_file() {
                return Err(Unavailable::Missing);
            }
            Ok(Stored {
                modified: found.last_modified().map(Into::into),
                etag: found.etag().map(str::to_owned),
                media_type: found.content_type().map(str::to_owned),
                encoding: found.content_encoding().map(str::to_owned),
                ..Stored::new(found.content_length())
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
            let can = self.operator.info().full_capability().read_with_if_match;
            // If-Match is a strong comparison, which no weak tag passes (RFC 9110 §13.1.1).
            let strong = file.etag.clone().filter(|etag| can && !etag.starts_with("W/"));
            let options = ReaderOptions {
                if_match: strong,
                content_length_hint: Some(file.size),
                ..ReaderOptions::default()
            };
            let part = span.end.saturating_sub(span.start);
            let reader = self.wait(self.operator.reader_options(exact(key)?, options)).await?;
            let mut stream = self.wait(reader.into_bytes_stream(span)).await?;
            // This is what sends the request.
            let told = self.place.patience.wait(&self.place.name, stream.metadata()).await?;
            match told {
                Ok(found) => {
                    let another =
                        found.etag().is_some() && file.etag.is_some() && found.etag() != file.etag.as_deref()
                            || found.content_encoding().is_some()
                                && found.content_encoding() != file.encoding.as_deref();
                    // Some services tell the length of the part.
                    let length = found.content_length();
                    if another || ![0, part, file.size].contains(&length) {
                        let storage = &*self.place.name;
                        tracing::error!(target: "actix_charter::download", storage, "a file is not the one that was found");
                        return Err(Unavailable::Upstream);
                    }
                }
                Err(error) if error.kind() == ErrorKind::Unsupported => {}
                Err(error) => return Err(unavailable(&self.place.name, &error)),
            }
            let name = Arc::clone(&self.place.name);
            let stream = stream.map(move |chunk| chunk.map_err(|error| broken(&name, &error)));
            Ok(self.place.patience.stream(Arc::clone(&self.place.name), stream))
        })
    }

    fn has_links(&self) -> bool {
        self.links
    }

    fn link<'a>(
        &'a self,
        key: &'a str,
        terms: LinkTerms<'a>,
    ) -> BoxFuture<'a, Result<Option<Link>, Unavailable>> {
        Box::pin(async move {
            if !self.links {
                return Ok(None);
            }
            let can = self.operator.info().full_capability();
            let overrides = can.read_with_override_content_type && can.read_with_override_content_disposition;
            let value = |value: Option<&str>, can: bool| value.filter(|_| can).map(str::to_owned);
            let options = ReadOptions {
                override_content_type: value(terms.content_type, overrides),
                override_content_disposition: value(terms.content_disposition, overrides),
                override_cache_control: value(terms.cache_control, can.read_with_override_cache_control),
                ..ReadOptions::default()
            };
            let valid_for = Place::lifetime(terms.valid_for);
            let signed = self.operator.presign_read_options(exact(key)?, valid_for, options);
            let signed = self.wait(signed).await?;
            if !signed.header().is_empty() {
                return Ok(None);
            }
            let url = signed.uri().to_string();
            Ok(Some(Link { url, authorization: None, public: self.place.public, overrides }))
        })
    }
}

/// A key that OpenDAL does not trim.
fn exact(key: &str) -> Result<&str, Unavailable> {
    key::check(key)?;
    if key.trim().len() == key.len() { Ok(key) } else { Err(Unavailable::Missing) }
}

fn broken(storage: &str, error: &io::Error) -> Unavailable {
    match error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()) {
        Some(inner) => unavailable(storage, inner),
        None => {
            tracing::error!(target: "actix_charter::download", storage, %error, "a storage breaks off");
            Unavailable::Upstream
        }
    }
}

fn unavailable(storage: &str, error: &Error) -> Unavailable {
    if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::IsADirectory | ErrorKind::NotADirectory) {
        return Unavailable::Missing;
    }
    tracing::error!(target: "actix_charter::download", storage, %error, "a storage fails");
    Unavailable::Upstream
}
