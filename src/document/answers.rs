use std::{borrow::Cow, collections::BTreeMap};

use actix_web::http::{Method, StatusCode};
use serde_json::{Map, Value, json};

use super::schemas::{Schemas, empty};
use crate::endpoint::{CookieSpec, HeaderSpec, MountedOperation, Output, OutputContent};

/// The `responses` of an operation: one for each status, however many outputs have it.
pub(super) fn responses(operation: &MountedOperation, schemas: &Schemas) -> Value {
    let default = if operation.spec.method == Method::POST { 201 } else { 200 };
    let mut by_status: BTreeMap<u16, Vec<&Output>> = BTreeMap::new();
    for output in &operation.spec.outputs {
        by_status.entry(output.status.unwrap_or(default)).or_default().push(output);
    }
    if by_status.is_empty() {
        return json!({"default": {"description": "The declaration does not say what is answered."}});
    }
    // The example is of the first answer that says that all went well.
    let succeeded = by_status.keys().copied().find(|status| (200..300).contains(status));
    let each = by_status.into_iter().map(|(status, outputs)| {
        let example = operation.spec.response_example.as_ref().filter(|_| Some(status) == succeeded);
        (status.to_string(), response(status, &outputs, example, operation, schemas))
    });
    Value::Object(each.collect())
}

fn response(
    status: u16,
    outputs: &[&Output],
    example: Option<&Value>,
    operation: &MountedOperation,
    schemas: &Schemas,
) -> Value {
    let mut response = Map::new();
    response.insert("description".into(), description(status, outputs).into());
    let headers = headers(outputs, schemas);
    if !headers.is_empty() {
        response.insert("headers".into(), headers.into());
    }
    let content = content(outputs, example, operation, schemas);
    if !content.is_empty() {
        response.insert("content".into(), content.into());
    }
    response.into()
}

fn description(status: u16, outputs: &[&Output]) -> String {
    let mut told: Vec<&str> = Vec::new();
    for text in outputs.iter().filter_map(|output| output.description.as_deref()) {
        if !told.contains(&text) {
            told.push(text);
        }
    }
    match told.as_slice() {
        [] => StatusCode::from_u16(status)
            .ok()
            .and_then(|status| status.canonical_reason())
            .map_or_else(|| format!("Status {status}"), str::to_owned),
        [one] => (*one).to_owned(),
        many => many.iter().map(|text| format!("- {text}")).collect::<Vec<_>>().join("\n"),
    }
}

/// The bodies, by media type. What may be of several models is any of them.
fn content(
    outputs: &[&Output],
    example: Option<&Value>,
    operation: &MountedOperation,
    schemas: &Schemas,
) -> Map<String, Value> {
    let renderers: Vec<&str> = match operation.renderers.as_slice() {
        [] => vec!["application/json"],
        some => some.iter().map(String::as_str).collect(),
    };
    let mut by_type: Vec<(Cow<'_, str>, Vec<Value>)> = Vec::new();
    let mut add = |media_type: Cow<'static, str>, schema: Option<Value>| {
        let at = by_type.iter().position(|(known, _)| *known == media_type).unwrap_or_else(|| {
            by_type.push((media_type, Vec::new()));
            by_type.len() - 1
        });
        if let (Some((_, known)), Some(schema)) = (by_type.get_mut(at), schema)
            && !known.contains(&schema)
        {
            known.push(schema);
        }
    };
    for output in outputs {
        match &output.content {
            OutputContent::Empty => {}
            OutputContent::Model(schema) => {
                let schema = schemas.output(schema);
                renderers.iter().for_each(|kind| add(Cow::Owned((*kind).to_owned()), Some(schema.clone())));
            }
            OutputContent::Problem => {
                let schema = schemas.output(&operation.error_model.schema());
                for kind in &renderers {
                    let kind = match *kind {
                        "application/json" => Cow::Borrowed(operation.error_model.json_media_type()),
                        other => Cow::Owned(other.to_owned()),
                    };
                    add(kind, Some(schema.clone()));
                }
            }
            OutputContent::Media(kind, schema) => {
                add(kind.clone(), schema.as_ref().map(|schema| schemas.output(schema)));
            }
            OutputContent::Any => add(Cow::Borrowed("*/*"), Some(empty())),
        }
    }
    let media = |(kind, mut schemas): (Cow<'_, str>, Vec<Value>)| {
        let mut media = Map::new();
        if let Some(schema) = match schemas.len() {
            0 | 1 => schemas.pop(),
            _ => Some(json!({"anyOf": schemas})),
        } {
            media.insert("schema".into(), schema);
        }
        if let Some(example) = example {
            media.insert("example".into(), example.clone());
        }
        (kind.into_owned(), media.into())
    };
    by_type.into_iter().map(media).collect()
}

