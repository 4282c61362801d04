//! The templates, which escape what users wrote, and the scripts.

use actix_web::{HttpResponse, web};
use minijinja::{Environment, Error, Value, context};

use crate::Card;

pub(crate) struct Pages(Environment<'static>);

impl Pages {
    pub(crate) fn new() -> Self {
        let mut templates = Environment::new();
        for (name, template) in [
            ("page.html", include_str!("page.html")),
            ("card.html", include_str!("card.html")),
            ("count.html", include_str!("count.html")),
        ] {
            if let Err(error) = templates.add_template(name, template) {
                log::error!("{name}: {error}");
            }
        }
        Self(templates)
    }

    pub(crate) fn page(&self, cards: &[Card], since: &str) -> Result<String, Error> {
        let count = cards.len();
        let cards: Vec<_> = cards.iter().map(value).collect();
        self.0.get_template("page.html")?.render(context!(cards, count, since))
    }

    pub(crate) fn card(&self, card: &Card) -> Result<String, Error> {
        self.0.get_template("card.html")?.render(context!(card => value(card)))
    }

    pub(crate) fn count(&self, count: usize) -> Result<String, Error> {
        self.0.get_template("count.html")?.render(context!(count))
    }
}

fn value(card: &Card) -> Value {
    context!(id => card.id, title => card.title.as_str())
}

/// The scripts that npm installed.
pub(crate) async fn asset(name: web::Path<String>) -> HttpResponse {
    let path = match name.as_str() {
        "htmx.js" => "htmx.org/dist/htmx.min.js",
        "sse.js" => "htmx-ext-sse/dist/sse.min.js",
        "ws.js" => "htmx-ext-ws/dist/ws.min.js",
        _ => return HttpResponse::NotFound().finish(),
    };
    let installed = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/fragments/node_modules");
    match std::fs::read(format!("{installed}/{path}")) {
        Ok(script) => HttpResponse::Ok().content_type("text/javascript; charset=utf-8").body(script),
        Err(_) => HttpResponse::NotFound().body("run: npm ci --omit=dev --prefix examples/fragments"),
    }
}
