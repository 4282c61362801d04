//! JSON as its schema tells it, where serde is of another opinion.
//!
//! - serde reads a struct from an array too, its fields in order. No schema tells of that, and a client that sends one is
//!   mistaken: a list of nulls would be a change of nothing.
//! - To JSON Schema `1.0` is an integer (draft 2020-12, validation, §6.1.1), and some clients write integers so.

use std::fmt;

use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error, MapAccess, SeqAccess, Unexpected, VariantAccess,
    Visitor,
};

/// Anything that serde calls into, or is called by, with everything below it held to this.
pub(super) struct Schematic<T>(pub(super) T);

/// A visitor, and what it makes.
struct Held<V, const KIND: u8>(V);

const STRUCT: u8 = 0;
const INTEGER: u8 = 1;
const OTHER: u8 = 2;

/// The largest integer up to which every `f64` is the number that was written.
const EXACT: f64 = 9_007_199_254_740_991.0;

macro_rules! forward {
    ($kind:ident: $($method:ident)+) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
            self.0.$method(Held::<_, $kind>(visitor))
        }
    )+};
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Schematic<D> {
    type Error = D::Error;

    forward! { OTHER:
        deserialize_any deserialize_bool deserialize_f32 deserialize_f64 deserialize_char deserialize_str
        deserialize_string deserialize_bytes deserialize_byte_buf deserialize_option deserialize_unit deserialize_seq
        deserialize_map deserialize_identifier deserialize_ignored_any
    }

    forward! { INTEGER:
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.0.deserialize_unit_struct(name, Held::<_, OTHER>(visitor))
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.0.deserialize_newtype_struct(name, Held::<_, OTHER>(visitor))
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_tuple(len, Held::<_, OTHER>(visitor))
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        len: usize,
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.0.deserialize_tuple_struct(name, len, Held::<_, OTHER>(visitor))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.0.deserialize_struct(name, fields, Held::<_, STRUCT>(visitor))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.0.deserialize_enum(name, variants, Held::<_, OTHER>(visitor))
    }

    fn is_human_readable(&self) -> bool {
        self.0.is_human_readable()
    }
}

macro_rules! visit {
    ($($method:ident($ty:ty))+) => {$(
        fn $method<E: Error>(self, value: $ty) -> Result<V::Value, E> {
            self.0.$method(value)
        }
    )+};
}

