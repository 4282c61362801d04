//! Who is calling, and whether they may.

mod scheme;
mod stub;

pub use scheme::{Denial, Scheme, Verdict};
pub(crate) use stub::*;
pub use stub::{Requirement, SchemeRef};
