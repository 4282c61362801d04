use std::fmt;

/// Why the operations cannot stand in one document. All of them are told at once, when the router is mounted.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum DocumentFault {
    /// Two operations have one `operationId`.
    DoubledOperationId {
        /// The id.
        id: String,
        /// Method and path of each operation that has it.
        operations: Vec<String>,
    },
    /// Two operations have one method and one path.
    DoubledOperation {
        /// Method and path.
        operation: String,
        /// Their `operationId`s.
        ids: Vec<String>,
    },
    /// Two paths differ only in the names of their parameters, which are one path to OpenAPI.
    SamePath {
        /// The paths.
        paths: Vec<String>,
    },
    /// Two types want one name among the schemas.
    DoubledSchemaName {
        /// The name.
        name: String,
        /// The types, as far as they are known.
        types: Vec<String>,
    },
    /// An operation asks for a security scheme that was not given.
    UnknownScheme {
        /// The name of the scheme.
        scheme: String,
        /// Method and path.
        operation: String,
    },
    /// A security scheme's name cannot be a key in the document.
    SchemeName {
        /// The name of the scheme.
        scheme: String,
    },
    /// Two different security schemes have one name.
    DoubledScheme {
        /// The name.
        scheme: String,
    },
}

impl fmt::Display for DocumentFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DoubledOperationId { id, operations } => write!(
                f,
                "the operationId `{id}` belongs to {}; client generators need one of its own for each: give \
                 all but one another with `operation_id = \"..\"`",
                list(operations)
            ),
            Self::DoubledOperation { operation, ids } => write!(
                f,
                "`{operation}` is declared more than once, by {}; one method of one path can stand only once \
                 in the document: hide all but one with `hidden`",
                list(ids)
            ),
            Self::SamePath { paths } => write!(
                f,
                "{} are one path to OpenAPI, because they differ only in the names of their parameters; use \
                 the same names, or hide all but one with `hidden`",
                list(paths)
            ),
            Self::DoubledSchemaName { name, types } => write!(
                f,
                "the schema name `{name}` is wanted by {}; rename all but one with \
                 `#[schemars(rename = \"..\")]`",
                list(types)
            ),
            Self::UnknownScheme { scheme, operation } => write!(
                f,
                "`{operation}` asks for the security scheme `{scheme}`, which the router does not have; add it \
                 with `Router::scheme`"
            ),
            Self::SchemeName { scheme } => write!(
                f,
                "the security scheme `{scheme}` needs another name; only letters, digits, `.`, `_` and `-` \
                 may be in it"
            ),
            Self::DoubledScheme { scheme } => write!(
                f,
                "two different security schemes are called `{scheme}`; give one of them another name"
            ),
        }
    }
}

impl std::error::Error for DocumentFault {}

/// `a`, `b` and `c`
fn list(items: &[String]) -> String {
    let quoted: Vec<String> = items.iter().map(|item| format!("`{item}`")).collect();
    match quoted.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => quoted.concat(),
    }
}
