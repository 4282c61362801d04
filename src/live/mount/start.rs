use std::{fmt, io, sync::Arc};

#[cfg(feature = "jwt")]
use super::by_token::ByToken;
use super::{Declared, door::Door};
#[cfg(feature = "jwt")]
use crate::live::tokens::{ConnectionToken, LiveTokens};
use crate::{
    live::{
        Live, LiveNode, LiveSettings,
        broker::{BrokerError, Engine},
    },
    router::MountErrors,
};

/// Why live channels do not start.
#[derive(Debug)]
#[non_exhaustive]
pub enum StartError {
    /// What is wrong with the declarations, all of it.
    Channels(MountErrors),
    /// The broker cannot be reached.
    Broker(BrokerError),
    /// The broker's thread cannot be started.
    Thread(io::Error),
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Channels(faults) => faults.fmt(f),
            Self::Broker(error) => write!(f, "the live channels do not start: {error}"),
            Self::Thread(error) => {
                write!(f, "the live channels do not start: no thread for the broker: {error}")
            }
        }
    }
}

impl std::error::Error for StartError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(match self {
            Self::Channels(faults) => faults,
            Self::Broker(error) => error,
            Self::Thread(error) => error,
        })
    }
}

/// What is not about channels.
#[derive(Clone, Default)]
pub(crate) struct Setup {
    settings: LiveSettings,
    engine: Option<Engine>,
    #[cfg(feature = "jwt")]
    anonymous: bool,
    #[cfg(feature = "jwt")]
    tokens: Option<ByToken>,
}

impl Live {
    /// How connections behave.
    pub fn settings(mut self, settings: LiveSettings) -> Self {
        self.setup.settings = settings;
        self
    }

    /// The broker, the store of presence, and what carries orders to other nodes. Default: this process's memory, which a restart
    /// empties; clients are told then that they could not recover.
    pub fn engine(mut self, engine: Engine) -> Self {
        self.setup.engine = Some(engine);
        self
    }

    /// Takes connection and subscription tokens, beside what the router's schemes find out from the request. Channels get
    /// `Identity<ConnectionToken>` of such connections.
    ///
    /// Somebody who shows no token, and whom no scheme has found, is refused with 101 unless [`anonymous`](Self::anonymous) lets
    /// them in.
    #[cfg(feature = "jwt")]
    pub fn tokens(self, tokens: LiveTokens) -> Self {
        self.tokens_as(tokens, |token: &ConnectionToken| Some(token.clone()))
    }

    /// As [`tokens`](Self::tokens), with the identity that channels get; `None` refuses the token with 3500.
    #[cfg(feature = "jwt")]
    pub fn tokens_as<I: Clone + 'static>(
        mut self,
        tokens: LiveTokens,
        identity: impl Fn(&ConnectionToken) -> Option<I> + Send + Sync + 'static,
    ) -> Self {
        self.setup.tokens = Some(ByToken::new(tokens, identity));
        self
    }

    /// Lets in those who show no token although tokens are taken. Their user id is empty.
    #[cfg(feature = "jwt")]
    pub fn anonymous(mut self) -> Self {
        self.setup.anonymous = true;
        self
    }

    /// Starts it; once a process, before the server. Then [`LiveNode::endpoints`] go into a router, and
    /// [`LiveNode::broadcaster`] wherever something is published.
    ///
    /// ```
    /// use actix_charter::prelude::*;
    ///
    /// struct Rooms;
    ///
    /// #[channel("room:{id}")]
    /// impl Rooms {
    ///     /// Anyone may listen.
    ///     #[subscribe]
    ///     async fn enter(&self) {}
    /// }
    ///
    /// let live = Live::new().channel(Rooms).start()?;
    /// let api = Router::new("/api").live("/live", live.endpoints());
    /// let broadcaster = live.broadcaster();
    /// # api.assert_sound();
    /// # actix_web::rt::System::new().block_on(async {
    /// broadcaster.publish("room:7", &"hello").await?;
    /// # Ok::<(), actix_charter::live::BroadcastError>(()) }).unwrap();
    /// # Ok::<(), actix_charter::live::StartError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// See [`StartError`].
    pub fn start(self) -> Result<LiveNode, StartError> {
        let (declared, door, engine, settings) = self.into_parts()?;
        let node = LiveNode::start(Arc::clone(&declared.channels) as _, Arc::new(door), engine, settings)?;
        Ok(node.declared(declared))
    }

    /// Starts it on the current runtime, for tests on paused time.
    ///
    /// # Errors
    ///
    /// See [`StartError`].
    #[doc(hidden)]
    pub async fn start_here(self) -> Result<LiveNode, StartError> {
        let (declared, door, engine, settings) = self.into_parts()?;
        let channels = Arc::clone(&declared.channels) as _;
        let node = LiveNode::start_here(channels, Arc::new(door), engine, settings).await;
        Ok(node.map_err(StartError::Broker)?.declared(declared))
    }

    /// Replaces the clock of connections and tokens, for tests.
    #[cfg(feature = "testing")]
    pub(crate) fn clock(
        mut self,
        now: impl Fn() -> std::time::SystemTime + Clone + Send + Sync + 'static,
    ) -> Self {
        #[cfg(feature = "jwt")]
        {
            self.setup.tokens = self.setup.tokens.map(|tokens| tokens.clock(now.clone()));
        }
        self.setup.settings = self.setup.settings.clock(now);
        self
    }

    fn into_parts(self) -> Result<(Declared, Door, Engine, LiveSettings), StartError> {
        let channels = Arc::new(self.declare().map_err(StartError::Channels)?);
        let Setup { settings, engine, .. } = self.setup.clone();
        #[cfg(feature = "jwt")]
        let by_token = self.setup.tokens.as_ref().map(|tokens| tokens.identity);
        #[cfg(not(feature = "jwt"))]
        let by_token = None;
        let door = Door {
            channels: Arc::clone(&channels),
            #[cfg(feature = "jwt")]
            tokens: self.setup.tokens.clone(),
            #[cfg(feature = "jwt")]
            anonymous: self.setup.anonymous,
        };
        Ok((Declared { live: self, channels, by_token }, door, engine.unwrap_or_default(), settings))
    }
}
