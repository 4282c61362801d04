//! What a type must tell before it may stand in a contract: its schema, its names on the wire, its rules.

mod builtin;
mod check;
#[cfg(feature = "garde")]
pub(crate) mod garde;
pub(crate) mod probe;
mod schema;
mod type_name;
#[cfg(feature = "validator")]
pub(crate) mod validator;
mod width;
mod wire;

pub use check::{CheckContext, Violation, Violations};
pub use schema::SchemaOf;
pub use type_name::TypeName;
pub(crate) use width::hold_to_width;
pub use wire::{PathNames, UploadRule, WireField};

use schemars::JsonSchema;

/// A type that may stand in a contract. Derive it: `#[derive(Model)]`.
///
/// The derive reads `#[serde(..)]` for the names on the wire, and runs the rules of the crate validator
/// (`#[validate(..)]`) or garde (`#[garde(..)]`) when the type carries any.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a model",
    label = "needs `#[derive(Model)]`",
    note = "derive it beside serde and schemars: `#[derive(Deserialize, JsonSchema, Model)]`"
)]
pub trait Model: JsonSchema + 'static {
    /// Tells types apart at compile time, with [`ARGUMENTS`](Self::ARGUMENTS). The derive uses the module path and the name.
    const NAME: &'static str;

    /// The type's arguments, so that `Page<User>` is not `Page<Board>`.
    const ARGUMENTS: &'static [TypeName] = &[];

    /// The fields, as Rust and the wire call them. Empty for what is not a struct.
    const WIRE: &'static [WireField] = &[];

    /// How the type takes path parameters.
    const PATH: PathNames = PathNames::Any;

    /// Checks the rules that the type's shape alone cannot express.
    ///
    /// # Errors
    /// Every rule that does not hold, with pointers in wire names relative to this value.
    fn check(&self, context: &CheckContext<'_>) -> Result<(), Violations> {
        let _ = context;
        Ok(())
    }

    /// The part of [`Model::check`] that validator and garde know nothing of: the functions of `#[model(check = ..)]`, of this type and
    /// of all models inside. The derive writes it.
    ///
    /// # Errors
    /// As [`Model::check`].
    #[doc(hidden)]
    fn check_functions(&self, context: &CheckContext<'_>) -> Result<(), Violations> {
        let _ = context;
        Ok(())
    }
}
