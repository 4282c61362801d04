//! The handbook: files of another team, which come from their server through ours.

use actix_charter::{
    download::{Fetched, origin::Origin},
    prelude::*,
};
use actix_web::HttpRequest;
use schemars::JsonSchema;
use serde::Deserialize;

/// Pages of the handbook.
#[derive(Clone)]
pub(crate) struct Handbook {
    origin: Origin,
    /// Where their server has them; ends with a slash.
    base: String,
}

impl Handbook {
    pub(crate) fn new(origin: &Origin, base: &str) -> Self {
        Self { origin: origin.clone(), base: base.to_owned() }
    }
}

/// The pages that there are: what is no page never reaches the other server.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema, Model)]
enum Page {
    #[serde(rename = "welcome.txt")]
    Welcome,
    #[serde(rename = "house-rules.txt")]
    HouseRules,
}

impl Page {
    const fn name(self) -> &'static str {
        match self {
            Self::Welcome => "welcome.txt",
            Self::HouseRules => "house-rules.txt",
        }
    }
}

#[controller(path = "/handbook", tag = "handbook")]
impl Handbook {
    /// Read a page of the handbook.
    #[get("/{page}")]
    async fn page(&self, Path(page): Path<Page>, request: HttpRequest) -> Fetched {
        Download::http(&self.origin, format!("{}{}", self.base, page.name())).inline().fetched(&request).await
    }
}

/// Stands in for the other team's server.
pub(crate) async fn elsewhere(page: actix_web::web::Path<String>) -> Option<&'static str> {
    match page.as_str() {
        "welcome.txt" => Some("Welcome. The coffee is on the second floor.\n"),
        "house-rules.txt" => Some("Who breaks the build brings cake.\n"),
        _ => None,
    }
}
