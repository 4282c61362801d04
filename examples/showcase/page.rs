//! The page: plain HTML, CSS and JavaScript, and npm's `centrifuge`, all inside the binary.

use actix_charter::prelude::*;
use actix_web::{
    HttpResponse,
    http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS},
};

use crate::errors::Missing;

/// Nothing comes from elsewhere, and nothing is inline. In `connect-src`, `'self'` means the sockets, too.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const CSS: &str = "text/css; charset=utf-8";
const JS: &str = "text/javascript; charset=utf-8";

/// What the page is made of: a name, its type, and what it says.
const PARTS: &[(&str, &str, &str)] = &[
    ("icon.svg", "image/svg+xml", include_str!("page/icon.svg")),
    ("page.css", CSS, include_str!("page/page.css")),
    ("main.js", JS, include_str!("page/main.js")),
    ("api.js", JS, include_str!("page/api.js")),
    ("board.js", JS, include_str!("page/board.js")),
    ("people.js", JS, include_str!("page/people.js")),
    ("centrifuge.js", JS, include_str!("page/centrifuge/centrifuge.js")),
];

/// The page that shows a board. It is nobody's API: the document does not tell of it, and its headers are its own business.
pub(crate) struct Page;

#[controller(path = "", hidden, security = none, contract = off)]
impl Page {
    #[get("/", declares(200: "text/html"))]
    async fn index(&self) -> HttpResponse {
        answer("text/html; charset=utf-8", include_str!("page/index.html"))
    }

    #[get("/page/{part}", declares(200: "*/*"))]
    async fn part(&self, Path(part): Path<String>) -> Result<HttpResponse, Missing> {
        let found = PARTS.iter().find(|(name, ..)| *name == part);
        found
            .map(|(_, media_type, text)| answer(media_type, text))
            .ok_or(Missing::NotFound("part of the page"))
    }
}

fn answer(media_type: &'static str, text: &'static str) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(media_type)
        .insert_header((CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((CACHE_CONTROL, "no-cache"))
        .insert_header((REFERRER_POLICY, "no-referrer"))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .body(text)
}
