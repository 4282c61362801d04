use std::time::SystemTime;

use actix_web::HttpRequest;

use super::{DownloadCache, Key, cached_download::GIVEN};
use crate::download::{
    Delivery,
    answer::is_read,
    away::{Fetch, Found, LookedAt, Purpose},
    manner::{Manner, Tag},
    source::Supply,
};

/// The cache, as one request finds it.
pub(crate) struct Shelf<'a> {
    delivery: &'a Delivery,
    /// `None` when there is none, or the source has no business with it.
    cache: Option<&'a DownloadCache>,
}

/// Where in the cache a file is kept.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    key: Key,
    /// The validator promises the same bytes each time.
    exact: bool,
}

impl<'a> Shelf<'a> {
    pub(crate) fn of(source: &dyn Fetch, manner: &Manner, delivery: &'a Delivery) -> Self {
        let wanted = source.has_identity() && !manner.uncached;
        Self { delivery, cache: delivery.cached().filter(|_| wanted) }
    }

    pub(crate) fn purpose(&self) -> Purpose {
        if self.cache.is_some() { Purpose::Cache } else { Purpose::Send }
    }

    /// `None` when the file is not to be kept.
    pub(crate) fn place(&self, found: &Found, manner: &Manner) -> Option<Place> {
        let secret = self.cache?.secret();
        let identity = found.identity.as_ref().filter(|_| found.local.is_none())?;
        let Some(key) = Key::new(secret, identity, &found.validators, manner, SystemTime::now()) else {
            // What the handler said cannot be done; a storage that has no validators cannot help it.
            if identity.kind == GIVEN {
                tracing::warn!(
                    target: "actix_charter::download",
                    "a file is not cached: it has no entity tag, and no time of its last change that is a minute ago"
                );
            }
            return None;
        };
        let given = match &manner.etag {
            Tag::Given(tag) => Some(tag),
            Tag::OfSource | Tag::None => None,
        };
        let tag = given.or(found.validators.etag.as_ref());
        Some(Place { key, exact: tag.is_some_and(|tag| !tag.is_weak()) })
    }

    /// Whether the file is there, or on its way there.
    pub(crate) fn has(&self, place: Option<&Place>, looked_at: LookedAt) -> bool {
        matches!((self.cache, place), (Some(cache), Some(place)) if cache.has(&place.key, looked_at.size))
    }

    /// The supply out of the cache, or through it: when all of it is there, if that is to be waited for.
    pub(crate) async fn through(
        &self,
        place: Option<Place>,
        request: &HttpRequest,
        manner: &Manner,
        supply: Supply,
        waits: bool,
    ) -> Supply {
        let (Some(cache), Some(Place { key, exact })) = (self.cache, place) else { return supply };
        let supply =
            if waits { cache.whole(key, exact, supply).await } else { cache.supply(key, exact, supply) };
        if let Supply::File(file) = &supply
            && is_read(request)
            && self.delivery.takes(request, file, manner.rate_limit)
        {
            cache.hand_over(&key);
        }
        match supply {
            // The next answer may be of the kept file, with ranges: what a client holds of this one must be the same bytes.
            Supply::Stream(stream, length) => Supply::Remote { stream, length, ranges: false },
            other => other,
        }
    }
}
