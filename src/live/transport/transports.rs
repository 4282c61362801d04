use std::{fmt, sync::Arc};

use actix_web::{
    HttpRequest,
    http::{
        StatusCode,
        header::{self, HeaderValue},
    },
};

use crate::{
    live::{
        LiveNode,
        protocol::Codec,
        socket::{HandshakeError, SocketSettings},
    },
    problem::Problem,
};

/// The endpoints of live channels, as functions: who mounts them says who comes.
#[derive(Clone)]
pub struct Transports {
    pub(super) live: LiveNode,
    pub(super) settings: Arc<SocketSettings>,
}

impl Transports {
    /// With these settings of the sockets, whose limits and origins hold for the other transports, too.
    #[must_use]
    pub fn new(live: LiveNode, settings: SocketSettings) -> Self {
        let settings = settings.protocol(Codec::PROTOBUF_SUBPROTOCOL);
        Self { live, settings: Arc::new(settings) }
    }

    /// # Errors
    /// What to answer somebody who cannot be let in, whoever they are.
    pub(super) fn let_in(&self, request: &HttpRequest) -> Result<(), Problem> {
        if !self.live.node().has_room() {
            let full = Problem::new(StatusCode::SERVICE_UNAVAILABLE).code("no_room");
            let full = full.detail("there is no room for another connection");
            return Err(full.header(header::RETRY_AFTER, HeaderValue::from_static("1")));
        }
        self.check_origin(request)
    }

    pub(super) fn check_origin(&self, request: &HttpRequest) -> Result<(), Problem> {
        if self.settings.admits(request) { Ok(()) } else { Err(HandshakeError::Origin.into()) }
    }
}

impl fmt::Debug for Transports {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transports").field("live", &self.live).finish_non_exhaustive()
    }
}
