use std::{
    cell::RefCell,
    mem,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::atomic::{AtomicBool, Ordering},
};

use actix_http::{Message, RequestHead};
use actix_web::{HttpRequest, dev::ServiceRequest, http::header::HeaderMap};

/// Somebody kept a request: it is not tried again.
static IS_KEPT: AtomicBool = AtomicBool::new(false);

thread_local! {
    /// Room for headers, kept only to be where it is; see [`lean`].
    static SPARE: RefCell<HeaderMap> = RefCell::new(HeaderMap::new());
}

/// The request without its headers. Actix has room for sixteen in every request, of 208 bytes each and some free: half of what an idle
/// connection would cost, and nobody reads them any more. The room goes back to Actix's pool, for the next request.
///
/// The pool takes it with a request around it, and a new one comes with room of its own, which nobody needs. Taken where the memory
/// is fresh it would dirty a page of the next connection's read buffer, 1.2 KiB for each: so it is made where the last one was.
///
/// Called when the response is under way, so that this is the only handle of the request, unless the application has kept one: a
/// middleware around the body may. Actix has no way to ask, and panics. A page's events connect within the handler, so theirs are kept.
pub(super) fn lean(request: HttpRequest) -> HttpRequest {
    if cfg!(not(panic = "unwind")) || IS_KEPT.load(Ordering::Relaxed) {
        return request;
    }
    let mut request = ServiceRequest::from_request(request);
    let taken = catch_unwind(AssertUnwindSafe(|| mem::replace(request.headers_mut(), HeaderMap::new())));
    if let Ok(mut headers) = taken {
        headers.clear();
        SPARE.with_borrow_mut(|spare| {
            *spare = HeaderMap::new();
            let mut pooled = Message::<RequestHead>::new();
            *spare = mem::replace(&mut pooled.headers, headers);
        });
    } else if !IS_KEPT.swap(true, Ordering::Relaxed) {
        tracing::warn!(
            target: "actix_charter::live",
            "a middleware or scheme keeps the requests of live connections, which cost 7 KiB more each for it; the panic of \
             actix-web before this has no other effect"
        );
    }
    request.into_parts().0
}
