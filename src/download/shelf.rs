//! What of the flow concerns the cache; nothing of it, without the feature.

#[cfg(not(feature = "download-cache"))]
pub(crate) use self::without::Shelf;
#[cfg(feature = "download-cache")]
pub(crate) use super::cache::Shelf;

#[cfg(not(feature = "download-cache"))]
mod without {
    use actix_web::HttpRequest;

    use crate::download::{
        Delivery,
        away::{Fetch, Found, LookedAt, Purpose},
        manner::Manner,
        source::Supply,
    };

    /// No cache.
    pub(crate) struct Shelf;

    impl Shelf {
        pub(crate) fn of(_: &dyn Fetch, _: &Manner, _: &Delivery) -> Self {
            Self
        }

        pub(crate) fn purpose(&self) -> Purpose {
            Purpose::Send
        }

        pub(crate) fn place(&self, _: &Found, _: &Manner) -> Option<()> {
            None
        }

        pub(crate) fn has(&self, _: Option<&()>, _: LookedAt) -> bool {
            false
        }

        #[allow(clippy::unused_async, reason = "the cache waits")]
        pub(crate) async fn through(
            &self,
            _: Option<()>,
            _: &HttpRequest,
            _: &Manner,
            supply: Supply,
            _: bool,
        ) -> Supply {
            supply
        }
    }
}
