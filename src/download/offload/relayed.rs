use std::num::NonZeroU64;

use actix_web::{HttpRequest, HttpResponse};

use super::{Offload, OffloadFile};
use crate::download::{LocalFile, Relay};

impl Relay for Offload {
    fn takes(&self, request: &HttpRequest, file: &LocalFile, rate_limit: Option<NonZeroU64>) -> bool {
        file.canonical_path().is_some_and(|path| {
            self.offer(request.head(), &OffloadFile::new(&path, file.size()).rate_limit(rate_limit)).is_some()
        })
    }

    fn relay(
        &self,
        request: &HttpRequest,
        file: &LocalFile,
        rate_limit: Option<NonZeroU64>,
        whole: HttpResponse,
    ) -> Result<HttpResponse, HttpResponse> {
        match file.canonical_path() {
            Some(path) => {
                let file = OffloadFile::new(&path, file.size()).rate_limit(rate_limit);
                self.answer(request.head(), &file, whole)
            }
            None => Err(whole),
        }
    }
}
