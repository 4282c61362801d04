//! Who is calling, and whether they may.

mod scheme;

pub use scheme::{Denial, Scheme, Verdict};
