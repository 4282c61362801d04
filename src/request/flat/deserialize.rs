use std::cell::Cell;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use super::{FlatError, Pairs, field::Field, text::Text};
use crate::model::WireField;

/// Reads a type from pairs: a struct or a map by name, or, from path parameters, one value or a tuple by position.
///
/// # Errors
/// The first field that does not fit.
pub(crate) fn from_pairs<'de, T: Deserialize<'de>>(
    pairs: &'de Pairs<'_>,
    wire: &'static [WireField],
) -> Result<T, FlatError> {
    let guessed = Cell::new(false);
    T::deserialize(Root { pairs, wire, guessed: &guessed }).map_err(|error| error.guess(guessed.get()))
}

/// The component as a whole.
#[derive(Clone, Copy)]
struct Root<'de, 'g> {
    pairs: &'de Pairs<'de>,
    wire: &'static [WireField],
    guessed: &'g Cell<bool>,
}

impl<'de> Root<'de, '_> {
    /// The one path parameter, and its name.
    fn single(self) -> Result<(&'de str, Text<'de>), FlatError> {
        if !self.pairs.is_positional() {
            return Err(FlatError::new("type", "must be named values"));
        }
        match (self.pairs.len(), self.pairs.name(0), self.pairs.value(0)) {
            (1, Some(name), Some(text)) => Ok((name, Text::new(text))),
            _ => Err(FlatError::new("length", "must have exactly one parameter")),
        }
    }

    fn positions<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FlatError> {
        if !self.pairs.is_positional() {
            return Err(FlatError::new("type", "must be named values"));
        }
        let mut positions = Positions { pairs: self.pairs, at: 0 };
        let value = visitor.visit_seq(&mut positions)?;
        if positions.at < self.pairs.len() {
            return Err(FlatError::new("length", format!("must have exactly {} parameters", positions.at)));
        }
        Ok(value)
    }
}

macro_rules! single {
    ($($method:ident)+) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FlatError> {
            let (name, text) = self.single()?;
            text.$method(visitor).map_err(|error| error.at(name))
        }
    )+};
}

impl<'de> Deserializer<'de> for Root<'de, '_> {
    type Error = FlatError;

    single! {
        deserialize_bool deserialize_char deserialize_str deserialize_string deserialize_bytes deserialize_byte_buf
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
        deserialize_f32 deserialize_f64 deserialize_identifier
    }

    /// Named values are a map; a type that takes path parameters without saying what it wants is read again by its schema.
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FlatError> {
        self.guessed.set(true);
        self.deserialize_map(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FlatError> {
        visitor.visit_map(Fields { root: self, head: None, from: 0 })
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, FlatError> {
        self.deserialize_map(visitor)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FlatError> {
        self.positions(visitor)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, FlatError> {
        self.positions(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, FlatError> {
        self.positions(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FlatError> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, FlatError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FlatError> {
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, FlatError> {
        visitor.visit_unit()
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FlatError> {
        visitor.visit_unit()
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        enum_name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, FlatError> {
        let (name, text) = self.single()?;
        text.deserialize_enum(enum_name, variants, visitor).map_err(|error| error.at(name))
    }
}

/// The distinct names, one after another, each with all its values.
struct Fields<'de, 'g> {
    root: Root<'de, 'g>,
    /// The name whose value comes next.
    head: Option<usize>,
    from: usize,
}

impl<'de> MapAccess<'de> for Fields<'de, '_> {
    type Error = FlatError;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, FlatError> {
        let pairs = self.root.pairs;
        let Some(head) = pairs.head_from(self.from) else { return Ok(None) };
        self.head = Some(head);
        self.from = head + 1;
        let name = pairs.name(head).unwrap_or_default();
        seed.deserialize(Text::new(name)).map(Some).map_err(|error| error.at(name))
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, FlatError> {
        let Root { pairs, wire, guessed } = self.root;
        // Serde asks for a value only after its key.
        let head = self.head.take().unwrap_or_default();
        let name = pairs.name(head).unwrap_or_default();
        seed.deserialize(Field { pairs, head, wire, guessed }).map_err(|error| error.at(name))
    }
}

/// Path parameters by position.
struct Positions<'de> {
    pairs: &'de Pairs<'de>,
    at: usize,
}

impl<'de> SeqAccess<'de> for Positions<'de> {
    type Error = FlatError;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, FlatError> {
        let (Some(name), Some(text)) = (self.pairs.name(self.at), self.pairs.value(self.at)) else {
            return Ok(None);
        };
        self.at += 1;
        seed.deserialize(Text::new(text)).map(Some).map_err(|error| error.at(name))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.pairs.len() - self.at.min(self.pairs.len()))
    }
}
