//! A form that was read, as serde sees it; and what the model makes of a field, found out before the field is read.

use std::{borrow::Cow, cell::Cell, collections::HashMap, fmt, slice};

use serde::{
    Deserializer,
    de::{
        DeserializeOwned, DeserializeSeed, Error, Expected, IntoDeserializer, MapAccess, SeqAccess,
        Unexpected, Visitor,
    },
};

use super::{
    refusal::pointer,
    text::TextValue,
    uploaded::{self, UploadedFile},
};

/// One value that was sent for a field.
#[derive(Debug)]
pub(super) enum Sent {
    Text(String),
    /// A part of `application/json`: what it holds, and the text for a field that is text.
    Json {
        text: String,
        value: serde_json::Value,
    },
    /// An index into [`Form::files`].
    File(usize),
}

/// A body that was read: fields in the order of their first part, each with all its values.
#[derive(Debug, Default)]
pub(super) struct Form {
    fields: Vec<(String, Vec<Sent>)>,
    by_name: HashMap<String, usize>,
    files: Vec<Option<UploadedFile>>,
}

impl Form {
    pub(super) fn push_text(&mut self, name: &str, text: String) {
        self.push(name, Sent::Text(text));
    }

    pub(super) fn push_json(&mut self, name: &str, text: String, value: serde_json::Value) {
        self.push(name, Sent::Json { text, value });
    }

    /// The fields, each with all its values.
    pub(super) fn fields(&self) -> impl Iterator<Item = (&str, &[Sent])> {
        self.fields.iter().map(|(name, values)| (name.as_str(), values.as_slice()))
    }

    pub(super) fn push_file(&mut self, name: &str, file: UploadedFile) {
        let index = self.files.len();
        self.files.push(Some(file));
        self.push(name, Sent::File(index));
    }

    fn push(&mut self, name: &str, sent: Sent) {
        match self.by_name.get(name).and_then(|index| self.fields.get_mut(*index)) {
            Some((_, values)) => values.push(sent),
            None => {
                self.by_name.insert(name.to_owned(), self.fields.len());
                self.fields.push((name.to_owned(), vec![sent]));
            }
        }
    }

    /// Reads the model. Files it does not take are gone afterwards.
    ///
    /// # Errors
    /// What does not fit, and the form without its files.
    pub(super) fn into_model<T: DeserializeOwned>(mut self) -> Result<T, Box<(FormError, Self)>> {
        let read = {
            let _lent = uploaded::lend(std::mem::take(&mut self.files));
            T::deserialize(Source::Form(&self.fields))
        };
        read.map_err(|error| Box::new((error, self)))
    }
}

/// What a model makes of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// It has no such field, and does not mind.
    Ignored,
    /// It has no such field, and refuses unknown ones.
    Denied,
    /// Text.
    Text,
    /// A file, or a list of files.
    File { list: bool },
    /// It takes what comes, as a map or an untagged enum does.
    Any,
}

/// Asks the model, by handing it the field's name and looking at what it wants for a value.
pub(super) fn shape_of<T: DeserializeOwned>(name: &str) -> Shape {
    let seen = Cell::new(None);
    let result = T::deserialize(Source::Probe(name, &seen));
    match (seen.get(), result) {
        (Some(shape), _) => shape,
        (None, Err(error)) if error.code == "unknown" => Shape::Denied,
        (None, _) => Shape::Any,
    }
}

/// Why a form does not fit the model. Holds names of fields, never values.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct FormError {
    pub(super) pointer: String,
    pub(super) code: &'static str,
    pub(super) detail: Cow<'static, str>,
}

impl FormError {
    pub(super) fn new(code: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { pointer: String::new(), code, detail: detail.into() }
    }

    fn under(mut self, token: &str) -> Self {
        self.pointer.insert_str(0, &pointer(token, None));
        self
    }
}

impl fmt::Display for FormError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.pointer, self.detail)
    }
}

impl std::error::Error for FormError {}

