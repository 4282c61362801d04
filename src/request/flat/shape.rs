//! What a schema wants, as far as text has to know it.

use percent_encoding::percent_decode_str;
use serde_json::{Map, Number, Value};

use super::Pairs;
use crate::model::WireField;

/// How many schemas one look follows: references may lead in circles.
const MAX_LOOKS: usize = 256;

/// A place in a schema: all schemas that a value there is held to, or may choose from.
struct Shape<'s> {
    root: &'s Value,
    parts: Vec<&'s Map<String, Value>>,
}

/// The types that a place allows.
#[derive(Default)]
struct Kinds {
    null: bool,
    boolean: bool,
    integer: bool,
    number: bool,
    string: bool,
    array: bool,
    object: bool,
}

impl Kinds {
    fn add(&mut self, name: &str) {
        match name {
            "null" => self.null = true,
            "boolean" => self.boolean = true,
            "integer" => self.integer = true,
            "number" => self.number = true,
            "string" => self.string = true,
            "array" => self.array = true,
            "object" => self.object = true,
            _ => {}
        }
    }

    fn add_value(&mut self, value: &Value) {
        match value {
            Value::Null => self.null = true,
            Value::Bool(_) => self.boolean = true,
            Value::Number(_) => self.number = true,
            Value::String(_) => self.string = true,
            Value::Array(_) => self.array = true,
            Value::Object(_) => self.object = true,
        }
    }
}

impl<'s> Shape<'s> {
    fn of(root: &'s Value, schemas: impl IntoIterator<Item = &'s Value>) -> Self {
        let mut open: Vec<&Value> = schemas.into_iter().collect();
        let mut parts = Vec::new();
        let mut looks = 0;
        while let Some(schema) = open.pop() {
            looks += 1;
            if looks > MAX_LOOKS {
                break;
            }
            let Value::Object(schema) = schema else { continue };
            parts.push(schema);
            open.extend(schema.get("$ref").and_then(Value::as_str).and_then(|to| resolve(root, to)));
            for all in ["allOf", "anyOf", "oneOf"] {
                open.extend(schema.get(all).and_then(Value::as_array).into_iter().flatten());
            }
        }
        Self { root, parts }
    }

    fn kinds(&self) -> Kinds {
        let mut kinds = Kinds::default();
        for part in &self.parts {
            match part.get("type") {
                Some(Value::String(name)) => kinds.add(name),
                Some(Value::Array(names)) => {
                    names.iter().filter_map(Value::as_str).for_each(|name| kinds.add(name));
                }
                // Only what names no type is known by its values.
                _ => {
                    part.get("const").into_iter().for_each(|value| kinds.add_value(value));
                    let values = part.get("enum").and_then(Value::as_array).into_iter().flatten();
                    values.for_each(|value| kinds.add_value(value));
                }
            }
        }
        kinds
    }

    fn property(&self, name: &str) -> Self {
        let named = |part: &&'s Map<String, Value>| part.get("properties").and_then(|all| all.get(name));
        let mut found: Vec<&Value> = self.parts.iter().filter_map(named).collect();
        if found.is_empty() {
            found = self.parts.iter().filter_map(|part| part.get("additionalProperties")).collect();
        }
        Self::of(self.root, found)
    }

    fn item(&self, index: usize) -> Self {
        let item = |part: &&'s Map<String, Value>| {
            part.get("prefixItems").and_then(|all| all.get(index)).or_else(|| part.get("items"))
        };
        Self::of(self.root, self.parts.iter().filter_map(item).collect::<Vec<_>>())
    }

    /// The value that a text stands for; text that fits nothing stays text, so that the schema refuses it.
    fn scalar(&self, text: &str, null: bool) -> Value {
        let kinds = self.kinds();
        if null && text == "null" {
            return Value::Null;
        }
        if kinds.string {
            return text.into();
        }
        if (kinds.integer || kinds.number)
            && let Some(number) = number(text, kinds.number)
        {
            return Value::Number(number);
        }
        match text {
            "true" if kinds.boolean => Value::Bool(true),
            "false" if kinds.boolean => Value::Bool(false),
            _ => text.into(),
        }
    }
}

/// A number within JSON's grammar or Rust's, but finite.
fn number(text: &str, fraction: bool) -> Option<Number> {
    if let Ok(number) = text.parse::<i64>() {
        return Some(number.into());
    }
    if let Ok(number) = text.parse::<u64>() {
        return Some(number.into());
    }
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let whole = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    (whole || fraction).then(|| text.parse().ok().and_then(Number::from_f64)).flatten()
}

/// The schema that a local reference names.
fn resolve<'s>(root: &'s Value, reference: &str) -> Option<&'s Value> {
    let pointer = reference.strip_prefix('#')?;
    let pointer = percent_decode_str(pointer).decode_utf8().ok()?;
    root.pointer(&pointer)
}

/// Turns pairs into the value that the schema wants to see: an object by name, or for path parameters whatever the schema
/// is, by position.
pub(crate) fn coerce(root: &Value, pairs: &Pairs<'_>, wire: &'static [WireField]) -> Value {
    let shape = Shape::of(root, [root]);
    if pairs.is_positional() {
        let kinds = shape.kinds();
        if kinds.array && !kinds.object {
            let texts = (0..pairs.len()).filter_map(|at| pairs.value(at)).enumerate();
            return texts.map(|(index, text)| shape.item(index).scalar(text, false)).collect();
        }
        if !kinds.object && pairs.len() == 1 {
            return shape.scalar(pairs.value(0).unwrap_or_default(), false);
        }
    }
    let mut object = Map::new();
    for head in pairs.heads() {
        let name = pairs.name(head).unwrap_or_default();
        let rule = WireField::find(wire, &|wire| wire == name);
        let (null, commas) = rule.map_or((false, false), |rule| (rule.null, rule.commas));
        let field = shape.property(name);
        let kinds = field.kinds();
        let scalar = pairs.scalar(head);
        let list = kinds.array && (commas || !kinds.string || pairs.values(head).count() > 1);
        let value = if list && !(null && scalar == "null") {
            let split = pairs.values(head).flat_map(|value| {
                let items: Box<dyn Iterator<Item = &str>> = if commas {
                    Box::new(value.split(',').map(str::trim).filter(|item| !item.is_empty()))
                } else {
                    Box::new(std::iter::once(value))
                };
                items
            });
            split.enumerate().map(|(index, item)| field.item(index).scalar(item, null)).collect()
        } else {
            field.scalar(scalar, null)
        };
        object.insert(name.to_owned(), value);
    }
    Value::Object(object)
}
