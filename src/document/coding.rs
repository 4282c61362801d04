//! Which content coding an answer gets, and whether it is needed at all.

use actix_web::{
    HttpRequest,
    http::header::{AcceptEncoding, EntityTag, Header, IF_NONE_MATCH, IfNoneMatch, Preference, Quality},
};

/// A content coding that is offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Coding {
    #[cfg(feature = "compress")]
    Brotli,
    #[cfg(any(feature = "compress", feature = "_pages"))]
    Gzip,
    Identity,
}

impl Coding {
    /// The word on the wire.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            #[cfg(feature = "compress")]
            Self::Brotli => "br",
            #[cfg(any(feature = "compress", feature = "_pages"))]
            Self::Gzip => "gzip",
            Self::Identity => "identity",
        }
    }

    /// The one that the client likes best; among equals the one that is offered first (RFC 9110 §12.5.3).
    ///
    /// When none is acceptable it is `Identity`: a client that reads something it did not ask for is better off than one
    /// that gets a 406.
    pub(super) fn negotiate(request: &HttpRequest, offered: &[Self]) -> Self {
        let Ok(AcceptEncoding(accepted)) = AcceptEncoding::parse(request) else { return Self::Identity };
        let quality = |coding: Self| {
            let named = accepted.iter().find(|item| match &item.item {
                Preference::Specific(encoding) => encoding.to_string() == coding.as_str(),
                Preference::Any => false,
            });
            let any = || accepted.iter().find(|item| item.item.is_any() && coding != Self::Identity);
            named.or_else(any).map_or(Quality::ZERO, |item| item.quality)
        };
        let mut best = (Self::Identity, Quality::ZERO);
        for coding in offered {
            let quality = quality(*coding);
            if quality > best.1 {
                best = (*coding, quality);
            }
        }
        best.0
    }
}

/// Whether the client has this representation already (RFC 9110 §13.1.2).
pub(super) fn is_known(request: &HttpRequest, tag: &EntityTag) -> bool {
    if !request.headers().contains_key(IF_NONE_MATCH) {
        return false;
    }
    match IfNoneMatch::parse(request) {
        Ok(IfNoneMatch::Any) => true,
        Ok(IfNoneMatch::Items(items)) => items.iter().any(|item| item.weak_eq(tag)),
        Err(_) => false,
    }
}
