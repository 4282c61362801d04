//! AsyncAPI's schemas are JSON Schema draft 07, OpenAPI's are draft 2020-12.

use serde_json::{Map, Value, json};

/// Says the same in draft 07: lists with a schema for each place, and references with something beside them.
pub(super) fn to_draft_07(schema: &mut Value) {
    match schema {
        Value::Array(items) => items.iter_mut().for_each(to_draft_07),
        Value::Object(object) => {
            object.values_mut().for_each(to_draft_07);
            if let Some(items) = object.shift_remove("prefixItems")
                && let Some(more) = object.insert("items".into(), items)
            {
                object.insert("additionalItems".into(), more);
            }
            // In draft 07 nothing stands beside `$ref`.
            if object.len() > 1
                && let Some(reference) = object.shift_remove("$ref")
            {
                let mut all = vec![json!({"$ref": reference})];
                if let Some(Value::Array(more)) = object.shift_remove("allOf") {
                    all.extend(more);
                }
                object.insert("allOf".into(), all.into());
            }
        }
        _ => {}
    }
}

/// A security scheme of OpenAPI as AsyncAPI writes it.
pub(super) fn security_scheme(scheme: &Value) -> Value {
    let mut scheme = scheme.clone();
    if scheme.get("type").is_some_and(|kind| kind == "apiKey")
        && let Some(object) = scheme.as_object_mut()
    {
        // `apiKey` is a user or password of a broker there.
        object.insert("type".into(), "httpApiKey".into());
    }
    scheme
}

/// `https://example.org/base` with the path of the connection, as a server; `None` when it has no host.
pub(super) fn server(url: &str, path: &str) -> Option<Map<String, Value>> {
    let (protocol, rest) = match url.split_once("://")? {
        ("https" | "wss", rest) => ("wss", rest),
        ("http" | "ws", rest) => ("ws", rest),
        _ => return None,
    };
    let (host, base) = rest.split_once('/').map_or((rest, ""), |(host, base)| (host, base));
    let base = base.trim_end_matches('/');
    let slash = if base.is_empty() { "" } else { "/" };
    let mut server = Map::new();
    server.insert("host".into(), host.into());
    server.insert("pathname".into(), format!("{slash}{base}{path}").into());
    server.insert("protocol".into(), protocol.into());
    Some(server)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_are_urls_in_parts() {
        let told = |url: &str| server(url, "/live").map(Value::from);
        assert_eq!(
            told("https://example.org/api/"),
            Some(json!({"host": "example.org", "pathname": "/api/live", "protocol": "wss"}))
        );
        assert_eq!(
            told("http://localhost:8080"),
            Some(json!({"host": "localhost:8080", "pathname": "/live", "protocol": "ws"}))
        );
        assert_eq!(told("/api"), None);
    }

    #[test]
    fn schemas_are_said_in_draft_07() {
        let mut schema = json!({
            "properties": {
                "pair": {"type": "array", "prefixItems": [{"type": "string"}, {"$ref": "#/a", "description": "x"}], "items": false},
                "one": {"$ref": "#/a"},
            }
        });
        to_draft_07(&mut schema);
        let pair = json!({
            "type": "array",
            "items": [{"type": "string"}, {"description": "x", "allOf": [{"$ref": "#/a"}]}],
            "additionalItems": false,
        });
        assert_eq!(schema, json!({"properties": {"pair": pair, "one": {"$ref": "#/a"}}}));
    }
}
