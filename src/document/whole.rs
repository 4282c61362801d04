use serde_json::Value;

use super::{DocumentFault, Info, build};
use crate::endpoint::MountedOperation;

/// A security scheme that operations use.
#[derive(Debug, Clone, PartialEq)]
pub struct SchemeDoc {
    /// Its name in `components.securitySchemes`.
    pub name: String,
    /// The security scheme object.
    pub value: Value,
}

/// An OpenAPI 3.1 document, finished.
///
/// The same operations give the same document, byte for byte, in whatever order they were mounted; only the order of
/// the tags follows it. Methods that OpenAPI 3.1 has no field for (`QUERY`, `PURGE`) stand under the extension
/// `x-additionalOperations`, which OpenAPI 3.2 calls `additionalOperations`.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    value: Value,
}

impl Document {
    /// Puts everything that was mounted into one document.
    ///
    /// # Errors
    /// Everything that cannot stand in one document, all at once.
    pub(crate) fn build(
        info: &Info,
        operations: &[MountedOperation],
        schemes: &[SchemeDoc],
    ) -> Result<Self, Vec<DocumentFault>> {
        build::build(info, operations, schemes).map(|value| Self { value })
    }

    /// The same for clients that reach the operations below `prefix`, which the router did not know of.
    pub(crate) fn below(&self, prefix: &str) -> Self {
        let mut value = self.value.clone();
        if let Some(whole) = value.as_object_mut() {
            whole.insert("servers".to_owned(), serde_json::json!([{ "url": prefix }]));
        }
        Self { value }
    }

    /// The document as data.
    #[must_use]
    pub fn to_value(&self) -> &Value {
        &self.value
    }

    /// The document as JSON for people: indented, with a line feed at the end.
    #[must_use]
    pub fn to_json(&self) -> String {
        format!("{:#}\n", self.value)
    }

    /// The document as YAML. Texts that look like something else (`no`, `1.0`, a date) stay texts in YAML 1.1 and 1.2.
    #[cfg(feature = "yaml")]
    #[must_use]
    pub fn to_yaml(&self) -> String {
        // JSON is YAML, so there is something to answer even if the emitter refused.
        serde_saphyr::to_string(&self.value).unwrap_or_else(|_| self.to_json())
    }
}
