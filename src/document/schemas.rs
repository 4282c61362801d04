use std::collections::{BTreeMap, BTreeSet, HashMap};

use schemars::{SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value};

use super::{
    DocumentFault,
    names::{long_name, short_name, valid},
    uploads,
};
use crate::{
    endpoint::{Input, MountedOperation, OutputContent},
    model::{SchemaOf, WireField, hold_to_width},
};

pub(super) const PREFIX: &str = "#/components/schemas/";

/// Behind a type's id: the schema for reading it, where that is another than the one for writing it.
const INPUT: char = '\u{1}';
/// Between a type's id and the tag of one of its variants.
const VARIANT: char = '\u{2}';

/// Every schema of the document, for reading (input) and for writing (output).
///
/// While the document is built, references and components go by a key made of the type's id; at the end the keys that
/// are really used get names.
pub(crate) struct Schemas {
    input: HashMap<String, Value>,
    output: HashMap<String, Value>,
    components: BTreeMap<String, Value>,
    /// Every type's id and what the generator called it.
    known: BTreeMap<String, String>,
}

impl Schemas {
    /// Generates the schemas of everything that the operations mention.
    pub(crate) fn of(operations: &[&MountedOperation]) -> Self {
        // Sorted by id and without doubles, so that nothing depends on the order of the operations.
        let (mut reads, mut writes) = (BTreeMap::new(), BTreeMap::new());
        for operation in operations {
            for input in &operation.spec.inputs {
                match input {
                    Input::Parameters { schema, .. } | Input::Body { schema: Some(schema), .. } => {
                        reads.insert(schema.id().into_owned(), *schema);
                    }
                    Input::Body { schema: None, .. } => {}
                }
            }
            let mut write = |schema: SchemaOf| writes.insert(schema.id().into_owned(), schema);
            for output in &operation.spec.outputs {
                match &output.content {
                    OutputContent::Model(schema) | OutputContent::Media(_, Some(schema)) => {
                        write(*schema);
                    }
                    OutputContent::Problem => {
                        write(operation.error_model.schema());
                    }
                    _ => {}
                }
                for header in &output.headers {
                    write(header.schema);
                }
            }
        }
        let mut input = Side::generate(&reads, SchemaSettings::draft2020_12().for_deserialize());
        for (id, wire) in operations.iter().flat_map(|operation| uploads::forms(operation)) {
            input.limit_uploads(&id, wire);
        }
        Self::join(input, Side::generate(&writes, SchemaSettings::draft2020_12().for_serialize()))
    }

    fn join(mut input: Side, output: Side) -> Self {
        let apart = differing(&input.types, &output.types);
        let mut rename = |key: &mut String| {
            if apart.contains(key.as_str()) {
                key.push(INPUT);
            }
        };
        for schema in input.roots.values_mut().chain(input.types.values_mut()) {
            visit_keys(schema, &mut rename);
        }
        let mut components = output.types;
        for (mut id, schema) in input.types {
            rename(&mut id);
            components.insert(id, schema);
        }
        let mut known = output.assigned;
        known.extend(input.assigned);
        Self { input: input.roots, output: output.roots, components, known }
    }

    /// The schema for reading a type.
    pub(crate) fn input(&self, schema: &SchemaOf) -> Value {
        self.input.get(schema.id().as_ref()).cloned().unwrap_or_else(empty)
    }

    /// The schema for writing a type.
    pub(crate) fn output(&self, schema: &SchemaOf) -> Value {
        self.output.get(schema.id().as_ref()).cloned().unwrap_or_else(empty)
    }

    /// What a schema's own `$ref` refers to.
    pub(crate) fn target(&self, schema: &Value) -> Option<&Value> {
        self.components.get(schema.get("$ref")?.as_str()?.strip_prefix(PREFIX)?)
    }

    /// Gives every tagged union its discriminator.
    pub(super) fn discriminate(&mut self) {
        let keys: Vec<String> = self.components.keys().cloned().collect();
        for key in keys {
            let Some(mut schema) = self.components.get(&key).cloned() else { continue };
            let variants = super::discriminator::add(&mut schema, self, |tag| format!("{key}{VARIANT}{tag}"));
            if let Some(variants) = variants {
                self.components.extend(variants);
                self.components.insert(key, schema);
            }
        }
    }

