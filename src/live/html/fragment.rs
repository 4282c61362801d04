use std::borrow::Cow;

use actix_web::HttpResponse;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer};

use crate::{
    endpoint::{Output, OutputContent},
    live::Broadcast,
    model::{Model, SchemaOf, TypeName},
    problem::Problem,
    response::{Content, Declared, Replies, ReplyContext},
};

/// A piece of HTML for pages that listen; see the [module](crate::live::html).
///
/// **Nothing is escaped**: it is put into pages as it is. Have a template engine make it, which escapes what users wrote.
///
/// A `#[publish]` method may return one: what is broadcast for what the client sent.
///
/// ```
/// use actix_charter::{live::Fragment, prelude::*};
///
/// struct Counter;
///
/// #[channel("counter")]
/// impl Counter {
///     #[subscribe]
///     async fn watch(&self) {}
///
///     #[publish]
///     async fn count(&self, Body(number): Body<u32>) -> Fragment {
///         Fragment::new(format!("<b id=\"count\">{number}</b>")).event("count")
///     }
/// }
/// # Live::new().channel(Counter).check().unwrap();
/// # assert_eq!(serde_json::json!(Fragment::new("<b>1</b>")), "<b>1</b>");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "publish it"]
pub struct Fragment {
    pub(super) html: String,
    pub(super) event: Option<Cow<'static, str>>,
}

/// The tag that holds the event's name.
pub(super) const EVENT: &str = "event";

impl Fragment {
    /// This HTML, under no name.
    pub fn new(html: impl Into<String>) -> Self {
        Self { html: html.into(), event: None }
    }

    /// The name of the event; a name with a line break is none.
    pub fn event(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.event = Some(name.into());
        self
    }

    /// The HTML.
    #[must_use]
    pub fn html(&self) -> &str {
        &self.html
    }
}

impl From<String> for Fragment {
    fn from(html: String) -> Self {
        Self::new(html)
    }
}

impl From<&str> for Fragment {
    fn from(html: &str) -> Self {
        Self::new(html)
    }
}

/// What a fragment is in a document.
struct Markup;

impl JsonSchema for Markup {
    fn schema_name() -> Cow<'static, str> {
        "Fragment".into()
    }

    fn schema_id() -> Cow<'static, str> {
        "actix_charter::Fragment".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "contentMediaType": "text/html" })
    }
}

impl Model for Markup {
    const NAME: &'static str = "actix_charter::Fragment";
}

/// As a string.
impl Serialize for Fragment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.html)
    }
}

impl Replies for Fragment {
    const DECLARED: Declared = Declared::One(0, Content::Model(TypeName::of::<Markup>()));

    fn describe(outputs: &mut Vec<Output>) {
        outputs.push(Output::new(None, OutputContent::Model(SchemaOf::of::<Markup>())));
    }

    fn reply(self, context: &ReplyContext<'_>) -> Result<HttpResponse, Problem> {
        let broadcast = Broadcast::new(self.html);
        match self.event {
            Some(event) => broadcast.tag(EVENT, event),
            None => broadcast,
        }
        .reply(context)
    }
}
