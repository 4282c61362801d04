//! Reading a JSON Web Token (RFC 7519): header, signature, registered claims.
//!
//! The crate jsonwebtoken checks signatures. The claims are checked here, because its own check lets tokens pass that have
//! no `iss` although an issuer is expected, and knows five claims only when more are required.

use std::{borrow::Cow, fmt};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, IgnoredAny, MapAccess, Visitor},
};

use super::JwtKey;

/// Why a token is refused. The texts are safe to send: they say nothing that its bearer could not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    Expired,
    NotYet,
    Invalid(&'static str),
}

impl Refused {
    pub(crate) const fn detail(self) -> &'static str {
        match self {
            Self::Expired => "the token has expired",
            Self::NotYet => "the token is not valid yet",
            Self::Invalid(_) => "the token is not valid",
        }
    }

    /// For the log.
    pub(crate) const fn reason(self) -> &'static str {
        match self {
            Self::Expired | Self::NotYet => self.detail(),
            Self::Invalid(reason) => reason,
        }
    }
}

/// The part of the header that counts (RFC 7515 §4.1). Keys that a token brings along (`jwk`, `jku`, `x5u`) do not.
#[derive(Deserialize)]
struct Header<'a> {
    #[serde(borrow)]
    alg: Cow<'a, str>,
    #[serde(borrow, default)]
    kid: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    typ: Option<Cow<'a, str>>,
    #[serde(default)]
    crit: Option<IgnoredAny>,
}

/// What a token must fulfil.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rules {
    pub(crate) issuers: Vec<String>,
    pub(crate) audiences: Vec<String>,
    pub(crate) any_audience: bool,
    pub(crate) required: Vec<String>,
    pub(crate) without_expiry: bool,
    pub(crate) leeway: f64,
    pub(crate) token_type: Option<String>,
}

/// Checks header and signature.
///
/// # Errors
/// The token was not signed by one of these keys, or is no token.
pub(crate) fn verified_payload(token: &str, keys: &[JwtKey], rules: &Rules) -> Result<Vec<u8>, Refused> {
    const SHAPE: Refused = Refused::Invalid("it does not have the shape of a token");
    let (message, signature) = token.rsplit_once('.').ok_or(SHAPE)?;
    let (header, payload) = message.split_once('.').ok_or(SHAPE)?;
    let header = URL_SAFE_NO_PAD.decode(header).map_err(|_| SHAPE)?;
    let header: Header<'_> = serde_json::from_slice(&header).map_err(|_| SHAPE)?;
    if header.crit.is_some() {
        // RFC 7515 §4.1.11: an extension that must be understood, and we understand none.
        return Err(Refused::Invalid("its header has `crit`"));
    }
    if let Some(expected) = &rules.token_type
        && !header.typ.as_deref().is_some_and(|typ| same_type(typ, expected))
    {
        return Err(Refused::Invalid("it is of another type"));
    }
    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| SHAPE)?;
    let mut suitable = keys.iter().filter(|key| key.is_for(&header.alg, header.kid.as_deref())).peekable();
    if suitable.peek().is_none() {
        return Err(Refused::Invalid("no key fits its `alg` and `kid`"));
    }
    if !suitable.any(|key| key.verifies(message.as_bytes(), &signature)) {
        return Err(Refused::Invalid("its signature is wrong"));
    }
    URL_SAFE_NO_PAD.decode(payload).map_err(|_| SHAPE)
}

/// RFC 7515 §4.1.9: `application/` may be left out, and media types are compared without regard to case.
fn same_type(a: &str, b: &str) -> bool {
    fn bare(typ: &str) -> &str {
        match typ.split_at_checked("application/".len()) {
            Some((prefix, rest)) if prefix.eq_ignore_ascii_case("application/") => rest,
            _ => typ,
        }
    }
    bare(a).eq_ignore_ascii_case(bare(b))
}

