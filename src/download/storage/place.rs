use std::{sync::Arc, time::Duration};

use super::patience::Patience;

/// S3, GCS and their like sign for no longer than a week.
const LONGEST_LINK: Duration = Duration::from_secs(7 * 24 * 60 * 60);
const SHORTEST_LINK: Duration = Duration::from_secs(1);

/// What a storage on another machine is told by its builder, whatever its client is.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub(crate) name: Arc<str>,
    /// Whether clients can reach what the links lead to.
    pub(crate) public: bool,
    pub(crate) patience: Patience,
}

impl Place {
    pub(crate) fn new(name: String) -> Self {
        Self { name: name.into(), public: true, patience: Patience::USUAL }
    }

    /// How long a link holds that is to hold for so long.
    pub(crate) fn lifetime(wanted: Duration) -> Duration {
        wanted.clamp(SHORTEST_LINK, LONGEST_LINK)
    }
}

/// The methods of a storage's builder that are about its field `place`.
macro_rules! placed {
    ($storage:ident) => {
        impl $storage {
            /// The links lead to an address that only we and our proxies can reach: no client is sent there.
            #[must_use]
            pub const fn behind_proxies(mut self) -> Self {
                self.place.public = false;
                self
            }

            /// How long the storage may say nothing: until it tells what a file is, until its first bytes, and between later ones
            /// while a client waits for them. Default: ten seconds. Tries that its client repeats are inside it.
            #[must_use]
            pub const fn time_limit(mut self, silence: ::std::time::Duration) -> Self {
                self.place.patience = $crate::download::storage::patience::Patience(silence);
                self
            }
        }
    };
}
pub(crate) use placed;
