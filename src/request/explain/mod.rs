//! The slow path: what exactly is wrong with a component that did not fit its type.
//!
//! Nothing here runs for a request that is right. A component that is wrong is turned into a JSON value and checked against the
//! JSON Schema that the document shows, so that everything wrong with it is told at once, in the words of the schema. Only
//! names on the wire and words of the program are told, never a value that was sent. Without the feature `explain` the
//! first fault is told.

mod body;
mod parameters;
pub(crate) mod reason;
mod weight;

#[cfg(feature = "explain")]
mod branch;
#[cfg(feature = "explain")]
mod finding;
#[cfg(feature = "explain")]
mod first;
#[cfg(feature = "explain")]
mod narrow;
#[cfg(feature = "explain")]
mod schema;
#[cfg(feature = "explain")]
mod wording;

#[cfg(not(feature = "explain"))]
mod plain;

#[cfg(feature = "msgpack")]
pub(crate) use body::explain_msgpack;
pub(crate) use body::{explain_custom, explain_json};
pub(crate) use parameters::explain_pairs;

#[cfg(feature = "explain")]
pub(crate) use schema::{explain_answer, explain_value};

#[cfg(not(feature = "explain"))]
pub(crate) use plain::explain_value;

#[cfg(test)]
mod leak_tests;
#[cfg(all(test, feature = "explain"))]
mod tests;
