use serde_json::Value;

use super::build;
use crate::{
    document::{Info, SchemeDoc},
    live::Live,
    router::MountErrors,
};

/// An AsyncAPI 3.0 document, finished.
///
/// ```
/// use actix_charter::prelude::*;
///
/// struct News;
///
/// #[channel("news:{topic}")]
/// impl News {
///     /// Everybody may listen.
///     #[subscribe]
///     async fn listen(&self) {}
/// }
///
/// let info = Info::new("News", "1.0").server("https://news.example.org", "production");
/// let document = Live::new().channel(News).asyncapi(&info, "/live", &[])?;
/// assert_eq!(document.to_value()["channels"]["News"]["address"], "news:{topic}");
/// assert_eq!(document.to_value()["servers"]["production"]["protocol"], "wss");
/// # Ok::<(), actix_charter::router::MountErrors>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct AsyncApi {
    value: Value,
}

impl Live {
    /// The document of these channels, whose clients connect at `path`. `schemes` are those that the connection accepts.
    ///
    /// # Errors
    /// Everything that is wrong with the channels, or cannot stand in one document, a sentence each.
    pub fn asyncapi(&self, info: &Info, path: &str, schemes: &[SchemeDoc]) -> Result<AsyncApi, MountErrors> {
        self.check()?;
        build::build(self, info, path, schemes)
            .map(|value| AsyncApi { value })
            .map_err(MountErrors::of_channels)
    }
}

impl AsyncApi {
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

    /// The document as YAML.
    #[cfg(feature = "yaml")]
    #[must_use]
    pub fn to_yaml(&self) -> String {
        // JSON is YAML, so there is something to answer even if the emitter refused.
        serde_saphyr::to_string(&self.value).unwrap_or_else(|_| self.to_json())
    }
}
