use std::{fmt, num::NonZeroU64, sync::Arc};

use actix_web::{HttpMessage, HttpRequest, HttpResponse};

use super::LocalFile;

/// Somebody in front of us who can send a file in our place, such as nginx.
pub trait Relay: fmt::Debug + 'static {
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
}

/// Who sends the files: put into the request's extensions by a middleware, or into the application data. The extensions
/// win; `None` there turns an outer relay off.
#[derive(Debug, Clone)]
pub struct Relayed(pub Option<Arc<dyn Relay + Send + Sync>>);

impl Relayed {
    pub(crate) fn of(request: &HttpRequest) -> Option<Arc<dyn Relay + Send + Sync>> {
        match request.extensions().get::<Self>() {
            Some(relayed) => relayed.0.clone(),
            None => request.app_data::<Self>().and_then(|relayed| relayed.0.clone()),
        }
    }
}
