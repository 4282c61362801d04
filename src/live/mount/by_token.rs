use std::{any::TypeId, fmt, rc::Rc, sync::Arc, time::SystemTime};

use crate::live::{
    ChannelOptions, Channels as _, DeclaredChannels, Grant, Peer, SharedIdentity,
    protocol::{ErrorCode, ReplyError},
    session::{Admitted, Arrival, Refusal},
    tokens::{ConnectionToken, LiveTokens, SubscriptionToken, TokenFault},
};

type Read = Arc<dyn Fn(&ConnectionToken) -> Option<Rc<dyn SharedIdentity>> + Send + Sync>;

/// Tokens, and what identity they give.
#[derive(Clone)]
pub(crate) struct ByToken {
    tokens: LiveTokens,
    pub(super) identity: (TypeId, &'static str),
    read: Read,
}

impl ByToken {
    pub(crate) fn new<I: Clone + 'static>(
        tokens: LiveTokens,
        read: impl Fn(&ConnectionToken) -> Option<I> + Send + Sync + 'static,
    ) -> Self {
        Self {
            tokens,
            identity: (TypeId::of::<I>(), std::any::type_name::<I>()),
            read: Arc::new(move |token| Some(Rc::new(read(token)?) as Rc<dyn SharedIdentity>)),
        }
    }

    /// Replaces the clock, for tests.
    #[cfg(feature = "testing")]
    pub(super) fn clock(self, now: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        Self { tokens: self.tokens.clock(now), ..self }
    }

    pub(super) fn admit(
        &self,
        mut arrival: Arrival,
        token: &str,
        channels: &DeclaredChannels,
    ) -> Result<Admitted, Refusal> {
        let token = self.tokens.connection(token).map_err(|fault| refusal(fault, true))?;
        let Some(identity) = (self.read)(&token) else {
            return Err(refusal(TokenFault::Foreign, true));
        };
        arrival.identity = Some(identity);
        arrival.user = token.user;
        arrival.expires = token.expires;
        arrival.info = token.info;
        let granted = |(channel, granted): (String, SubscriptionToken)| {
            let logic = channels.channel(&channel);
            let options = logic.and_then(|logic| granted.overrides.over(logic.options()));
            let grant = Grant { info: granted.info, data: granted.data, options, ..Grant::default() };
            (channel, grant)
        };
        let channels = token.channels.into_iter().map(granted).collect();
        Ok(Admitted { arrival, by_token: true, data: None, channels })
    }

    /// A new token says anew who it is: whoever lost a right does not keep it with the connection.
    pub(super) fn renew(&self, peer: &Peer, token: &str) -> Result<Option<SystemTime>, Refusal> {
        let token = self.tokens.connection(token).map_err(|fault| refusal(fault, true))?;
        let identity =
            Some(&token).filter(|token| token.user == peer.user).and_then(|token| (self.read)(token));
        let Some(identity) = identity else { return Err(refusal(TokenFault::Foreign, true)) };
        peer.identity.replace(Some(identity));
        peer.info.replace(token.info);
        Ok(token.expires)
    }

    pub(super) fn subscription(
        &self,
        peer: &Peer,
        channel: &str,
        token: &str,
        options: &ChannelOptions,
    ) -> Result<Grant, ReplyError> {
        let refused = |fault: TokenFault| fault.error(false).unwrap_or(ErrorCode::PERMISSION_DENIED);
        let token = self.tokens.subscription(token, channel, &peer.user).map_err(refused)?;
        let options = token.overrides.over(options);
        Ok(Grant { info: token.info, data: token.data, expires: token.expires, options, ..Grant::default() })
    }
}

fn refusal(fault: TokenFault, connecting: bool) -> Refusal {
    match (fault.disconnect(), fault.error(connecting)) {
        (Some(code), _) => Refusal::Disconnect(code.into()),
        (None, error) => Refusal::Error(error.unwrap_or(ErrorCode::PERMISSION_DENIED).into()),
    }
}

impl fmt::Debug for ByToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ByToken").field("identity", &self.identity.1).finish_non_exhaustive()
    }
}
