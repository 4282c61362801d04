use std::fmt;

use jsonwebtoken::{Algorithm, AlgorithmFamily, DecodingKey, crypto::rust_crypto::DEFAULT_PROVIDER};

/// HS256 needs a key at least as long as its hash (RFC 7518 §3.2).
const MIN_SECRET: usize = 32;

/// RS256 needs a key of 2048 bits (RFC 7518 §3.3).
const MIN_MODULUS: usize = 256;

/// A key that signatures are checked with. It is bound to one algorithm, whatever a token's header says.
///
/// ```
/// use actix_charter::security::{Bearer, JwtKey, JwtKeys};
///
/// # fn main() -> Result<(), actix_charter::security::KeyError> {
/// # #[derive(serde::Deserialize)] struct Claims {}
/// // While keys change, tokens of both are good.
/// let bearer = Bearer::<Claims>::with_keys(JwtKeys::new([
///     JwtKey::hs256(b"the key of this year, 32 bytes or more")?.kid("2026"),
///     JwtKey::hs256(b"the key of last year, 32 bytes or more")?.kid("2025"),
/// ]));
/// # Ok(()) }
/// ```
pub struct JwtKey {
    kid: Option<String>,
    algorithm: Algorithm,
    key: DecodingKey,
}

impl JwtKey {
    /// A secret for HS256.
    ///
    /// # Errors
    /// [`KeyError::TooShort`] below 32 bytes; [`KeyError::NotAKey`] for PEM text, which is no secret.
    pub fn hs256(secret: &[u8]) -> Result<Self, KeyError> {
        // Who knows a public key, which is everyone, could sign with it.
        if secret.trim_ascii_start().starts_with(b"-----BEGIN ") {
            return Err(KeyError::NotAKey);
        }
        if secret.len() < MIN_SECRET {
            return Err(KeyError::TooShort);
        }
        Self::new(Algorithm::HS256, DecodingKey::from_secret(secret))
    }

    /// A public RSA key for RS256, in PEM.
    ///
    /// # Errors
    /// [`KeyError::NotAKey`] when it is none, [`KeyError::TooShort`] below 2048 bits.
    pub fn rs256_pem(pem: &[u8]) -> Result<Self, KeyError> {
        let key = DecodingKey::from_rsa_pem(pem).map_err(|_| KeyError::NotAKey)?;
        let der = key.try_get_as_bytes().map_err(|_| KeyError::NotAKey)?;
        let (modulus, _) = (DEFAULT_PROVIDER.key_utils.rsa_pub_components_from_public_key)(der)
            .map_err(|_| KeyError::NotAKey)?;
        Self::rsa(key, &modulus)
    }

    /// A public key on the curve P-256 for ES256, in PEM.
    ///
    /// # Errors
    /// [`KeyError::NotAKey`] when it is none.
    pub fn es256_pem(pem: &[u8]) -> Result<Self, KeyError> {
        Self::new(Algorithm::ES256, DecodingKey::from_ec_pem(pem).map_err(|_| KeyError::NotAKey)?)
    }

    /// A public Ed25519 key for EdDSA, in PEM.
    ///
    /// # Errors
    /// [`KeyError::NotAKey`] when it is none.
    pub fn ed25519_pem(pem: &[u8]) -> Result<Self, KeyError> {
        let key = DecodingKey::from_ed_pem(pem).map_err(|_| KeyError::NotAKey)?;
        Self::ed25519(key)
    }

    /// Names the key. Tokens with another `kid` in their header are not checked with it.
    #[must_use]
    pub fn kid(mut self, kid: impl Into<String>) -> Self {
        self.kid = Some(kid.into());
        self
    }

    pub(super) fn rsa(key: DecodingKey, modulus: &[u8]) -> Result<Self, KeyError> {
        if modulus.iter().skip_while(|byte| **byte == 0).count() < MIN_MODULUS {
            return Err(KeyError::TooShort);
        }
        Self::new(Algorithm::RS256, key)
    }

    pub(super) fn ed25519(key: DecodingKey) -> Result<Self, KeyError> {
        // The provider slices without looking.
        if key.try_get_as_bytes().map(<[u8]>::len).ok() != Some(32) {
            return Err(KeyError::NotAKey);
        }
        Self::new(Algorithm::EdDSA, key)
    }

    /// Tries the key once, so that a bad one is found here and not with the first token.
    pub(super) fn new(algorithm: Algorithm, key: DecodingKey) -> Result<Self, KeyError> {
        // This provider, and not the process's default: that one panics when some other crate turned on a second.
        (DEFAULT_PROVIDER.verifier_factory)(&algorithm, &key).map_err(|_| KeyError::NotAKey)?;
        Ok(Self { kid: None, algorithm, key })
    }

    /// Whether a token with this header is to be checked with this key.
    pub(super) fn is_for(&self, algorithm: &str, kid: Option<&str>) -> bool {
        let same_algorithm = match self.algorithm.family() {
            AlgorithmFamily::Hmac => algorithm == "HS256",
            AlgorithmFamily::Rsa => algorithm == "RS256",
            AlgorithmFamily::Ec => algorithm == "ES256",
            // RFC 9864 gives it the second name.
            AlgorithmFamily::Ed => algorithm == "EdDSA" || algorithm == "Ed25519",
        };
        same_algorithm && self.kid.as_deref().is_none_or(|own| kid.is_none_or(|kid| kid == own))
    }

    /// Whether it made this signature; HMACs are compared in constant time.
    pub(super) fn verifies(&self, message: &[u8], signature: &Vec<u8>) -> bool {
        (DEFAULT_PROVIDER.verifier_factory)(&self.algorithm, &self.key)
            .is_ok_and(|verifier| verifier.verify(message, signature).is_ok())
    }
}

impl fmt::Debug for JwtKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JwtKey")
            .field("kid", &self.kid)
            .field("algorithm", &self.algorithm)
            .finish_non_exhaustive()
    }
}

/// A key that cannot or should not be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyError {
    /// It is too short to be safe: HS256 needs 32 bytes, RS256 needs 2048 bits.
    TooShort,
    /// It is not a key of the expected kind.
    NotAKey,
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooShort => "the key is too short: HS256 needs at least 32 bytes, RS256 at least 2048 bits",
            Self::NotAKey => "this is not a key of the expected kind",
        })
    }
}

impl std::error::Error for KeyError {}