/// The headers, each once. A header is required when every output of this status has it for sure.
fn headers(outputs: &[&Output], schemas: &Schemas) -> Map<String, Value> {
    let mut headers = Map::new();
    let mut seen: Vec<&HeaderSpec> = Vec::new();
    for spec in outputs.iter().flat_map(|output| &output.headers) {
        // OpenAPI ignores `Content-Type` among the headers; the content says it.
        let known = seen.iter().any(|other| other.name.eq_ignore_ascii_case(&spec.name));
        if known || spec.name.eq_ignore_ascii_case("content-type") {
            continue;
        }
        seen.push(spec);
        let always = outputs.iter().all(|output| {
            output.headers.iter().any(|h| h.required && h.name.eq_ignore_ascii_case(&spec.name))
        });
        let values: Vec<&HeaderSpec> = outputs
            .iter()
            .flat_map(|output| &output.headers)
            .filter(|other| other.name.eq_ignore_ascii_case(&spec.name))
            .collect();
        headers.insert(spec.name.clone().into_owned(), header(spec, &values, always, schemas));
    }
    if let Some(cookies) = set_cookie(outputs) {
        headers.insert("Set-Cookie".into(), cookies);
    }
    headers
}

fn header(spec: &HeaderSpec, all: &[&HeaderSpec], required: bool, schemas: &Schemas) -> Value {
    let mut header = Map::new();
    if let Some(description) = all.iter().find_map(|spec| spec.description.as_deref()) {
        header.insert("description".into(), description.into());
    }
    if required {
        header.insert("required".into(), true.into());
    }
    let mut schema = schemas.output(&spec.schema);
    if let Some(value) = &spec.value
        && all.iter().all(|other| other.value.as_ref() == Some(value))
        && let Some(schema) = schema.as_object_mut()
    {
        schema.insert("const".into(), typed(schema, value));
    }
    header.insert("schema".into(), schema);
    header.into()
}

/// The value as the schema's type has it; on the wire all of them are text.
fn typed(schema: &Map<String, Value>, text: &str) -> Value {
    match schema.get("type").and_then(Value::as_str) {
        Some("integer" | "number" | "boolean") => serde_json::from_str(text).unwrap_or_else(|_| text.into()),
        _ => text.into(),
    }
}

/// All cookies in one header object: each is a `Set-Cookie` line of its own, which OpenAPI 3.1 has no words for, so
/// that the description says it.
fn set_cookie(outputs: &[&Output]) -> Option<Value> {
    let mut cookies: Vec<(&CookieSpec, bool)> = Vec::new();
    for cookie in outputs.iter().flat_map(|output| &output.cookies) {
        if !cookies.iter().any(|(known, _)| known.name == cookie.name) {
            let always = outputs
                .iter()
                .all(|output| output.cookies.iter().any(|c| c.required && c.name == cookie.name));
            cookies.push((cookie, always));
        }
    }
    let (first, _) = cookies.first()?;
    let mut description = String::from("One line for each cookie:");
    for (cookie, always) in &cookies {
        description.push_str("\n- `");
        description.push_str(&cookie_line(cookie));
        description.push_str(if *always { "` (always)" } else { "` (sometimes)" });
        if let Some(text) = &cookie.description {
            description.push_str(": ");
            description.push_str(text);
        }
    }
    let mut header = Map::new();
    header.insert("description".into(), description.into());
    if cookies.iter().any(|(_, always)| *always) {
        header.insert("required".into(), true.into());
    }
    header.insert("schema".into(), json!({"type": "string"}));
    header.insert("example".into(), cookie_line(first).into());
    Some(header.into())
}

/// The cookie as it is sent (RFC 6265 §4.1), dots where the value is free.
fn cookie_line(cookie: &CookieSpec) -> String {
    let mut line = format!("{}={}", cookie.name, cookie.value.as_deref().unwrap_or("..."));
    for (name, value) in [("Path", &cookie.path), ("Domain", &cookie.domain)] {
        if let Some(value) = value {
            line.push_str(&format!("; {name}={value}"));
        }
    }
    if let Some(age) = cookie.max_age {
        line.push_str(&format!("; Max-Age={}", age.as_secs()));
    }
    for (name, set) in [("Secure", cookie.secure), ("HttpOnly", cookie.http_only)] {
        if set {
            line.push_str("; ");
            line.push_str(name);
        }
    }
    if let Some(same_site) = cookie.same_site {
        line.push_str(&format!("; SameSite={same_site}"));
    }
    line
}
