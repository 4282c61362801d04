use std::{num::NonZeroU64, sync::Arc};

use actix_web::{HttpRequest, HttpResponse};

use super::{Offload, OffloadFile};
use crate::download::{LocalFile, Relay, Relayed};

impl Offload {
    /// For `app_data` of an application, a scope, a router or a resource: [`Download`](crate::download::Download)s below
    /// are handed over. The innermost counts, and `Relayed(None)` turns it off.
    ///
    /// ```
    /// use actix_charter::download::{Download, Root, offload::Offload};
    /// use actix_web::{App, test, web};
    ///
    /// # #[actix_web::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let media = tempfile::tempdir()?;
    /// std::fs::write(media.path().join("large.txt"), vec![b'x'; 10_000])?;
    /// let root = Root::new(media.path())?;
    /// let offload = Offload::nginx().map(media.path(), "/protected/")?;
    /// let large = move || {
    ///     let download = Download::path(&root, "large.txt");
    ///     async { download }
    /// };
    /// let app = App::new().app_data(offload.relayed()).route("/", web::get().to(large));
    /// let answer = test::call_service(&test::init_service(app).await, test::TestRequest::get().to_request()).await;
    /// assert_eq!(answer.headers().get("x-accel-redirect").unwrap(), "/protected/large.txt");
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn relayed(self) -> Relayed {
        Relayed(Some(Arc::new(self)))
    }
}

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
