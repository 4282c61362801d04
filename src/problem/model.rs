use std::fmt;

use actix_web::HttpRequest;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value, json};

use super::Problem;
use crate::model::SchemaOf;

/// How problems look on the wire. One line switches an application, router, controller or endpoint to another.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an error model",
    label = "not an error model",
    note = "error models are `ProblemDetails`, `CompactDetail`, and what implements `ErrorModel`"
)]
pub trait ErrorModel: fmt::Debug + Send + Sync + 'static {
    /// The body of the answer, rendered by whatever renderer was negotiated.
    fn body(&self, problem: &Problem, request: &HttpRequest) -> Value;

    /// The schema that the document shows for that body.
    fn schema(&self) -> SchemaOf;

    /// The media type that replaces `application/json` when the problem is sent as JSON.
    fn json_media_type(&self) -> &'static str {
        "application/json"
    }
}

/// RFC 9457, `application/problem+json`, with `code` and `errors` as extension members: the default.
#[derive(Debug, Clone, Copy, Default)]
pub struct ProblemDetails;

impl ErrorModel for ProblemDetails {
    fn body(&self, problem: &Problem, _request: &HttpRequest) -> Value {
        let mut body = Map::new();
        if problem.get_type() != "about:blank" {
            body.insert("type".into(), problem.get_type().into());
        }
        body.insert("title".into(), problem.title().into());
        body.insert("status".into(), problem.status().as_u16().into());
        for (name, value) in [
            ("detail", problem.get_detail()),
            ("instance", problem.get_instance()),
            ("code", problem.get_code()),
        ] {
            if let Some(value) = value {
                body.insert(name.into(), value.into());
            }
        }
        let faults = problem.faults();
        if !faults.is_empty() {
            let list = faults.iter().map(|fault| {
                json!({
                    "in": fault.location.as_str(),
                    "pointer": fault.pointer,
                    "code": fault.code,
                    "detail": fault.detail,
                })
            });
            body.insert("errors".into(), list.collect());
        }
        if faults.is_truncated() {
            body.insert("more_errors".into(), true.into());
        }
        body.extend(problem.extensions().iter().map(|(name, value)| (name.clone(), value.clone())));
        Value::Object(body)
    }

    fn schema(&self) -> SchemaOf {
        SchemaOf::of::<ProblemSchema>()
    }

    fn json_media_type(&self) -> &'static str {
        "application/problem+json"
    }
}

/// The compact shape `{"detail": [{"msg", "type", "loc"}]}`.
#[derive(Debug, Clone, Copy, Default)]
pub struct CompactDetail;

impl ErrorModel for CompactDetail {
    fn body(&self, problem: &Problem, _request: &HttpRequest) -> Value {
        let faults = problem.faults();
        let list: Vec<Value> = if faults.is_empty() {
            let mut entry = Map::new();
            entry.insert("msg".into(), problem.get_detail().unwrap_or_else(|| problem.title()).into());
            if let Some(code) = problem.get_code() {
                entry.insert("type".into(), code.into());
            }
            vec![Value::Object(entry)]
        } else {
            let location = |fault: &super::Fault| {
                let rest = fault.pointer.split('/').skip(1).map(|t| t.replace("~1", "/").replace("~0", "~"));
                std::iter::once(fault.location.as_str().to_owned()).chain(rest).collect::<Vec<_>>()
            };
            faults.iter().map(|f| json!({"msg": f.detail, "type": f.code, "loc": location(f)})).collect()
        };
        json!({ "detail": list })
    }

    fn schema(&self) -> SchemaOf {
        SchemaOf::of::<CompactSchema>()
    }
}

struct ProblemSchema;

impl JsonSchema for ProblemSchema {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Problem".into()
    }

    fn schema_id() -> std::borrow::Cow<'static, str> {
        "actix_charter::Problem".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "What went wrong (RFC 9457).",
            "type": "object",
            "required": ["title", "status"],
            "properties": {
                "type": {"type": "string", "format": "uri-reference", "default": "about:blank"},
                "title": {"type": "string"},
                "status": {"type": "integer", "minimum": 100, "maximum": 599},
                "detail": {"type": "string"},
                "instance": {"type": "string", "format": "uri-reference"},
                "code": {"type": "string", "description": "A stable word for programs."},
                "errors": {
                    "type": "array",
                    "description": "Everything that is wrong with the request.",
                    "items": {
                        "type": "object",
                        "required": ["in", "pointer", "code", "detail"],
                        "properties": {
                            "in": {"type": "string", "enum": ["body", "query", "path", "header", "cookie"]},
                            "pointer": {"type": "string", "description": "A JSON Pointer (RFC 6901)."},
                            "code": {"type": "string"},
                            "detail": {"type": "string"}
                        }
                    }
                },
                "more_errors": {"type": "boolean", "description": "There were more errors than are listed."}
            }
        })
    }
}

struct CompactSchema;

impl JsonSchema for CompactSchema {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "ErrorModel".into()
    }

    fn schema_id() -> std::borrow::Cow<'static, str> {
        "actix_charter::ErrorModel".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "object",
            "required": ["detail"],
            "properties": {
                "detail": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "required": ["msg"],
                        "properties": {
                            "msg": {"type": "string"},
                            "type": {"type": "string"},
                            "loc": {"type": "array", "items": {"type": "string"}}
                        }
                    }
                }
            }
        })
    }
}