impl Rules {
    /// Checks the registered claims (RFC 7519 §4.1) at `now`, in seconds since 1970. Gives the granted scopes, which are only
    /// read when `scopes` are asked for.
    ///
    /// # Errors
    /// What is wrong first.
    pub(crate) fn check(&self, payload: &[u8], now: f64, scopes: bool) -> Result<Granted, Refused> {
        let mut reader = serde_json::Deserializer::from_slice(payload);
        let claims = ClaimsSeed { rules: self, scopes }
            .deserialize(&mut reader)
            .and_then(|claims| reader.end().map(|()| claims))
            .map_err(|_| Refused::Invalid("its registered claims are malformed"))?;
        match claims.exp {
            Some(exp) if now >= exp + self.leeway => return Err(Refused::Expired),
            None if !self.without_expiry => return Err(Refused::Invalid("it has no `exp`")),
            _ => {}
        }
        if claims.nbf.is_some_and(|nbf| now + self.leeway < nbf) {
            return Err(Refused::NotYet);
        }
        let issued = claims.iss.is_some_and(|iss| self.issuers.contains(&iss));
        if !self.issuers.is_empty() && !issued {
            return Err(Refused::Invalid("its `iss` is wrong or missing"));
        }
        let meant = claims.aud.as_ref().is_some_and(|aud| aud.iter().any(|one| self.audiences.contains(one)));
        // Without an audience of our own, a token for someone else must be refused too (RFC 7519 §4.1.3).
        let asked = !self.audiences.is_empty() || claims.aud.is_some();
        if asked && !meant && !self.any_audience {
            return Err(Refused::Invalid("its `aud` is wrong or missing"));
        }
        if claims.missing {
            return Err(Refused::Invalid("a required claim is missing"));
        }
        Ok(Granted { scope: claims.scope, scp: claims.scp })
    }
}

/// The scopes of a token: `scope` (RFC 8693 §4.2), a list in one string, or `scp`, which some issuers use, a list or a string.
#[derive(Debug, Default)]
pub(crate) struct Granted {
    scope: Option<OneOrMany>,
    scp: Option<OneOrMany>,
}

impl Granted {
    pub(crate) fn has(&self, scope: &str) -> bool {
        let lists = [&self.scope, &self.scp].into_iter().flatten();
        lists.flat_map(OneOrMany::iter).flat_map(|text| text.split(' ')).any(|granted| granted == scope)
    }
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl OneOrMany {
    fn iter(&self) -> std::slice::Iter<'_, String> {
        match self {
            Self::One(one) => std::slice::from_ref(one).iter(),
            Self::Many(many) => many.iter(),
        }
    }
}

#[derive(Default)]
struct Claims {
    exp: Option<f64>,
    nbf: Option<f64>,
    iss: Option<String>,
    aud: Option<OneOrMany>,
    scope: Option<OneOrMany>,
    scp: Option<OneOrMany>,
    missing: bool,
}

/// Reads only what is asked for, in one pass.
struct ClaimsSeed<'a> {
    rules: &'a Rules,
    scopes: bool,
}

impl<'de> DeserializeSeed<'de> for ClaimsSeed<'_> {
    type Value = Claims;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Claims, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for ClaimsSeed<'_> {
    type Value = Claims;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the claims of a token")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Claims, A::Error> {
        let mut claims = Claims::default();
        let mut seen: Vec<bool> = vec![false; self.rules.required.len()];
        while let Some(Key(key)) = map.next_key()? {
            let present = match key.as_ref() {
                "exp" => read(&mut map, &mut claims.exp)?,
                "nbf" => read(&mut map, &mut claims.nbf)?,
                "iss" => read(&mut map, &mut claims.iss)?,
                "aud" => read(&mut map, &mut claims.aud)?,
                "scope" if self.scopes => read(&mut map, &mut claims.scope)?,
                "scp" if self.scopes => read(&mut map, &mut claims.scp)?,
                _ => map.next_value::<Option<IgnoredAny>>()?.is_some(),
            };
            for (seen, required) in seen.iter_mut().zip(&self.rules.required) {
                *seen |= present && *required == key;
            }
        }
        claims.missing = seen.contains(&false);
        Ok(claims)
    }
}

/// Reads a claim that may be there once.
fn read<'de, A: MapAccess<'de>, T: Deserialize<'de>>(
    map: &mut A,
    into: &mut Option<T>,
) -> Result<bool, A::Error> {
    if into.is_some() {
        // RFC 7519 §4: which of the two counts would depend on who reads it.
        return Err(serde::de::Error::custom("a claim is there twice"));
    }
    *into = map.next_value()?;
    Ok(into.is_some())
}

#[derive(Deserialize)]
struct Key<'a>(#[serde(borrow)] Cow<'a, str>);

#[cfg(test)]
#[path = "tests/jwt.rs"]
mod tests;
