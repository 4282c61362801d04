use std::num::IntErrorKind;

use serde::de::{Deserializer, Visitor, value::BorrowedStrDeserializer};

use super::FlatError;

/// One value, and nothing but text.
#[derive(Clone, Copy)]
pub(super) struct Text<'de> {
    pub(super) text: &'de str,
    /// The text `null` stands for null.
    pub(super) null: bool,
}

impl<'de> Text<'de> {
    pub(super) const fn new(text: &'de str) -> Self {
        Self { text, null: false }
    }

    fn float(self) -> Result<f64, FlatError> {
        // `inf` and `nan` are numbers to Rust, but no document can describe them.
        match self.text.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(number),
            Ok(_) if self.text.bytes().any(|byte| byte.is_ascii_digit()) => {
                Err(FlatError::new("range", "must be a number of a reasonable size"))
            }
            _ => Err(FlatError::new("type", "must be a number")),
        }
    }

    fn unit(self) -> Result<(), FlatError> {
        if self.text.is_empty() { Ok(()) } else { Err(FlatError::new("type", "must be empty")) }
    }
}

macro_rules! integers {
    ($($method:ident $visit:ident $ty:ident)+) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FlatError> {
            match self.text.parse::<$ty>() {
                Ok(number) => visitor.$visit(number),
                Err(error) => Err(match error.kind() {
                    IntErrorKind::PosOverflow => FlatError::new("range", concat_limit("must be at most ", &$ty::MAX)),
                    IntErrorKind::NegOverflow => FlatError::new("range", concat_limit("must be at least ", &$ty::MIN)),
                    // An unsigned type takes the sign for a letter.
                    _ if $ty::MIN == 0 && is_negative(self.text) => FlatError::new("range", "must be at least 0"),
                    _ => FlatError::new("type", "must be an integer"),
                }),
            }
        }
    )+};
}

fn concat_limit(text: &str, limit: &dyn std::fmt::Display) -> String {
    format!("{text}{limit}")
}

fn is_negative(text: &str) -> bool {
    text.strip_prefix('-')
        .is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit()))
}

impl<'de> Deserializer<'de> for Text<'de> {
    type Error = FlatError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FlatError> {
        visitor.visit_borrowed_str(self.text)
    }

    integers! {
        deserialize_u8 visit_u8 u8
        deserialize_u16 visit_u16 u16
        deserialize_u32 visit_u32 u32
        deserialize_u64 visit_u64 u64
        deserialize_u128 visit_u128 u128
        deserialize_i8 visit_i8 i8
        deserialize_i16 visit_i16 i16
        deserialize_i32 visit_i32 i32
        deserialize_i64 visit_i64 i64
        deserialize_i128 visit_i128 i128
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FlatError> {
        // Parsed once as the wide type to refuse what is not finite, once as the narrow one to round only once.
        self.float()?;
        match self.text.parse::<f32>() {
            Ok(number) if number.is_finite() => visitor.visit_f32(number),
            _ => Err(FlatError::new("range", "must be a number of a reasonable size")),
        }
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FlatError> {
        visitor.visit_f64(self.float()?)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FlatError> {
        match self.text {
            "true" => visitor.visit_bool(true),
            "false" => visitor.visit_bool(false),
            _ => Err(FlatError::new("type", "must be true or false")),
        }
    }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FlatError> {
        let mut chars = self.text.chars();
        match (chars.next(), chars.next()) {
            (Some(one), None) => visitor.visit_char(one),
            _ => Err(FlatError::new("length", "must be a single character")),
        }
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FlatError> {
        visitor.visit_borrowed_bytes(self.text.as_bytes())
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FlatError> {
        self.deserialize_bytes(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FlatError> {
        if self.null && self.text == "null" { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FlatError> {
        self.unit()?;
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, FlatError> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, FlatError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, FlatError> {
        visitor.visit_enum(BorrowedStrDeserializer::new(self.text))
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FlatError> {
        visitor.visit_unit()
    }

    serde::forward_to_deserialize_any! {
        str string seq tuple tuple_struct map struct identifier
    }
}
