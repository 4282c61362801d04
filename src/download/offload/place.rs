use actix_web::http::header::HeaderValue;
use bytes::Bytes;

use super::rule::OWN;

/// How a server is told a file.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    value: HeaderValue,
    /// How many bytes of it name the location, with the slash at the end.
    location: usize,
}

impl Place {
    pub(super) const fn new(value: HeaderValue, location: usize) -> Self {
        Self { value, location }
    }

    pub(super) const fn value(&self) -> &HeaderValue {
        &self.value
    }

    pub(super) fn into_value(self) -> HeaderValue {
        self.value
    }

    /// In the location that tells the application's validators.
    pub(super) fn into_own(self) -> Option<HeaderValue> {
        let (location, below) = self.value.as_bytes().split_at_checked(self.location)?;
        let location = location.strip_suffix(b"/")?;
        let own = [location, OWN.as_bytes(), b"/", below].concat();
        HeaderValue::from_maybe_shared(Bytes::from(own)).ok()
    }
}
