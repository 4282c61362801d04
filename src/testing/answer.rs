use actix_web::http::{
    Method,
    header::{CONTENT_ENCODING, CONTENT_TYPE},
};
use serde_json::{Map, Value};

use super::{Exchange, schemas::Compiled};
use crate::endpoint::seen;

/// One answer beside the operation of the document that declares it.
pub(super) struct Answer<'a> {
    pub(super) exchange: &'a Exchange<'a>,
    /// `GET /users/{id}`.
    pub(super) title: String,
    /// The operation object.
    pub(super) operation: &'a Value,
}

impl<'a> Answer<'a> {
    /// The response object for the answer's status.
    pub(super) fn declared(&self) -> Option<&'a Value> {
        let responses = self.operation.get("responses")?;
        let status = self.exchange.status.as_str();
        let range = status.get(..1).map(|digit| format!("{digit}XX")).unwrap_or_default();
        [status, range.as_str(), "default"].into_iter().find_map(|key| responses.get(key))
    }

    /// What to say when there is none.
    pub(super) fn undeclared(&self) -> String {
        let responses = self.operation.get("responses").and_then(Value::as_object);
        let declared: Vec<&str> = responses.into_iter().flat_map(Map::keys).map(String::as_str).collect();
        format!(
            "{} answered {}; the document declares {}",
            self.title,
            self.exchange.status.as_u16(),
            declared.join(", ")
        )
    }

    /// Everything in which the answer is not what is declared for its status.
    pub(super) fn check(&self, response: &Value, compiled: &Compiled, breaches: &mut Vec<String>) {
        let status = self.exchange.status.as_u16();
        for (name, header) in response.get("headers").and_then(Value::as_object).into_iter().flatten() {
            let required = header.get("required").and_then(Value::as_bool) == Some(true);
            if required && seen(self.exchange.headers, name).is_none() {
                breaches.push(format!("{}: {status} lacks the header {name}", self.title));
            }
        }
        let is_head = *self.exchange.method == Method::HEAD;
        let sent = self.exchange.headers.get(CONTENT_TYPE);
        let Some(content) = response.get("content").and_then(Value::as_object) else {
            if sent.is_some() || !self.exchange.body.is_empty() {
                breaches.push(format!("{}: {status} is declared without a body, and has one", self.title));
            }
            return;
        };
        let sent = sent.and_then(|sent| sent.to_str().ok()).map(essence);
        let Some(media) = media(content, sent.as_deref()) else {
            let sent = sent.unwrap_or_else(|| "no Content-Type".to_owned());
            let declared: Vec<&str> = content.keys().map(String::as_str).collect();
            breaches.push(format!(
                "{}: {status} came with {sent}; declared is {}",
                self.title,
                declared.join(", ")
            ));
            return;
        };
        let plain = !self.exchange.headers.contains_key(CONTENT_ENCODING);
        if let (false, true, Some(schema), Some(sent)) = (is_head, plain, media.get("schema"), sent) {
            let wrong = compiled.check(schema, &sent, self.exchange.body);
            breaches.extend(wrong.into_iter().map(|text| format!("{}: {status}: {text}", self.title)));
        }
    }
}

/// The media type object that covers what was sent, the most specific one first.
fn media<'a>(content: &'a Map<String, Value>, sent: Option<&str>) -> Option<&'a Value> {
    let Some(sent) = sent else {
        // Only what may be anything may also be without a Content-Type.
        return content.get("*/*");
    };
    let exact = content.iter().find(|(declared, _)| essence(declared) == sent);
    let kind = || {
        let kind = sent.split('/').next().unwrap_or_default();
        content.iter().find(|(declared, _)| declared.strip_suffix("/*") == Some(kind))
    };
    exact.or_else(kind).map(|(_, media)| media).or_else(|| content.get("*/*"))
}

/// A media type without its parameters.
fn essence(media_type: &str) -> String {
    media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}
