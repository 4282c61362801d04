use serde::de::DeserializeOwned;

use super::{FlatError, Pairs, coerce, from_pairs, root_schema};
use crate::model::{Model, SchemaOf};

/// Reads a model from pairs.
///
/// Where serde keeps values before it knows their type (`#[serde(flatten)]`, untagged and internally tagged enums), text
/// stays text and a number is refused. Such a model is read a second time, from values that its schema made of the text.
///
/// # Errors
/// The first field that does not fit.
pub(crate) fn read_pairs<T: DeserializeOwned + Model>(pairs: &Pairs<'_>) -> Result<T, FlatError> {
    match from_pairs::<T>(pairs, T::WIRE) {
        Err(error) if error.was_guessed() => {
            let value = coerce(&root_schema(SchemaOf::of::<T>()), pairs, T::WIRE);
            T::deserialize(value).map_err(|_| error)
        }
        read => read,
    }
}
