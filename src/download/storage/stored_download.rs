use std::sync::Arc;

use actix_web::{HttpRequest, http::header::HeaderValue};
use futures_util::future::LocalBoxFuture;

use super::{Storage, Stored, content::StorageContent};
use crate::download::{
    Away, Download, Link, LinkTerms, Unavailable,
    away::{Fetch, Found, Purpose},
    condition::Validators,
    entity_tag::EntityTag,
    seconds,
    source::Supply,
};

impl Download<Away> {
    /// What lies under a key of a storage: a directory ([`Root`](crate::download::Root)), an object store, one of your own.
    pub fn stored(storage: &(impl Storage + Clone), key: impl Into<String>) -> Self {
        Self::away(StoredFile { storage: Arc::new(storage.clone()), key: key.into().into(), stored: None })
    }
}

struct StoredFile {
    storage: Arc<dyn Storage>,
    key: Arc<str>,
    stored: Option<Stored>,
}

impl Fetch for StoredFile {
    fn has_links(&self) -> bool {
        self.storage.has_links()
    }

    fn find<'a>(
        &'a mut self,
        _: Purpose,
        _: &'a HttpRequest,
    ) -> LocalBoxFuture<'a, Result<Found, Unavailable>> {
        Box::pin(async move {
            let file_name = self.key.rsplit('/').next().map(str::to_owned);
            if let Some(local) = self.storage.local(&self.key) {
                return Ok(Found { file_name, local: Some(local?), ..Found::default() });
            }
            let stored = match &mut self.stored {
                Some(stored) => stored,
                none => none.insert(self.storage.find(&self.key).await?),
            };
            let validators = Validators {
                etag: stored.etag.as_deref().and_then(EntityTag::written),
                last_modified: stored.modified.and_then(seconds::whole),
            };
            let value = |text: &Option<String>| HeaderValue::from_str(text.as_deref()?).ok();
            let (media_type, encoding) = (value(&stored.media_type), value(&stored.encoding));
            Ok(Found { file_name, media_type, encoding, validators, local: None })
        })
    }

    fn link<'a>(&'a self, terms: LinkTerms<'a>) -> LocalBoxFuture<'a, Result<Option<Link>, Unavailable>> {
        self.storage.link(&self.key, terms)
    }

    fn supply(self: Box<Self>) -> Supply {
        let stored = self.stored.unwrap_or(Stored::new(0));
        let size = stored.size;
        Supply::Content(Box::new(StorageContent::new(self.storage, self.key, stored)), size)
    }
}
