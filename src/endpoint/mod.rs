//! What one operation declares, and what runs around a call of it.

mod call;
#[doc(hidden)]
pub mod checks;
mod contract;
mod handler;
mod mounted;
mod operation;
mod options;
mod rule;
mod snapshot;
mod spec;
mod voice;
mod wrap;

#[cfg(feature = "live")]
pub(crate) use call::panic_text;
pub(crate) use call::{Bind, Run};

pub(crate) use contract::Contract;
#[cfg(feature = "testing")]
pub(crate) use contract::seen;
pub use handler::Handler;
pub(crate) use mounted::Mounted;
#[cfg(feature = "multipart")]
pub(crate) use mounted::announces_body;
pub(crate) use operation::GuardFactory;
pub use operation::{Draft, Operation};
pub use options::{DEFAULT_BODY_LIMIT, DEFAULT_BODY_TIMEOUT, DEFAULT_PAIRS_LIMIT, Options};
pub use rule::{ContractMode, Rule, Rules};
pub(crate) use snapshot::Snapshot;
pub use spec::{CookieSpec, HeaderSpec, Input, MountedOperation, OperationSpec, Output, OutputContent};
pub(crate) use voice::{MadeHere, Voice};
pub(crate) use wrap::Boxed;
pub use wrap::Wrap;
