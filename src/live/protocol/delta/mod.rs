//! Deltas between publications, in the format of Fossil, which Centrifugo's clients apply.
//!
//! ```
//! use actix_charter::live::protocol::delta;
//!
//! let (old, new) = (br#"{"scores":[10,20,30,40],"round":1}"#, br#"{"scores":[10,20,30,40],"round":2}"#);
//! let difference = delta::create(old, new);
//! assert!(difference.len() < new.len());
//! assert_eq!(delta::apply(old, &difference, 1024)?, new);
//! # Ok::<(), delta::BadDelta>(())
//! ```

mod apply;
mod create;
mod number;

pub use apply::{BadDelta, apply};
pub use create::create;
