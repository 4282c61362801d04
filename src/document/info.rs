use std::borrow::Cow;

use serde_json::{Map, Value};

type Text = Cow<'static, str>;

/// What the document says about the API as a whole.
///
/// ```
/// use actix_charter::document::Info;
///
/// let info = Info::new("Team board", "1.0")
///     .description("Who works on what.")
///     .server("https://board.example.org", "production")
///     .tag("users", "People and their accounts.")
///     .license("MIT", "MIT");
/// assert_eq!(info.title, "Team board");
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Info {
    /// The name of the API.
    pub title: Text,
    /// The version of the API; not that of OpenAPI.
    pub version: Text,
    /// One line.
    pub summary: Option<Text>,
    /// As long as it has to be, CommonMark.
    pub description: Option<Text>,
    /// A URL.
    pub terms_of_service: Option<Text>,
    /// Whom to ask.
    pub contact: Option<Contact>,
    /// The licence of the API.
    pub license: Option<License>,
    /// Where the API is served. Empty stands for where the document came from.
    pub servers: Vec<Server>,
    /// What tags mean. Tags that no operation has are in the document too.
    pub tags: Vec<Tag>,
    /// Documentation elsewhere.
    pub external_docs: Option<ExternalDocs>,
}

/// Whom to ask about the API.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Contact {
    /// A person or team.
    pub name: Option<Text>,
    /// A page.
    pub url: Option<Text>,
    /// An address.
    pub email: Option<Text>,
}

/// The licence of the API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct License {
    /// Its name.
    pub name: Text,
    /// An SPDX expression or a URL.
    pub reference: Option<Text>,
}

/// A place where the API is served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// An absolute URL, or one relative to the document's.
    pub url: Text,
    /// What it is.
    pub description: Option<Text>,
}

/// A group of operations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag {
    /// The name that operations use.
    pub name: Text,
    /// What the group is.
    pub description: Option<Text>,
}

/// Documentation elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExternalDocs {
    /// Where.
    pub url: Text,
    /// What is found there.
    pub description: Option<Text>,
}

impl Info {
    /// Title and version, which every document has.
    pub fn new(title: impl Into<Text>, version: impl Into<Text>) -> Self {
        Self { title: title.into(), version: version.into(), ..Self::default() }
    }

    /// Sets the summary, one line.
    #[must_use]
    pub fn summary(mut self, text: impl Into<Text>) -> Self {
        self.summary = Some(text.into());
        self
    }

    /// Sets the description, CommonMark.
    #[must_use]
    pub fn description(mut self, text: impl Into<Text>) -> Self {
        self.description = Some(text.into());
        self
    }

    /// Sets the URL of the terms of service.
    #[must_use]
    pub fn terms_of_service(mut self, url: impl Into<Text>) -> Self {
        self.terms_of_service = Some(url.into());
        self
    }

    /// Says whom to ask, by name and e-mail address.
    #[must_use]
    pub fn contact(mut self, name: impl Into<Text>, email: impl Into<Text>) -> Self {
        let contact = self.contact.get_or_insert_default();
        contact.name = Some(name.into());
        contact.email = Some(email.into());
        self
    }

    /// Sets the licence. `reference` is a URL when `://` is in it, and an SPDX expression otherwise.
    #[must_use]
    pub fn license(mut self, name: impl Into<Text>, reference: impl Into<Text>) -> Self {
        self.license = Some(License { name: name.into(), reference: Some(reference.into()) });
        self
    }

    /// Adds a place where the API is served.
    #[must_use]
    pub fn server(mut self, url: impl Into<Text>, description: impl Into<Text>) -> Self {
        self.servers.push(Server { url: url.into(), description: Some(description.into()) });
        self
    }

    /// Says what a tag means.
    #[must_use]
    pub fn tag(mut self, name: impl Into<Text>, description: impl Into<Text>) -> Self {
        self.tags.push(Tag { name: name.into(), description: Some(description.into()) });
        self
    }

    /// Points to documentation elsewhere.
    #[must_use]
    pub fn external_docs(mut self, url: impl Into<Text>, description: impl Into<Text>) -> Self {
        self.external_docs = Some(ExternalDocs { url: url.into(), description: Some(description.into()) });
        self
    }

    /// The `info` object.
    pub(crate) fn to_value(&self) -> Value {
        let mut info = Map::new();
        put(&mut info, "title", Some(&self.title));
        put(&mut info, "summary", self.summary.as_ref());
        put(&mut info, "description", self.description.as_ref());
        put(&mut info, "termsOfService", self.terms_of_service.as_ref());
        if let Some(contact) = &self.contact {
            let mut object = Map::new();
            put(&mut object, "name", contact.name.as_ref());
            put(&mut object, "url", contact.url.as_ref());
            put(&mut object, "email", contact.email.as_ref());
            info.insert("contact".into(), object.into());
        }
        if let Some(license) = &self.license {
            let mut object = Map::new();
            put(&mut object, "name", Some(&license.name));
            let is_url = license.reference.as_ref().is_some_and(|reference| reference.contains("://"));
            put(&mut object, if is_url { "url" } else { "identifier" }, license.reference.as_ref());
            info.insert("license".into(), object.into());
        }
        put(&mut info, "version", Some(&self.version));
        info.into()
    }
}

impl Server {
    pub(super) fn to_value(&self) -> Value {
        described("url", &self.url, self.description.as_ref())
    }
}

impl Tag {
    pub(super) fn to_value(&self) -> Value {
        described("name", &self.name, self.description.as_ref())
    }
}

impl ExternalDocs {
    pub(super) fn to_value(&self) -> Value {
        described("url", &self.url, self.description.as_ref())
    }
}

fn described(key: &str, value: &Text, description: Option<&Text>) -> Value {
    let mut object = Map::new();
    put(&mut object, key, Some(value));
    put(&mut object, "description", description);
    object.into()
}

/// Optional texts are left out, not null.
pub(crate) fn put(object: &mut Map<String, Value>, key: &str, value: Option<&Text>) {
    if let Some(value) = value {
        object.insert(key.into(), value.as_ref().into());
    }
}
