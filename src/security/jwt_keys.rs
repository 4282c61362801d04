use std::sync::{Arc, PoisonError, RwLock};

use super::{JwtKey, KeyError};

/// The keys that tokens are checked with. All clones share them, so they can be replaced while the application runs.
///
/// A task of yours may fetch the issuer's keys now and then:
///
/// ```
/// use actix_charter::security::{Bearer, JwtKey, JwtKeys, KeyError};
///
/// # #[derive(serde::Deserialize)] struct Claims {}
/// # fn main() -> Result<(), KeyError> {
/// # let first = br#"{"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": "1", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#;
/// # let later = first;
/// let keys = JwtKeys::new(JwtKey::from_jwks(first)?);
/// let bearer = Bearer::<Claims>::with_keys(keys.clone()).issuer("https://login.example.org");
///
/// // Later, with what the issuer's `jwks_uri` answers:
/// keys.replace(JwtKey::from_jwks(later)?);
/// assert_eq!(keys.len(), 1);
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct JwtKeys {
    /// The lock is held just long enough to count up one reference.
    current: Arc<RwLock<Arc<[JwtKey]>>>,
}

impl JwtKeys {
    /// These keys. While there is none, every token is refused.
    pub fn new(keys: impl IntoIterator<Item = JwtKey>) -> Self {
        Self { current: Arc::new(RwLock::new(keys.into_iter().collect())) }
    }

    /// Replaces all keys, for all clones.
    pub fn replace(&self, keys: impl IntoIterator<Item = JwtKey>) {
        let keys = keys.into_iter().collect();
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = keys;
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.get().len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.get().is_empty()
    }

    pub(crate) fn get(&self) -> Arc<[JwtKey]> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl From<JwtKey> for JwtKeys {
    fn from(key: JwtKey) -> Self {
        Self::new([key])
    }
}

/// The public keys of a JWK Set (RFC 7517) that are ours to use.
impl TryFrom<&[u8]> for JwtKeys {
    type Error = KeyError;

    fn try_from(jwks: &[u8]) -> Result<Self, KeyError> {
        JwtKey::from_jwks(jwks).map(Self::new)
    }
}