/// serde's own texts name Rust types and repeat values; neither is for the client.
impl Error for FormError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        tracing::debug!(target: "actix_charter::request", %message, "a field of a form cannot be read");
        Self::new("invalid", "is not valid")
    }

    fn invalid_type(_: Unexpected<'_>, _: &dyn Expected) -> Self {
        Self::new("type", "has the wrong type")
    }

    fn invalid_value(_: Unexpected<'_>, _: &dyn Expected) -> Self {
        Self::new("invalid", "is not valid")
    }

    fn invalid_length(_: usize, _: &dyn Expected) -> Self {
        Self::new("length", "has the wrong number of values")
    }

    fn unknown_variant(_: &str, expected: &'static [&'static str]) -> Self {
        Self::new("enum", format!("must be one of: {}", expected.join(", ")))
    }

    fn unknown_field(field: &str, _: &'static [&'static str]) -> Self {
        Self::new("unknown", "is not a field of this form").under(field)
    }

    fn missing_field(field: &'static str) -> Self {
        Self::new("required", "is required").under(field)
    }

    fn duplicate_field(field: &'static str) -> Self {
        Self::new("duplicate", "must be sent only once").under(field)
    }
}

/// The whole: a form, or the question what one field would be. One type, so that a model's code is generated once.
#[derive(Clone, Copy)]
enum Source<'a> {
    Form(&'a [(String, Vec<Sent>)]),
    Probe(&'a str, &'a Cell<Option<Shape>>),
}

impl<'de> Deserializer<'de> for Source<'_> {
    type Error = FormError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FormError> {
        match self {
            Self::Form(fields) => visitor.visit_map(Fields { rest: fields.iter(), value: None }),
            Self::Probe(name, seen) => visitor.visit_map(ProbedField { name: Some(name), seen }),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, FormError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FormError> {
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, FormError> {
        visitor.visit_unit()
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option seq tuple tuple_struct map struct
        enum identifier ignored_any
    }
}

struct Fields<'a> {
    rest: slice::Iter<'a, (String, Vec<Sent>)>,
    value: Option<(&'a str, &'a [Sent])>,
}

impl<'de> MapAccess<'de> for Fields<'_> {
    type Error = FormError;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, FormError> {
        let Some((name, values)) = self.rest.next() else { return Ok(None) };
        self.value = Some((name, values));
        seed.deserialize(name.as_str().into_deserializer()).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, FormError> {
        let (name, values) = self.value.take().ok_or_else(|| FormError::new("invalid", "is not valid"))?;
        seed.deserialize(FieldValue::Sent(values)).map_err(|error| error.under(name))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.rest.len())
    }
}

struct ProbedField<'a> {
    name: Option<&'a str>,
    seen: &'a Cell<Option<Shape>>,
}

impl<'de> MapAccess<'de> for ProbedField<'_> {
    type Error = FormError;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, FormError> {
        self.name.take().map(|name| seed.deserialize(name.into_deserializer())).transpose()
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, FormError> {
        seed.deserialize(FieldValue::Probe { seen: self.seen, list: false })
    }
}

/// The value of one field.
#[derive(Clone, Copy)]
enum FieldValue<'a> {
    Sent(&'a [Sent]),
    Probe { seen: &'a Cell<Option<Shape>>, list: bool },
}

impl<'a> FieldValue<'a> {
    /// The one text that a scalar is read from.
    fn text(self) -> Result<TextValue<'a>, FormError> {
        match self {
            Self::Sent([Sent::Text(text) | Sent::Json { text, .. }]) => Ok(TextValue(text)),
            Self::Sent([Sent::File(_)]) => Err(FormError::new("type", "must be text, not a file")),
            Self::Sent(_) => Err(FormError::new("duplicate", "must be sent only once")),
            Self::Probe { .. } => Err(self.seen(Shape::Text)),
        }
    }

    /// The one part of JSON that something with a structure is read from.
    fn json(self) -> Option<&'a serde_json::Value> {
        match self {
            Self::Sent([Sent::Json { value, .. }]) => Some(value),
            _ => None,
        }
    }

    /// Notes what the model asked for. The error ends the probing; it is not shown to anyone.
    fn seen(self, shape: Shape) -> FormError {
        if let Self::Probe { seen, .. } = self {
            seen.set(Some(shape));
        }
        FormError::new("probe", "")
    }
}

