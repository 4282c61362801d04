//! How do I speak another format than JSON? Here: XML, in both directions.
//!
//! `cargo run --example xml`, then:
//!
//! ```sh
//! curl -i http://127.0.0.1:8080/notes -H 'content-type: application/xml' -H 'accept: application/xml' \
//!     -d '<note><text>milk</text><tag>shop</tag><tag>today</tag></note>'
//! curl -i http://127.0.0.1:8080/notes -H 'content-type: application/xml' -d '<note><tag>shop</tag></note>'
//! ```
//!
//! The second one is told that `/text` is missing, as JSON, because it did not ask for anything else. The document at
//! `/openapi.json` names both media types.

use actix_charter::{
    media::{ParseError, Parser, RenderError, Renderer, Target},
    prelude::*,
};
use actix_web::{App, HttpServer};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One type can be both; the media type is the same.
#[derive(Debug)]
struct Xml;

impl Parser for Xml {
    fn media_type(&self) -> &str {
        "application/xml"
    }

    fn parse(&self, body: &[u8], target: &mut Target<'_>) -> Result<(), ParseError> {
        let text = std::str::from_utf8(body).map_err(ParseError::new)?;
        target.read(&mut quick_xml::de::Deserializer::from_str(text))
    }
}

impl Renderer for Xml {
    fn media_type(&self) -> &str {
        "application/xml"
    }

    fn render(&self, value: &dyn erased_serde::Serialize, out: &mut Vec<u8>) -> Result<(), RenderError> {
        let text = quick_xml::se::to_string_with_root("answer", value).map_err(RenderError::new)?;
        out.extend_from_slice(text.as_bytes());
        Ok(())
    }
}

/// A note.
#[derive(Debug, Serialize, Deserialize, JsonSchema, Model)]
struct Note {
    text: String,
    /// Elements that are repeated are a list.
    #[serde(rename = "tag", default)]
    tags: Vec<String>,
}

struct Notes;

/// JSON stays the preferred format, because it is named first.
#[controller(path = "/notes", parsers(Json, Xml), renderers(Json, Xml))]
impl Notes {
    /// Take down a note.
    #[post]
    async fn create(&self, note: Body<Note>) -> Note {
        note.0
    }
}

fn api() -> Router {
    Router::new("").controller(Notes).openapi(Info::new("Notes", "1.0"))
}

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    env_logger::init();
    let api = api();
    HttpServer::new(move || App::new().service(api.clone())).bind(("127.0.0.1", 8080))?.run().await
}