    /// Names what `paths` refers to, and returns it as `components.schemas`.
    pub(crate) fn name(self, paths: &mut Value, faults: &mut Vec<DocumentFault>) -> Map<String, Value> {
        let used = self.reachable(paths);
        let names = self.names(&used, faults);
        let mut rename = |key: &mut String| {
            if let Some(name) = names.get(key) {
                key.clone_from(name);
            }
        };
        visit_keys(paths, &mut rename);
        let mut sorted = BTreeMap::new();
        for (key, mut schema) in self.components {
            if let Some(name) = names.get(&key) {
                visit_keys(&mut schema, &mut rename);
                sorted.insert(name.clone(), schema);
            }
        }
        sorted.into_iter().collect()
    }

    fn reachable(&self, paths: &mut Value) -> BTreeSet<String> {
        let mut used = BTreeSet::new();
        let mut todo = Vec::new();
        visit_keys(paths, &mut |key| todo.push(key.clone()));
        while let Some(key) = todo.pop() {
            if let Some(schema) = self.components.get(&key)
                && used.insert(key)
            {
                visit_keys(&mut schema.clone(), &mut |key| todo.push(key.clone()));
            }
        }
        used
    }

    fn names(&self, used: &BTreeSet<String>, faults: &mut Vec<DocumentFault>) -> BTreeMap<String, String> {
        let with = |key: &str, base: &dyn Fn(&str) -> String| {
            let (key_of_type, variant) = key.split_once(VARIANT).map_or((key, None), |(k, v)| (k, Some(v)));
            let id = key_of_type.trim_end_matches(INPUT);
            let mut name = base(id);
            if let Some(variant) = variant {
                name = format!("{name}_{}", valid(variant));
            }
            // `Input` only where the document shows the other one, too.
            if key_of_type.ends_with(INPUT) && used.contains(&key.replace(INPUT, "")) {
                name.push_str("Input");
            }
            name
        };
        let short = |id: &str| short_name(id, self.known.get(id).map_or(id, String::as_str), &self.known);
        let mut names: BTreeMap<String, String> =
            used.iter().map(|key| (key.clone(), with(key, &short))).collect();

        // `Page<a::User>` and `Page<b::User>` can be told apart by the whole id.
        for keys in doubles(&names).into_values() {
            if keys.iter().all(|key| key.contains('<')) {
                names.extend(keys.into_iter().map(|key| (key.clone(), with(&key, &long_name))));
            }
        }
        // Both directions and all variants of two types collide as soon as the types do; told once.
        let mut told = BTreeSet::new();
        for (name, keys) in doubles(&names) {
            let of = |key: &String| key.split([INPUT, VARIANT]).next().unwrap_or_default().to_owned();
            let ids: BTreeSet<String> = keys.iter().map(of).collect();
            if ids.len() < 2 || told.insert(ids) {
                let types = keys.iter().map(|key| key.replace(INPUT, "").replace(VARIANT, "::")).collect();
                faults.push(DocumentFault::DoubledSchemaName { name, types });
            }
        }
        names
    }
}

/// Names that several keys have, with these keys.
fn doubles(names: &BTreeMap<String, String>) -> BTreeMap<String, Vec<String>> {
    let mut by_name: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (key, name) in names {
        by_name.entry(name.clone()).or_default().push(key.clone());
    }
    by_name.retain(|_, keys| keys.len() > 1);
    by_name
}

/// Types whose two schemas differ, themselves or in what they refer to.
fn differing(input: &BTreeMap<String, Value>, output: &BTreeMap<String, Value>) -> BTreeSet<String> {
    let both = || input.iter().filter_map(|(id, schema)| Some((id, schema, output.get(id)?)));
    let mut apart: BTreeSet<String> = both().filter(|(_, i, o)| i != o).map(|(id, ..)| id.clone()).collect();
    // What is read only may lie between two types that are read and written.
    let mut touched = apart.clone();
    loop {
        let before = touched.len();
        for (id, schema) in input {
            let mut refers = false;
            visit_keys(&mut schema.clone(), &mut |key| refers |= touched.contains(key.as_str()));
            if refers {
                touched.insert(id.clone());
            }
        }
        if touched.len() == before {
            break;
        }
    }
    apart.extend(both().map(|(id, ..)| id).filter(|id| touched.contains(*id)).cloned());
    apart
}

/// The schemas of one direction. References are [`PREFIX`] and the type's id.
struct Side {
    roots: HashMap<String, Value>,
    types: BTreeMap<String, Value>,
    assigned: BTreeMap<String, String>,
}