macro_rules! from_text {
    ($($method:ident)+) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FormError> {
            self.text()?.$method(visitor)
        }
    )+};
}

impl<'de> Deserializer<'de> for FieldValue<'_> {
    type Error = FormError;

    from_text! {
        deserialize_bool
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128
        deserialize_f32 deserialize_f64
        deserialize_char deserialize_str deserialize_string deserialize_bytes deserialize_byte_buf
        deserialize_unit deserialize_identifier
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FormError> {
        match self.json() {
            Some(value) => value.clone().deserialize_map(visitor).map_err(|_| not_that_json()),
            None => self.text()?.deserialize_map(visitor),
        }
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FormError> {
        match self {
            Self::Sent([Sent::Text(text)]) => visitor.visit_str(text),
            Self::Sent([Sent::Json { value, .. }]) => {
                value.clone().deserialize_any(visitor).map_err(|_| not_that_json())
            }
            // Only `UploadedFile` makes something of it, when serde has buffered it on the way (`flatten`, `untagged`).
            Self::Sent([Sent::File(index)]) => visitor.visit_u64(*index as u64),
            Self::Sent(values) => visitor.visit_seq(Values(values.iter(), 0)),
            Self::Probe { .. } => Err(self.seen(Shape::Any)),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FormError> {
        visitor.visit_some(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FormError> {
        match self {
            Self::Sent([Sent::Json { value: value @ serde_json::Value::Array(_), .. }]) => {
                value.clone().deserialize_seq(visitor).map_err(|_| not_that_json())
            }
            Self::Sent(values) => visitor.visit_seq(Values(values.iter(), 0)),
            Self::Probe { seen, .. } => visitor.visit_seq(ProbedList(seen)),
        }
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, FormError> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, FormError> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, FormError> {
        if name != uploaded::TOKEN {
            return visitor.visit_newtype_struct(self);
        }
        match self {
            Self::Sent([Sent::File(index)]) => visitor.visit_u64(*index as u64),
            Self::Sent([Sent::Text(_) | Sent::Json { .. }]) => Err(FormError::new("type", "must be a file")),
            Self::Sent(_) => Err(FormError::new("duplicate", "must be sent only once")),
            Self::Probe { list, .. } => Err(self.seen(Shape::File { list })),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, FormError> {
        if let Some(value) = self.json() {
            return value.clone().deserialize_enum(name, variants, visitor).map_err(|_| not_that_json());
        }
        self.text()?.deserialize_enum(name, variants, visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, FormError> {
        if let Some(value) = self.json() {
            return value.clone().deserialize_struct(name, fields, visitor).map_err(|_| not_that_json());
        }
        self.text()?.deserialize_struct(name, fields, visitor)
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, FormError> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FormError> {
        match self {
            Self::Sent(_) => visitor.visit_unit(),
            Self::Probe { .. } => Err(self.seen(Shape::Ignored)),
        }
    }
}

/// serde_json's texts may hold the value; the explainer finds what is wrong inside.
fn not_that_json() -> FormError {
    FormError::new("invalid", "is not valid")
}

/// All values of a field, and how many were taken.
struct Values<'a>(slice::Iter<'a, Sent>, usize);

impl<'de> SeqAccess<'de> for Values<'_> {
    type Error = FormError;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, FormError> {
        let Some(value) = self.0.next() else { return Ok(None) };
        let index = self.1;
        self.1 += 1;
        seed.deserialize(FieldValue::Sent(slice::from_ref(value)))
            .map(Some)
            .map_err(|error| error.under(&index.to_string()))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.0.len())
    }
}

struct ProbedList<'a>(&'a Cell<Option<Shape>>);

impl<'de> SeqAccess<'de> for ProbedList<'_> {
    type Error = FormError;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, FormError> {
        seed.deserialize(FieldValue::Probe { seen: self.0, list: true }).map(Some)
    }
}
