//! Which publications a subscriber wants, told by their tags.

mod bad_filter;
mod decimal;
mod read;
mod tag_filter;

pub use bad_filter::BadFilter;
pub(super) use read::{from_json, from_protobuf};
pub use tag_filter::{Comparison, TagFilter};
