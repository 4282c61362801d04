//! Controllers against the same work written by hand in plain Actix, request for request.
//!
//! Every side is an ordinary `App`, brought up in this process and called without a socket, so that what is counted is what
//! the application does with a request: routing, reading, checking, answering. Both sides get the very same requests
//! from the very same code, and the whole request counts; nothing is subtracted.

pub mod case;
pub mod drive;
#[cfg(feature = "ours")]
pub mod ours;
pub mod plain;
pub mod run;

/// Who does the work.
#[derive(Debug, Clone, Copy)]
pub enum Side {
    /// Written by hand in plain Actix, serde_json and validator.
    Plain,
    /// Written with the crate.
    #[cfg(feature = "ours")]
    Ours,
}

impl Side {
    /// The side of that name, if this build has it.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "plain" => Some(Self::Plain),
            #[cfg(feature = "ours")]
            "ours" => Some(Self::Ours),
            _ => None,
        }
    }
}
