use std::cell::Cell;

use serde::de::{DeserializeSeed, Deserializer, SeqAccess, Visitor};

use super::{FlatError, Pairs, text::Text};
use crate::model::WireField;

/// All values of one name.
#[derive(Clone, Copy)]
pub(super) struct Field<'de, 'g> {
    pub(super) pairs: &'de Pairs<'de>,
    /// The first pair of that name.
    pub(super) head: usize,
    pub(super) wire: &'static [WireField],
    /// Set when the type asks what the value is.
    pub(super) guessed: &'g Cell<bool>,
}

impl<'de> Field<'de, '_> {
    /// What the model says about the field; only looked up where it matters.
    fn rule(self) -> Option<&'static WireField> {
        let name = self.pairs.name(self.head)?;
        WireField::find(self.wire, &|wire| wire == name)
    }

    fn text(self) -> Text<'de> {
        Text::new(self.pairs.scalar(self.head))
    }

    fn list<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FlatError> {
        let rule = self.rule();
        let mut items = Items {
            next: Some(self.head),
            rest: None,
            pairs: self.pairs,
            commas: rule.is_some_and(|rule| rule.commas),
            null: rule.is_some_and(|rule| rule.null),
            index: 0,
        };
        let list = visitor.visit_seq(&mut items)?;
        match items.text() {
            None => Ok(list),
            Some(_) => {
                Err(FlatError::new("length", format!("must not have more than {} values", items.index)))
            }
        }
    }
}

/// The items of a list: each value one, or each value several between commas.
struct Items<'de> {
    pairs: &'de Pairs<'de>,
    next: Option<usize>,
    /// What is left of the value that is being split.
    rest: Option<&'de str>,
    commas: bool,
    null: bool,
    index: usize,
}

impl<'de> Items<'de> {
    fn text(&mut self) -> Option<&'de str> {
        loop {
            let Some(rest) = self.rest.take() else {
                let at = self.next?;
                self.next = self.pairs.next(at);
                let value = self.pairs.value(at)?;
                if !self.commas {
                    return Some(value);
                }
                self.rest = Some(value);
                continue;
            };
            let item = match rest.split_once(',') {
                Some((item, rest)) => {
                    self.rest = Some(rest);
                    item.trim()
                }
                None => rest.trim(),
            };
            if !item.is_empty() {
                return Some(item);
            }
        }
    }
}

impl<'de> SeqAccess<'de> for Items<'de> {
    type Error = FlatError;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, FlatError> {
        let Some(text) = self.text() else { return Ok(None) };
        let item =
            seed.deserialize(Text { text, null: self.null }).map_err(|error| error.at_index(self.index))?;
        self.index += 1;
        Ok(Some(item))
    }
}

macro_rules! as_text {
    ($($method:ident)+) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FlatError> {
            self.text().$method(visitor)
        }
    )+};
}

impl<'de> Deserializer<'de> for Field<'de, '_> {
    type Error = FlatError;

    as_text! {
        deserialize_bool deserialize_char deserialize_str deserialize_string deserialize_bytes deserialize_byte_buf
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
        deserialize_f32 deserialize_f64 deserialize_unit deserialize_identifier deserialize_ignored_any
    }

    /// The type does not say what it wants: text, or a list of texts when the name is repeated.
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FlatError> {
        self.guessed.set(true);
        if self.rule().is_some_and(|rule| rule.commas) || self.pairs.next(self.head).is_some() {
            self.list(visitor)
        } else {
            self.text().deserialize_any(visitor)
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FlatError> {
        let null = self.text().text == "null" && self.rule().is_some_and(|rule| rule.null);
        if null { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FlatError> {
        self.list(visitor)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, FlatError> {
        self.list(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, FlatError> {
        self.list(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, FlatError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, FlatError> {
        self.text().deserialize_unit_struct(name, visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FlatError> {
        self.text().deserialize_map(visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, FlatError> {
        self.text().deserialize_struct(name, fields, visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, FlatError> {
        self.text().deserialize_enum(name, variants, visitor)
    }
}
