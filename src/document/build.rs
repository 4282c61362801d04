use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

use serde_json::{Map, Value, json};

use super::{
    DocumentFault, Info, SchemeDoc, answers::responses, body::request_body, info::put, names::is_valid,
    parameters, schemas::Schemas,
};
use crate::endpoint::MountedOperation;

/// The methods that a path item of OpenAPI 3.1 has a field for, in the specification's order.
const METHODS: [&str; 8] = ["GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE"];

/// The whole document as JSON.
pub(super) fn build(
    info: &Info,
    operations: &[MountedOperation],
    schemes: &[SchemeDoc],
) -> Result<Value, Vec<DocumentFault>> {
    let mut faults = Vec::new();
    let shown: Vec<&MountedOperation> =
        operations.iter().filter(|operation| !operation.spec.hidden).collect();
    check(&shown, schemes, &mut faults);

    let mut schemas = Schemas::of(&shown);
    let mut paths = paths(&shown, &schemas);
    schemas.discriminate();
    let components = schemas.name(&mut paths, &mut faults);
    if !faults.is_empty() {
        return Err(faults);
    }

    let mut document = Map::new();
    document.insert("openapi".into(), "3.1.1".into());
    document.insert("info".into(), info.to_value());
    if !info.servers.is_empty() {
        document.insert("servers".into(), info.servers.iter().map(super::Server::to_value).collect());
    }
    let tags = tags(info, &shown);
    if !tags.is_empty() {
        document.insert("tags".into(), tags.into());
    }
    if let Some(docs) = &info.external_docs {
        document.insert("externalDocs".into(), docs.to_value());
    }
    document.insert("paths".into(), paths);
    let mut all = Map::new();
    if !components.is_empty() {
        all.insert("schemas".into(), components.into());
    }
    let schemes: BTreeMap<&str, &Value> =
        schemes.iter().map(|scheme| (scheme.name.as_str(), &scheme.value)).collect();
    if !schemes.is_empty() {
        all.insert("securitySchemes".into(), json!(schemes));
    }
    if !all.is_empty() {
        document.insert("components".into(), all.into());
    }
    Ok(document.into())
}

fn title(operation: &MountedOperation) -> String {
    format!("{} {}", operation.spec.method, operation.path)
}

/// What no single operation can know.
fn check(operations: &[&MountedOperation], schemes: &[SchemeDoc], faults: &mut Vec<DocumentFault>) {
    let mut ids: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let mut titles: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut shapes: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for operation in operations {
        ids.entry(&operation.operation_id).or_default().push(title(operation));
        titles.entry(title(operation)).or_default().push(operation.operation_id.clone());
        let shape = operation
            .path
            .split('{')
            .map(|part| part.split_once('}').map_or(part, |(_, rest)| rest))
            .collect::<Vec<_>>()
            .join("{}");
        shapes.entry(shape).or_default().insert(operation.path.clone());
        for (scheme, _) in &operation.security {
            if !schemes.iter().any(|known| known.name == *scheme) {
                faults.push(DocumentFault::UnknownScheme {
                    scheme: scheme.clone(),
                    operation: title(operation),
                });
            }
        }
    }
    let doubled = ids.into_iter().filter(|(_, operations)| operations.len() > 1);
    faults.extend(
        doubled.map(|(id, operations)| DocumentFault::DoubledOperationId { id: id.to_owned(), operations }),
    );
    let doubled = titles.into_iter().filter(|(_, ids)| ids.len() > 1);
    faults.extend(doubled.map(|(operation, ids)| DocumentFault::DoubledOperation { operation, ids }));
    let same = shapes.into_values().filter(|paths| paths.len() > 1);
    faults.extend(same.map(|paths| DocumentFault::SamePath { paths: paths.into_iter().collect() }));

    for (at, scheme) in schemes.iter().enumerate() {
        if scheme.name.is_empty() || !scheme.name.chars().all(is_valid) {
            faults.push(DocumentFault::SchemeName { scheme: scheme.name.clone() });
        }
        if schemes.iter().take(at).any(|other| other.name == scheme.name && other.value != scheme.value) {
            faults.push(DocumentFault::DoubledScheme { scheme: scheme.name.clone() });
        }
    }
}

/// The `paths`, sorted; methods in the specification's order.
fn paths(operations: &[&MountedOperation], schemas: &Schemas) -> Value {
    let mut by_path: BTreeMap<&str, Vec<&MountedOperation>> = BTreeMap::new();
    for operation in operations {
        by_path.entry(&operation.path).or_default().push(operation);
    }
    let item = |operations: Vec<&MountedOperation>| {
        let mut item = Map::new();
        for method in METHODS {
            if let Some(one) = operations.iter().find(|operation| operation.spec.method.as_str() == method) {
                item.insert(method.to_ascii_lowercase(), operation_object(one, schemas));
            }
        }
        let others: BTreeMap<&str, Value> = operations
            .iter()
            .map(|operation| (operation.spec.method.as_str(), operation))
            .filter(|(method, _)| !METHODS.contains(method))
            .map(|(method, operation)| (method, operation_object(operation, schemas)))
            .collect();
        if !others.is_empty() {
            item.insert("x-additionalOperations".into(), json!(others));
        }
        Value::Object(item)
    };
    Value::Object(by_path.into_iter().map(|(path, all)| (path.to_owned(), item(all))).collect())
}

fn operation_object(operation: &MountedOperation, schemas: &Schemas) -> Value {
    let spec = &operation.spec;
    let mut object = Map::new();
    if !operation.tags.is_empty() {
        object.insert("tags".into(), operation.tags.iter().map(AsRef::<str>::as_ref).collect());
    }
    put(&mut object, "summary", spec.summary.as_ref());
    put(&mut object, "description", spec.description.as_ref());
    object.insert("operationId".into(), operation.operation_id.as_str().into());
    let parameters = parameters::parameters(operation, schemas);
    if !parameters.is_empty() {
        object.insert("parameters".into(), parameters.into());
    }
    if let Some(body) = request_body(operation, schemas) {
        object.insert("requestBody".into(), body);
    }
    object.insert("responses".into(), responses(operation, schemas));
    if spec.deprecated {
        object.insert("deprecated".into(), true.into());
    }
    if !operation.security.is_empty() {
        let alternatives = operation.security.iter().map(|(scheme, scopes)| json!({scheme: scopes}));
        let nobody = operation.security_optional.then(|| json!({}));
        object.insert("security".into(), alternatives.chain(nobody).collect());
    }
    object.into()
}

/// Tags in the order of their first use, then those that only `info` knows.
fn tags(info: &Info, operations: &[&MountedOperation]) -> Vec<Value> {
    let mut names: Vec<&Cow<'static, str>> = Vec::new();
    let used = operations.iter().flat_map(|operation| &operation.tags);
    for name in used.chain(info.tags.iter().map(|tag| &tag.name)) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let value = |name: &Cow<'static, str>| match info.tags.iter().find(|tag| tag.name == *name) {
        Some(tag) => tag.to_value(),
        None => json!({"name": name}),
    };
    names.into_iter().map(value).collect()
}
