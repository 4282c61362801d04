use std::{
    borrow::Cow,
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use schemars::generate::SchemaSettings;
use serde_json::{Map, Value};

use crate::model::SchemaOf;

/// More types than any program has components; the bound only keeps a mistake from growing without end.
const MAX_KEPT: usize = 4_096;

/// What was made once for a type, for the whole process.
#[derive(Debug)]
pub(crate) struct ById<T> {
    kept: Mutex<Option<HashMap<Cow<'static, str>, Arc<T>>>>,
}

impl<T> ById<T> {
    pub(crate) const fn new() -> Self {
        Self { kept: Mutex::new(None) }
    }

    /// Gives what is kept for the type, or makes it. Nothing is locked while it is made.
    pub(crate) fn get_or_make(&self, schema: SchemaOf, make: impl FnOnce() -> T) -> Arc<T> {
        let id = schema.id();
        let found = self.locked(|kept| kept.get(&id).cloned());
        found.unwrap_or_else(|| {
            let made = Arc::new(make());
            self.locked(|kept| {
                if kept.len() >= MAX_KEPT {
                    kept.clear();
                }
                kept.insert(id, made.clone());
            });
            made
        })
    }

    fn locked<R>(&self, with: impl FnOnce(&mut HashMap<Cow<'static, str>, Arc<T>>) -> R) -> R {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        with(kept.get_or_insert_default())
    }
}

/// The whole schema of a type as the document shows it for requests, definitions included.
pub(crate) fn root_schema(schema: SchemaOf) -> Arc<Value> {
    static SCHEMAS: ById<Value> = ById::new();
    SCHEMAS.get_or_make(schema, || whole(schema, SchemaSettings::draft2020_12().for_deserialize()))
}

/// The same as the document shows it for answers.
#[cfg(feature = "explain")]
pub(crate) fn answer_schema(schema: SchemaOf) -> Value {
    whole(schema, SchemaSettings::draft2020_12().for_serialize())
}

fn whole(schema: SchemaOf, settings: SchemaSettings) -> Value {
    let mut generator = settings.into_generator();
    let own = schema.generate(&mut generator).to_value();
    let definitions = generator.take_definitions(true);
    let Value::Object(own) = own else { return own };
    let mut root = Map::new();
    root.insert("$schema".to_owned(), "https://json-schema.org/draft/2020-12/schema".into());
    root.extend(own);
    if !definitions.is_empty() {
        root.insert("$defs".to_owned(), Value::Object(definitions));
    }
    Value::Object(root)
}
