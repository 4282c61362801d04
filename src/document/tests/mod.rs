//! The document as a whole, and what each part of it has to be.

mod fixture;
mod operations;
mod serving;
mod types;
mod whole;

use std::{borrow::Cow, sync::Arc};

use actix_web::http::Method;
use schemars::JsonSchema;
use serde_json::Value;

use super::{Document, DocumentFault, Info, SchemeDoc};
use crate::{
    endpoint::{Input, MountedOperation, OperationSpec, Output, OutputContent},
    model::SchemaOf,
    problem::{In, ProblemDetails},
};

/// An operation that reads nothing and answers nothing.
fn operation(method: &str, path: &str) -> MountedOperation {
    let method = Method::from_bytes(method.as_bytes()).unwrap();
    let id = format!("{}{}", method.as_str().to_ascii_lowercase(), path.replace(['/', '{', '}'], "_"));
    MountedOperation {
        spec: OperationSpec {
            name: "handler".into(),
            method,
            path: Cow::Owned(path.to_owned()),
            operation_id: None,
            summary: None,
            description: None,
            tags: Vec::new(),
            deprecated: false,
            hidden: false,
            inputs: Vec::new(),
            outputs: Vec::new(),
            request_example: None,
            identity: None,
            identity_optional: false,
            response_example: None,
        },
        path: path.to_owned(),
        operation_id: id,
        tags: Vec::new(),
        parsers: vec!["application/json".into()],
        renderers: vec!["application/json".into()],
        security: Vec::new(),
        security_optional: false,
        error_model: Arc::new(ProblemDetails),
    }
}

fn reads<T: JsonSchema>(mut operation: MountedOperation) -> MountedOperation {
    operation.spec.inputs.push(Input::Body {
        schema: Some(SchemaOf::of::<T>()),
        wire: &[],
        optional: false,
        media_types: Cow::Borrowed(&[]),
    });
    operation
}

fn takes<T: JsonSchema>(mut operation: MountedOperation, location: In) -> MountedOperation {
    operation.spec.inputs.push(Input::Parameters {
        location,
        schema: SchemaOf::of::<T>(),
        wire: &[],
        optional: false,
    });
    operation
}

fn writes<T: JsonSchema>(mut operation: MountedOperation) -> MountedOperation {
    operation.spec.outputs.push(Output::new(None, OutputContent::Model(SchemaOf::of::<T>())));
    operation
}

fn build(operations: &[MountedOperation]) -> Result<Document, Vec<DocumentFault>> {
    Document::build(&Info::new("Test", "1"), operations, &[])
}

fn built(operations: &[MountedOperation]) -> Value {
    build(operations).unwrap().to_value().clone()
}

/// The faults as a person reads them.
fn faults(operations: &[MountedOperation], schemes: &[SchemeDoc]) -> Vec<String> {
    let faults = Document::build(&Info::new("Test", "1"), operations, schemes).unwrap_err();
    faults.iter().map(ToString::to_string).collect()
}

fn schema_names(document: &Value) -> Vec<&str> {
    let schemas = document.pointer("/components/schemas").and_then(Value::as_object);
    schemas.into_iter().flatten().map(|(name, _)| name.as_str()).collect()
}
