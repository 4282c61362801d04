//! Named text values, as a query, a path, headers, cookies and urlencoded forms carry them, read into any type.
//!
//! Text has no types of its own, so the type that is read decides: `12` is a number where a number is wanted and text
//! where text is wanted. Booleans are `true` and `false` and nothing else, as in Actix and `serde_html_form`; numbers are
//! finite and have no blanks around them. A repeated name fills a list in order; where one value is wanted the last one
//! counts, except for cookies, where the first one does (RFC 6265 §5.4 puts the most specific first, and Actix reads that).

mod deserialize;
mod error;
mod field;
mod pairs;
mod read;
mod root_schema;
mod shape;
mod source;
mod text;

pub(crate) use deserialize::from_pairs;
pub(crate) use error::FlatError;
pub(crate) use pairs::Pairs;
pub(crate) use read::read_pairs;
pub(crate) use root_schema::root_schema;
#[cfg(feature = "explain")]
pub(crate) use root_schema::{ById, answer_schema};
pub(crate) use shape::coerce;

#[cfg(test)]
mod tests;
