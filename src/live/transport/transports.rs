use std::{fmt, sync::Arc};

use actix_web::{HttpRequest, HttpResponse, http::header};

use crate::live::{LiveNode, protocol::Codec, socket::SocketSettings};

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

    /// An answer for somebody who cannot be let in, whoever they are.
    pub(super) fn turned_away(&self, request: &HttpRequest) -> Option<HttpResponse> {
        if !self.live.node().has_room() {
            return Some(
                HttpResponse::ServiceUnavailable()
                    .insert_header((header::RETRY_AFTER, "1"))
                    .body("There is no room for another connection."),
            );
        }
        if !self.settings.admits(request) {
            return Some(HttpResponse::Forbidden().body("pages of this origin may not connect"));
        }
        None
    }
}

impl fmt::Debug for Transports {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transports").field("live", &self.live).finish_non_exhaustive()
    }
}
