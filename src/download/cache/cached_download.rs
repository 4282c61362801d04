use std::error::Error as StdError;

use actix_web::HttpRequest;
use bytes::Bytes;
use futures_util::{FutureExt, Stream, StreamExt, future::LocalBoxFuture, stream};

use crate::download::{
    Away, Download, Unavailable,
    away::{Fetch, Found, Purpose},
    identity::Identity,
    manner::Tag,
    source::{Ready, Source, Supply},
};

/// The kind of identity that a handler gives.
pub(crate) const GIVEN: &str = "given";

impl Download {
    /// Keeps the file in the [cache](super::DownloadCache) of the [`Delivery`](crate::download::Delivery), if it has one, under
    /// this name: say in it whatever the content depends on, such as the user whose file it is.
    ///
    /// With the name goes what tells the file's state: [`etag`](Self::etag), or [`last_modified`](Self::last_modified); bytes have
    /// their digest. A stream or a reader without either is sent and not kept, and the log says so. A stream is not polled
    /// when the file is in the cache. What is a file of this machine already is sent as it is.
    ///
    /// ```
    /// use actix_charter::download::{Delivery, Download, cache::DownloadCache};
    /// use actix_web::{HttpRequest, Responder, body, http::header, test::TestRequest};
    ///
    /// # #[actix_web::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let directory = tempfile::tempdir()?;
    /// let delivery = Delivery::new().cache(DownloadCache::new(directory.path())?);
    /// let request = TestRequest::get().app_data(delivery).to_http_request();
    /// for _ in 0..2 {
    ///     let answer = Download::text("Dear Ann").cached("letters/1").fetched(&request).await.respond_to(&request);
    ///     assert_eq!(body::to_bytes(answer.into_body()).await?, "Dear Ann");
    /// }
    /// // The letter, and the cache's own lock.
    /// assert_eq!(std::fs::read_dir(directory.path())?.count(), 2);
    /// # Ok(())
    /// # }
    /// ```
    pub fn cached(self, key: impl Into<String>) -> Download<Away> {
        let wants_tag = matches!(self.manner.etag, Tag::OfSource);
        let file_name = self.source.0.file_name();
        let source = Named::Yet(self.source.0, wants_tag);
        let named = NamedFile { source, file_name, key: key.into() };
        Download { source: Away(Box::new(named)), manner: self.manner }
    }
}

impl Download<Away> {
    /// A stream that is made only when somebody reads it, and [cached](Download::cached) under this name: not for HEAD, not
    /// when the client's copy is still right, not when the file is in the cache. See the [module](super).
    ///
    /// Give it an [`etag`](Self::etag) or a [`last_modified`](Self::last_modified), without which it is not kept.
    pub fn generated<S, B, E>(key: impl Into<String>, make: impl FnOnce() -> S + 'static) -> Self
    where
        S: Stream<Item = Result<B, E>> + 'static,
        B: Into<Bytes> + 'static,
        E: Into<Box<dyn StdError>> + 'static,
    {
        Download::stream(stream::once(async move { make() }).flatten()).cached(key)
    }
}

impl<At> Download<At> {
    /// Sends the file without the [cache](super::DownloadCache), for what must not be written on this machine's disk.
    ///
    /// What lies in a storage or on another server goes through the cache of the [`Delivery`](crate::download::Delivery)
    /// otherwise.
    #[must_use]
    pub const fn uncached(mut self) -> Self {
        self.manner.uncached = true;
        self
    }
}

/// A source at hand, under a name.
struct NamedFile {
    source: Named,
    file_name: Option<String>,
    key: String,
}

enum Named {
    Yet(Source, bool),
    Ready(Ready),
    Nothing,
}

impl NamedFile {
    fn ready(&mut self) -> Result<Found, Unavailable> {
        self.source = match std::mem::replace(&mut self.source, Named::Nothing) {
            Named::Yet(source, wants_tag) => Named::Ready(source.ready(wants_tag, false)?),
            other => other,
        };
        let Named::Ready(ready) = &self.source else { return Err(Unavailable::Failed) };
        Ok(Found {
            file_name: self.file_name.clone(),
            validators: ready.validators().into_owned(),
            local: ready.file().cloned(),
            identity: Some(Box::new(Identity { kind: GIVEN, place: String::new(), key: self.key.clone() })),
            ..Found::default()
        })
    }
}

impl Fetch for NamedFile {
    fn has_identity(&self) -> bool {
        true
    }

    fn find<'a>(
        &'a mut self,
        _: Purpose,
        _: &'a HttpRequest,
    ) -> LocalBoxFuture<'a, Result<Found, Unavailable>> {
        std::future::ready(self.ready()).boxed_local()
    }

    fn supply(self: Box<Self>) -> Supply {
        match self.source {
            Named::Ready(ready) => ready.into_supply(),
            Named::Yet(..) | Named::Nothing => Supply::Bytes(Bytes::new()),
        }
    }
}
