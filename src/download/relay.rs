use std::{fmt, num::NonZeroU64};

use actix_web::{HttpRequest, HttpResponse};

use super::LocalFile;

/// Somebody in front of us who can send a file in our place, such as nginx.
pub trait Relay: fmt::Debug + Send + Sync + 'static {
    /// Whether it could send this file. Asked before a compressed variant is looked for, which it may not be able to label.
    fn takes(&self, request: &HttpRequest, file: &LocalFile, rate_limit: Option<NonZeroU64>) -> bool;

    /// Turns the answer with the whole file, which has no body yet, into one that makes it send the file.
    ///
    /// The request's conditions were judged; its `Range` was not, for whoever sends the file serves it.
    ///
    /// # Errors
    /// The answer, when we must send the file ourselves.
    #[allow(clippy::result_large_err, reason = "what is handed back is the answer itself, to be used")]
    fn relay(
        &self,
        request: &HttpRequest,
        file: &LocalFile,
        rate_limit: Option<NonZeroU64>,
        whole: HttpResponse,
    ) -> Result<HttpResponse, HttpResponse>;

    /// How many bytes of an answer without a length are to be gathered, for somebody who passes on what breaks off as if it were
    /// whole: see [`Offload::gather`](super::offload::Offload::gather). None are, unless it says so.
    fn gathers(&self, _request: &HttpRequest) -> usize {
        0
    }

    /// Whether it could fetch and pass on what lies behind a URL. None does unless it says so.
    fn takes_links(&self, _request: &HttpRequest) -> bool {
        false
    }

    /// As [`relay`](Self::relay), for what lies behind a URL.
    ///
    /// # Errors
    /// The answer, when it cannot be told this link.
    #[allow(clippy::result_large_err, reason = "what is handed back is the answer itself, to be used")]
    fn relay_link(
        &self,
        _request: &HttpRequest,
        _link: &Link,
        _rate_limit: Option<NonZeroU64>,
        whole: HttpResponse,
    ) -> Result<HttpResponse, HttpResponse> {
        Err(whole)
    }
}

/// A URL behind which a file lies.
#[derive(Clone, PartialEq, Eq)]
pub struct Link {
    /// The URL, encoded, as it stands in a request.
    pub url: String,
    /// The value of `Authorization` that the place wants to see; only ever given to a proxy, never to a client.
    pub authorization: Option<String>,
    /// Whether a client may be sent there: the URL alone is enough, and says nothing that is not for its eyes.
    pub public: bool,
    /// Whether type and disposition of our answer are inside the URL's signature, so that its place gives the same.
    pub overrides: bool,
}

/// A link is a credential: it is not written into logs.
impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Link").field("public", &self.public).finish_non_exhaustive()
    }
}
