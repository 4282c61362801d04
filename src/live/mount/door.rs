use std::{rc::Rc, sync::Arc, time::SystemTime};

use futures_util::future::{LocalBoxFuture, ready};

#[cfg(feature = "jwt")]
use super::by_token::ByToken;
use crate::live::{
    Channels as _, DeclaredChannels, Grant, Peer,
    protocol::{DisconnectCode, ErrorCode, ReplyError},
    session::{Admission, Admitted, Arrival, Hello, Refusal},
};

/// Lets in whom the router's schemes or a token have found.
pub(super) struct Door {
    pub(super) channels: Arc<DeclaredChannels>,
    #[cfg(feature = "jwt")]
    pub(super) tokens: Option<ByToken>,
    /// Where tokens are taken: whether somebody without one may come, whom the schemes have not found either.
    #[cfg(feature = "jwt")]
    pub(super) anonymous: bool,
}

impl Door {
    fn admitted(&self, arrival: Arrival, hello: &Hello) -> Result<Admitted, Refusal> {
        #[cfg(feature = "jwt")]
        if let Some(tokens) = &self.tokens {
            if !hello.token.is_empty() {
                return tokens.admit(arrival, &hello.token, &self.channels);
            }
            if arrival.identity.is_none() && !self.anonymous {
                return Err(Refusal::Error(ErrorCode::UNAUTHORIZED.into()));
            }
            return Ok(arrival.into());
        }
        if hello.token.is_empty() {
            return Ok(arrival.into());
        }
        // Whoever shows one wants to be somebody, and would be nobody.
        tracing::warn!(
            target: "actix_charter::live",
            "a client sent a connection token, but none are taken: add `Live::tokens(..)`"
        );
        Err(Refusal::Disconnect(DisconnectCode::INVALID_TOKEN.into()))
    }

    fn renewed(&self, peer: &Peer, token: &str) -> Result<Option<SystemTime>, Refusal> {
        #[cfg(feature = "jwt")]
        if let Some(tokens) = self.tokens.as_ref().filter(|_| !token.is_empty()) {
            return tokens.renew(peer, token);
        }
        let _ = (peer, token);
        Err(Refusal::Error(ErrorCode::EXPIRED.into()))
    }

    fn granted(&self, peer: &Peer, channel: &str, token: &str) -> Result<Grant, ReplyError> {
        let logic = self.channels.channel(channel).ok_or(ErrorCode::UNKNOWN_CHANNEL)?;
        #[cfg(feature = "jwt")]
        if let Some(tokens) = &self.tokens {
            return tokens.subscription(peer, channel, token, logic.options());
        }
        let _ = (peer, logic, token);
        Err(ErrorCode::PERMISSION_DENIED.into())
    }
}

impl Admission for Door {
    fn admit(&self, arrival: Arrival, hello: Hello) -> LocalBoxFuture<'static, Result<Admitted, Refusal>> {
        Box::pin(ready(self.admitted(arrival, &hello)))
    }

    fn refresh(
        &self,
        peer: Rc<Peer>,
        token: String,
    ) -> LocalBoxFuture<'static, Result<Option<SystemTime>, Refusal>> {
        Box::pin(ready(self.renewed(&peer, &token)))
    }

    fn subscription(
        &self,
        peer: Rc<Peer>,
        channel: &str,
        token: String,
    ) -> LocalBoxFuture<'static, Result<Grant, ReplyError>> {
        Box::pin(ready(self.granted(&peer, channel, &token)))
    }
}