impl Side {
    fn generate(roots: &BTreeMap<String, SchemaOf>, settings: SchemaSettings) -> Self {
        let mut generator = settings
            .with(|settings| settings.definitions_path = "/components/schemas".into())
            .into_generator();
        let mut roots: HashMap<String, Value> = roots
            .iter()
            .map(|(id, schema)| (id.clone(), schema.generate(&mut generator).to_value()))
            .collect();
        let definitions = generator.take_definitions(true);
        let ids = ids(&generator);
        let id_of = |name: &str| ids.get(name).cloned().unwrap_or_else(|| name.to_owned());

        let mut rename = |key: &mut String| {
            let decoded = percent_encoding::percent_decode_str(key).decode_utf8_lossy();
            *key = id_of(&decoded.replace("~1", "/").replace("~0", "~"));
        };
        roots.values_mut().for_each(|schema| {
            hold_to_width(schema);
            visit_keys(schema, &mut rename);
        });
        let (mut types, mut assigned) = (BTreeMap::new(), BTreeMap::new());
        for (name, mut schema) in definitions {
            hold_to_width(&mut schema);
            visit_keys(&mut schema, &mut rename);
            types.insert(id_of(&name), schema);
            assigned.insert(id_of(&name), name);
        }
        Self { roots, types, assigned }
    }

    fn limit_uploads(&mut self, id: &str, wire: &[WireField]) {
        let Some(root) = self.roots.get_mut(id) else { return };
        match uploads::component(root) {
            Some(key) => {
                if let Some(form) = self.types.get_mut(&key) {
                    uploads::limit(form, wire);
                }
            }
            None => uploads::limit(root, wire),
        }
    }
}

/// Which type each name stands for. schemars knows, but shows it nowhere else than in its `Debug` output:
/// `schema_id_to_name: {SchemaUid("app::Page<app::User>", Serialize): "Page", ..}`.
///
/// Should a later release print something else, a type's id is the name that schemars gave it, and a test fails.
fn ids(generator: &SchemaGenerator) -> HashMap<String, String> {
    let text = format!("{generator:?}");
    let entries = text.split_once("schema_id_to_name: {").map_or("", |(_, rest)| rest);
    let mut ids = HashMap::new();
    for entry in entries.split("SchemaUid(").skip(1) {
        let Some((id, rest)) = quoted(entry) else { break };
        let Some((_, rest)) = rest.split_once("): ") else { break };
        let Some((name, rest)) = quoted(rest) else { break };
        ids.insert(name, id);
        if rest.starts_with('}') {
            break;
        }
    }
    ids
}

/// The string literal that `text` begins with, and what follows it.
fn quoted(text: &str) -> Option<(String, &str)> {
    let body = text.strip_prefix('"')?;
    let (mut out, mut escaped) = (String::new(), false);
    for (at, c) in body.char_indices() {
        match c {
            _ if escaped => {
                out.push(c);
                escaped = false;
            }
            '\\' => escaped = true,
            '"' => return Some((out, body.get(at + 1..)?)),
            _ => out.push(c),
        }
    }
    None
}

/// Every reference to a component, without [`PREFIX`]. Mappings of discriminators are references too, so it is not
/// only `$ref` that counts.
fn visit_keys(value: &mut Value, visit: &mut dyn FnMut(&mut String)) {
    match value {
        Value::String(text) => {
            if let Some(key) = text.strip_prefix(PREFIX) {
                let mut key = key.to_owned();
                visit(&mut key);
                *text = format!("{PREFIX}{key}");
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| visit_keys(item, visit)),
        Value::Object(object) => object.values_mut().for_each(|item| visit_keys(item, visit)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// The schema that everything fits.
pub(super) fn empty() -> Value {
    Map::new().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(schemars::JsonSchema)]
    #[allow(dead_code, reason = "only its schema counts")]
    struct Page<T> {
        items: Vec<T>,
        next: Option<Box<Page<u8>>>,
    }

    /// The one thing that is not promised by schemars. When this fails, read [`ids`] first.
    #[test]
    fn the_ids_of_nested_types_can_be_read() {
        let mut generator = SchemaSettings::draft2020_12().into_generator();
        generator.subschema_for::<Page<String>>();
        let ids = ids(&generator);
        let path = module_path!();
        assert_eq!(ids.get("Page"), Some(&format!("{path}::Page<string>")));
        assert_eq!(ids.get("Page2"), Some(&format!("{path}::Page<uint8>")));
        assert_eq!(ids.len(), 2);
    }
}
