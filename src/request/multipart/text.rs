use std::num::IntErrorKind;

use serde::{
    Deserializer,
    de::{IntoDeserializer, Visitor},
};

use super::deserialize::FormError;

/// The text of one field, read as whatever scalar the model asks for.
#[derive(Debug, Clone, Copy)]
pub(super) struct TextValue<'a>(pub(super) &'a str);

macro_rules! integers {
    ($($method:ident $visit:ident $ty:ty;)+) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FormError> {
            match self.0.parse::<$ty>() {
                Ok(value) => visitor.$visit(value),
                Err(error) => Err(not_an_integer(error.kind())),
            }
        }
    )+};
}

fn not_an_integer(kind: &IntErrorKind) -> FormError {
    match kind {
        IntErrorKind::PosOverflow => FormError::new("range", "is too large"),
        IntErrorKind::NegOverflow => FormError::new("range", "is too small"),
        _ => FormError::new("type", "must be an integer"),
    }
}

impl TextValue<'_> {
    fn number(self) -> Result<f64, FormError> {
        match self.0.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(number),
            _ => Err(FormError::new("type", "must be a number")),
        }
    }
}

impl<'de> Deserializer<'de> for TextValue<'_> {
    type Error = FormError;

    integers! {
        deserialize_i8 visit_i8 i8;
        deserialize_i16 visit_i16 i16;
        deserialize_i32 visit_i32 i32;
        deserialize_i64 visit_i64 i64;
        deserialize_i128 visit_i128 i128;
        deserialize_u8 visit_u8 u8;
        deserialize_u16 visit_u16 u16;
        deserialize_u32 visit_u32 u32;
        deserialize_u64 visit_u64 u64;
        deserialize_u128 visit_u128 u128;
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FormError> {
        visitor.visit_str(self.0)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FormError> {
        match self.0 {
            "true" => visitor.visit_bool(true),
            "false" => visitor.visit_bool(false),
            _ => Err(FormError::new("type", "must be true or false")),
        }
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FormError> {
        visitor.visit_f64(self.number()?)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FormError> {
        visitor.visit_f64(self.number()?)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FormError> {
        visitor.visit_some(self)
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FormError> {
        if self.0.is_empty() { visitor.visit_unit() } else { Err(FormError::new("type", "must be empty")) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, FormError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, FormError> {
        visitor.visit_enum(self.0.into_deserializer())
    }

    fn deserialize_map<V: Visitor<'de>>(self, _: V) -> Result<V::Value, FormError> {
        Err(FormError::new("type", "cannot be read from a form field"))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, FormError> {
        self.deserialize_map(visitor)
    }

    serde::forward_to_deserialize_any! {
        char str string bytes byte_buf unit_struct seq tuple tuple_struct identifier ignored_any
    }
}