impl<'de, V: Visitor<'de>, const KIND: u8> Visitor<'de> for Held<V, KIND> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting(f)
    }

    visit! {
        visit_bool(bool) visit_i8(i8) visit_i16(i16) visit_i32(i32) visit_i64(i64) visit_i128(i128)
        visit_u8(u8) visit_u16(u16) visit_u32(u32) visit_u64(u64) visit_u128(u128) visit_f32(f32)
        visit_char(char) visit_str(&str) visit_borrowed_str(&'de str) visit_string(String)
        visit_bytes(&[u8]) visit_borrowed_bytes(&'de [u8]) visit_byte_buf(Vec<u8>)
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<V::Value, E> {
        if KIND == INTEGER && value.fract() == 0.0 && value.abs() <= EXACT {
            // Checked above: it has no fraction, and fits.
            #[allow(clippy::cast_possible_truncation)]
            let integer = value as i64;
            return match u64::try_from(integer) {
                Ok(integer) => self.0.visit_u64(integer),
                Err(_) => self.0.visit_i64(integer),
            };
        }
        self.0.visit_f64(value)
    }

    fn visit_none<E: Error>(self) -> Result<V::Value, E> {
        self.0.visit_none()
    }

    fn visit_unit<E: Error>(self) -> Result<V::Value, E> {
        self.0.visit_unit()
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<V::Value, D::Error> {
        self.0.visit_some(Schematic(deserializer))
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<V::Value, D::Error> {
        self.0.visit_newtype_struct(Schematic(deserializer))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, access: A) -> Result<V::Value, A::Error> {
        if KIND == STRUCT {
            return Err(A::Error::invalid_type(Unexpected::Seq, &self));
        }
        self.0.visit_seq(Schematic(access))
    }

    fn visit_map<A: MapAccess<'de>>(self, access: A) -> Result<V::Value, A::Error> {
        self.0.visit_map(Schematic(access))
    }

    fn visit_enum<A: EnumAccess<'de>>(self, access: A) -> Result<V::Value, A::Error> {
        self.0.visit_enum(Schematic(access))
    }
}

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for Schematic<S> {
    type Value = S::Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<S::Value, D::Error> {
        self.0.deserialize(Schematic(deserializer))
    }
}

impl<'de, A: SeqAccess<'de>> SeqAccess<'de> for Schematic<A> {
    type Error = A::Error;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, A::Error> {
        self.0.next_element_seed(Schematic(seed))
    }

    fn size_hint(&self) -> Option<usize> {
        self.0.size_hint()
    }
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Schematic<A> {
    type Error = A::Error;

    // A key is a text, with nothing below it.
    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, A::Error> {
        self.0.next_key_seed(seed)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, A::Error> {
        self.0.next_value_seed(Schematic(seed))
    }

    fn size_hint(&self) -> Option<usize> {
        self.0.size_hint()
    }
}

impl<'de, A: EnumAccess<'de>> EnumAccess<'de> for Schematic<A> {
    type Error = A::Error;
    type Variant = Schematic<A::Variant>;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Self::Variant), A::Error> {
        let (value, variant) = self.0.variant_seed(seed)?;
        Ok((value, Schematic(variant)))
    }
}

impl<'de, A: VariantAccess<'de>> VariantAccess<'de> for Schematic<A> {
    type Error = A::Error;

    fn unit_variant(self) -> Result<(), A::Error> {
        self.0.unit_variant()
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, A::Error> {
        self.0.newtype_variant_seed(Schematic(seed))
    }

    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, A::Error> {
        self.0.tuple_variant(len, Held::<_, OTHER>(visitor))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, A::Error> {
        self.0.struct_variant(fields, Held::<_, STRUCT>(visitor))
    }
}

#[cfg(test)]
mod tests {
    use serde::{Deserialize, de::DeserializeOwned};

    use super::Schematic;

    #[derive(Debug, PartialEq, Deserialize)]
    struct Inner {
        a: Option<u8>,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    struct Outer {
        inner: Option<Inner>,
        list: Vec<Inner>,
        pair: (u8, Pair),
        kind: Kind,
        any: serde_json::Value,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    struct Pair(u8, u8);

    #[derive(Debug, PartialEq, Deserialize)]
    enum Kind {
        Unit,
        New(Inner),
        Tuple(u8, u8),
        Struct { a: u8 },
    }

    fn read<T: DeserializeOwned>(text: &str) -> Result<T, serde_json::Error> {
        T::deserialize(Schematic(&mut serde_json::Deserializer::from_str(text)))
    }

    fn outer(inner: &str, list: &str, kind: &str) -> Result<Outer, serde_json::Error> {
        read(&format!(
            r#"{{"inner": {inner}, "list": {list}, "pair": [1, [2, 3]], "kind": {kind}, "any": [{{"b": 1.5}}, null]}}"#
        ))
    }

    #[test]
    fn everything_else_is_read_as_before() {
        for kind in [r#""Unit""#, r#"{"New": {"a": 1}}"#, r#"{"Tuple": [1, 2]}"#, r#"{"Struct": {"a": 1}}"#] {
            let text = r#"{"inner": {"a": null}, "list": [{"a": 1}, {}], "pair": [1, [2, 3]], "kind": KIND, "any": [{"b": 1.5}, null]}"#
                .replace("KIND", kind);
            assert_eq!(read::<Outer>(&text).unwrap(), serde_json::from_str(&text).unwrap());
        }
    }

    #[test]
    fn an_integer_may_be_written_with_a_fraction_of_nothing() {
        assert_eq!(read::<u8>("1.0").unwrap(), 1);
        assert_eq!(read::<Option<i8>>("-2.0e1").unwrap(), Some(-20));
        assert_eq!(read::<Inner>(r#"{"a": 3.0}"#).unwrap(), Inner { a: Some(3) });
        assert_eq!(read::<f64>("1.0").unwrap(), 1.0);
        assert_eq!(read::<serde_json::Value>("1.0").unwrap(), serde_json::json!(1.0));
        for wrong in ["1.5", "256.0", "-1.0", "1e300"] {
            assert!(read::<u8>(wrong).is_err(), "{wrong}");
        }
        // What was written is not what would be read.
        assert!(read::<u64>("9007199254740993.0").is_err());
    }

    #[test]
    fn an_array_is_no_struct_at_any_depth() {
        assert!(read::<Inner>("[1]").is_err());
        assert!(read::<Vec<Inner>>("[[1]]").is_err());
        assert!(outer("[1]", "[]", r#""Unit""#).is_err());
        assert!(outer("null", "[[1]]", r#""Unit""#).is_err());
        assert!(outer("null", "[]", r#"{"New": [1]}"#).is_err());
        assert!(outer("null", "[]", r#"{"Struct": [1]}"#).is_err());
        assert!(outer("null", "[]", r#""Unit""#).is_ok());
    }
}
