//! The page: plain HTML, CSS and JavaScript, and npm's `centrifuge`, all inside the binary.

use actix_charter::prelude::*;
use actix_web::{
    HttpResponse,
    http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS},
};
use schemars::JsonSchema;
use serde::Deserialize;

/// Nothing comes from elsewhere, and nothing is inline. In `connect-src`, `'self'` means the sockets, too.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// What the page is made of.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema, Model)]
enum Part {
    #[serde(rename = "icon.svg")]
    Icon,
    #[serde(rename = "page.css")]
    Style,
    #[serde(rename = "main.js")]
    Main,
    #[serde(rename = "api.js")]
    Api,
    #[serde(rename = "board.js")]
    Board,
    #[serde(rename = "people.js")]
    People,
    #[serde(rename = "centrifuge.js")]
    Centrifuge,
}

impl Part {
    const fn media_type(self) -> &'static str {
        match self {
            Self::Icon => "image/svg+xml",
            Self::Style => "text/css; charset=utf-8",
            _ => "text/javascript; charset=utf-8",
        }
    }

    const fn text(self) -> &'static str {
        match self {
            Self::Icon => include_str!("page/icon.svg"),
            Self::Style => include_str!("page/page.css"),
            Self::Main => include_str!("page/main.js"),
            Self::Api => include_str!("page/api.js"),
            Self::Board => include_str!("page/board.js"),
            Self::People => include_str!("page/people.js"),
            Self::Centrifuge => include_str!("page/centrifuge/centrifuge.js"),
        }
    }
}

/// The page that shows a board. It is nobody's API: the document does not tell of it, and its headers are its own business.
pub(crate) struct Page;

#[controller(path = "", hidden, security = none, contract = off)]
impl Page {
    #[get("/", declares(200: "text/html"))]
    async fn index(&self) -> HttpResponse {
        answer("text/html; charset=utf-8", include_str!("page/index.html"))
    }

    #[get("/page/{part}", declares(200: "*/*"))]
    async fn part(&self, Path(part): Path<Part>) -> HttpResponse {
        answer(part.media_type(), part.text())
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
