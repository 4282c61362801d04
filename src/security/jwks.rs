//! JSON Web Key Sets (RFC 7517): the form in which issuers publish their keys.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use serde_json::Value;

use super::{JwtKey, KeyError};

#[derive(Deserialize)]
struct Set {
    keys: Vec<Value>,
}

/// The members that count (RFC 7517 §4, RFC 7518 §6, RFC 8037 §2).
#[derive(Deserialize)]
struct Jwk {
    kty: String,
    #[serde(default, rename = "use")]
    usage: Option<String>,
    #[serde(default)]
    alg: Option<String>,
    #[serde(default)]
    kid: Option<String>,
    #[serde(default)]
    crv: String,
    #[serde(default)]
    n: String,
    #[serde(default)]
    e: String,
    #[serde(default)]
    x: String,
    #[serde(default)]
    y: String,
}

impl JwtKey {
    /// The keys of a JWK Set, as `jwks_uri` of an issuer answers it. Keys for other algorithms than RS256, ES256 and EdDSA, for
    /// encryption, and those that are too short are left out, as RFC 7517 §5 has it; shared secrets too, for a secret that is
    /// published is none.
    ///
    /// # Errors
    /// [`KeyError::NotAKey`] when no usable key is left.
    pub fn from_jwks(jwks: &[u8]) -> Result<Vec<Self>, KeyError> {
        let set: Set = serde_json::from_slice(jwks).map_err(|_| KeyError::NotAKey)?;
        let jwks = set.keys.into_iter().filter_map(|key| serde_json::from_value::<Jwk>(key).ok());
        let keys: Vec<Self> = jwks.filter_map(|jwk| jwk.into_key().ok()).collect();
        if keys.is_empty() { Err(KeyError::NotAKey) } else { Ok(keys) }
    }
}

impl Jwk {
    fn into_key(self) -> Result<JwtKey, KeyError> {
        if self.usage.as_deref().is_some_and(|usage| usage != "sig") {
            return Err(KeyError::NotAKey);
        }
        let (algorithm, names): (_, &[&str]) = match (self.kty.as_str(), self.crv.as_str()) {
            ("RSA", _) => (Algorithm::RS256, &["RS256"]),
            ("EC", "P-256") => (Algorithm::ES256, &["ES256"]),
            ("OKP", "Ed25519") => (Algorithm::EdDSA, &["EdDSA", "Ed25519"]),
            _ => return Err(KeyError::NotAKey),
        };
        if self.alg.as_deref().is_some_and(|alg| !names.contains(&alg)) {
            return Err(KeyError::NotAKey);
        }
        let decode = |text: &str| URL_SAFE_NO_PAD.decode(text).map_err(|_| KeyError::NotAKey);
        let key = match algorithm {
            Algorithm::RS256 => {
                let (n, e) = (decode(&self.n)?, decode(&self.e)?);
                JwtKey::rsa(DecodingKey::from_rsa_raw_components(&n, &e), &n)?
            }
            Algorithm::ES256 => {
                let key = DecodingKey::from_ec_components(&self.x, &self.y).map_err(|_| KeyError::NotAKey)?;
                JwtKey::new(algorithm, key)?
            }
            _ => JwtKey::ed25519(DecodingKey::from_ed_der(&decode(&self.x)?))?,
        };
        Ok(match self.kid {
            Some(kid) => key.kid(kid),
            None => key,
        })
    }
}
