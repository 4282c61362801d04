use std::{
    fmt,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use serde::de::DeserializeOwned;

use super::{
    ConnectionToken, Renewal, SubscriptionToken, TokenFault,
    claims::{ConnectionClaims, SubClaims, SubscriptionClaims, end},
};
use crate::security::{JwtKey, JwtKeys, JwtRefused, JwtRules, KeyError, verified_payload};

/// Verifies the tokens of connections and subscriptions. Clones share their keys.
///
/// ```
/// use actix_charter::live::LiveTokens;
///
/// # fn main() -> Result<(), actix_charter::security::KeyError> {
/// let tokens = LiveTokens::hs256(b"32 random bytes, from the secrets")?.issuer("https://login.example.org");
/// assert!(tokens.connection("no token").is_err());
/// # Ok(()) }
/// ```
///
/// As with [`Bearer`](crate::security::Bearer), the algorithm is the key's, never the token's, and a token for an audience that
/// is none of ours is refused.
#[derive(Clone)]
pub struct LiveTokens {
    keys: JwtKeys,
    rules: Arc<JwtRules>,
    clock: Arc<dyn Fn() -> SystemTime + Send + Sync>,
}

impl LiveTokens {
    /// Tokens that are signed with one of these keys.
    pub fn with_keys(keys: impl Into<JwtKeys>) -> Self {
        let rules = JwtRules { without_expiry: true, ..JwtRules::default() };
        Self { keys: keys.into(), rules: Arc::new(rules), clock: Arc::new(SystemTime::now) }
    }

    /// Tokens that are signed with a shared secret, HS256.
    ///
    /// # Errors
    /// As [`JwtKey::hs256`].
    pub fn hs256(secret: &[u8]) -> Result<Self, KeyError> {
        JwtKey::hs256(secret).map(Self::with_keys)
    }

    /// Tokens that are signed with RSA, RS256; takes the public key in PEM.
    ///
    /// # Errors
    /// As [`JwtKey::rs256_pem`].
    pub fn rs256_pem(public_key: &[u8]) -> Result<Self, KeyError> {
        JwtKey::rs256_pem(public_key).map(Self::with_keys)
    }

    /// Asks that `iss` be this issuer, or one of several when called again.
    #[must_use]
    pub fn issuer(mut self, issuer: impl Into<String>) -> Self {
        Arc::make_mut(&mut self.rules).issuers.push(issuer.into());
        self
    }

    /// Asks that `aud` hold this audience, or one of several when called again.
    #[must_use]
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        Arc::make_mut(&mut self.rules).audiences.push(audience.into());
        self
    }

    /// How far the issuer's clock may be off. Default: not at all.
    #[must_use]
    pub fn leeway(mut self, leeway: Duration) -> Self {
        Arc::make_mut(&mut self.rules).leeway = leeway.as_secs_f64();
        self
    }

    /// Refuses tokens without `exp`.
    #[must_use]
    pub fn must_expire(mut self) -> Self {
        Arc::make_mut(&mut self.rules).without_expiry = false;
        self
    }

    /// Replaces the clock, for tests with tokens whose times are fixed.
    #[must_use]
    pub fn clock(mut self, now: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        self.clock = Arc::new(now);
        self
    }

    /// Who connects with this token.
    ///
    /// # Errors
    /// It has expired, or is not valid. A subscription's token is not valid here.
    pub fn connection(&self, token: &str) -> Result<ConnectionToken, TokenFault> {
        let claims: ConnectionClaims = self.claims(token)?;
        if claims.channel.is_some() {
            return Err(refused("it is a subscription's token"));
        }
        let channels = claims.channels.into_iter().map(|channel| (channel, SubClaims::default()));
        let mut all: Vec<(String, SubscriptionToken)> = Vec::new();
        for (channel, granted) in claims.subs.into_iter().chain(channels) {
            if !all.iter().any(|(known, _)| *known == channel) {
                all.push((channel, granted.into_token(None)));
            }
        }
        Ok(ConnectionToken {
            user: claims.sub.unwrap_or_default(),
            id: claims.jti,
            expires: end(claims.exp, claims.expire_at),
            info: claims.info,
            meta: claims.meta,
            channels: all,
        })
    }

    /// What this token grants that user in that channel.
    ///
    /// # Errors
    /// It has expired, is not valid, or is for another user or channel.
    pub fn subscription(
        &self,
        token: &str,
        channel: &str,
        user: &str,
    ) -> Result<SubscriptionToken, TokenFault> {
        let claims: SubscriptionClaims = self.claims(token)?;
        if claims.channel != channel || claims.sub.as_deref().unwrap_or_default() != user {
            return Err(TokenFault::Foreign);
        }
        Ok(claims.granted.into_token(end(claims.exp, claims.expire_at)))
    }

    /// How long that user's connection goes on with this new token.
    ///
    /// # Errors
    /// It has expired, is not valid, or is another user's.
    pub fn renew_connection(&self, token: &str, user: &str) -> Result<Renewal, TokenFault> {
        let token = self.connection(token)?;
        if token.user == user { Ok(token.expires.into()) } else { Err(TokenFault::Foreign) }
    }

    /// How long that user's subscription goes on with this new token.
    ///
    /// # Errors
    /// As [`subscription`](Self::subscription).
    pub fn renew_subscription(&self, token: &str, channel: &str, user: &str) -> Result<Renewal, TokenFault> {
        self.subscription(token, channel, user).map(|token| token.expires.into())
    }

    fn claims<C: DeserializeOwned>(&self, token: &str) -> Result<C, TokenFault> {
        let fault = |refused: JwtRefused| match refused {
            JwtRefused::Expired => TokenFault::Expired,
            other => self::refused(other.reason()),
        };
        let payload = verified_payload(token, &self.keys.get(), &self.rules).map_err(fault)?;
        let now = (self.clock)().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64();
        self.rules.check(&payload, now, false).map_err(fault)?;
        serde_json::from_slice(&payload).map_err(|_| refused("its claims are malformed"))
    }
}

/// The reason is for the log alone.
fn refused(reason: &'static str) -> TokenFault {
    tracing::debug!(target: "actix_charter::live", reason, "a token was refused");
    TokenFault::Invalid
}

impl SubClaims {
    fn into_token(self, expires: Option<SystemTime>) -> SubscriptionToken {
        SubscriptionToken { expires, info: self.info, data: self.data, overrides: self.overrides }
    }
}

impl fmt::Debug for LiveTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LiveTokens").field("rules", &self.rules).finish_non_exhaustive()
    }
}
