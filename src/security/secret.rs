use std::fmt;

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// A password, key or token as it was sent. It never shows in `Debug` and is compared in constant time.
///
/// ```
/// use actix_charter::security::Secret;
///
/// let secret = Secret::from("s3cr3t");
/// assert!(secret.matches("s3cr3t"));
/// assert!(!secret.matches("s3cr3"));
/// assert_eq!(format!("{secret:?}"), "Secret(..)");
/// ```
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// The text itself, for a password hash or a look-up. Prefer [`digest`](Self::digest) as the key of a look-up.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether it is `other`. The time taken tells neither where they differ nor how long either is.
    #[must_use]
    pub fn matches(&self, other: &str) -> bool {
        self.digest().ct_eq(&digest(other)).into()
    }

    /// Its SHA-256. Store this instead of a random key or token, and look it up by it. (Passwords, which people choose, need
    /// a password hash such as Argon2 instead.)
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        digest(&self.0)
    }
}

pub(crate) fn digest(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}

impl<T: Into<String>> From<T> for Secret {
    fn from(text: T) -> Self {
        Self(text.into())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}
