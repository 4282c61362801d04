use std::{fs, time::UNIX_EPOCH};

use super::probe::{OWN_VALIDATORS, etag};
use crate::download::offload::{Offload, rule::Rule, server::told_tag};

/// When all files of a check were changed last, as far as the application says.
pub(super) const MODIFIED: &str = "Tue, 02 Jan 2024 03:04:05 GMT";

/// A root, and one of the places by which the server is told its files.
pub(super) struct Spot {
    /// With the target that is meant.
    pub(super) rule: Rule,
    /// By which the probe knows it.
    pub(super) number: String,
    /// Whether the validators are the application's, or those of the file.
    pub(super) own: bool,
    /// Whether the application hands anything over by it. The server has it all the same.
    pub(super) used: bool,
}

impl Spot {
    pub(super) fn all(offload: &Offload, number: usize, rule: &Rule) -> Vec<Self> {
        let server = offload.server();
        let plain = Self {
            rule: rule.clone(),
            number: number.to_string(),
            own: !server.tells_validators,
            used: !server.tells_validators || offload.has_validators_told(),
        };
        let number = format!("{number}{OWN_VALIDATORS}");
        let own = server.tells_validators.then(|| Self { rule: rule.own(), number, own: true, used: true });
        std::iter::once(plain).chain(own).collect()
    }

    /// What `ETag` and `Last-Modified` must be of the file of that name.
    pub(super) fn validators(&self, name: &str) -> (String, String) {
        let of_file = || {
            let metadata = fs::metadata(self.rule.root.join(name)).ok()?;
            let modified = metadata.modified().ok()?;
            let seconds = modified.duration_since(UNIX_EPOCH).ok()?.as_secs();
            Some((format!("\"{}\"", told_tag(seconds, metadata.len())), httpdate::fmt_http_date(modified)))
        };
        let own = || (etag(name), MODIFIED.to_owned());
        if self.own { own() } else { of_file().unwrap_or_else(own) }
    }
}
