//! What one operation declares, and what runs around a call of it.

mod spec;

pub use spec::{CookieSpec, HeaderSpec, Input, MountedOperation, OperationSpec, Output, OutputContent};
