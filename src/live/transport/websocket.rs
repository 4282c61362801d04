use actix_web::{HttpRequest, HttpResponse, dev::Payload};

use super::{
    Transports,
    query::{Words, unreadable},
};
use crate::live::{
    hub::Shard,
    protocol::Codec,
    session::{Arrival, Core, Manner, Session, Wire, said},
    socket::Handshake,
};
use crate::problem::Problem;

impl Transports {
    /// The WebSocket of Centrifugo's clients: in Protobuf when the subprotocol `centrifuge-protobuf` or `?format=protobuf` says so,
    /// else in JSON. With `?cf_ws_frame_ping_pong=true`, pings are WebSocket's own.
    ///
    /// # Errors
    ///
    /// When it is no handshake, or one that is not accepted.
    pub fn websocket(
        &self,
        request: &HttpRequest,
        payload: Payload,
        arrival: Arrival,
    ) -> Result<HttpResponse, Problem> {
        let handshake = Handshake::check(request, &self.settings)?;
        self.let_in(request)?;
        let words = Words::of(request);
        let is_protobuf = handshake.protocol().is_some() || words.is_protobuf();
        let codec = if is_protobuf { Codec::Protobuf } else { Codec::Json };
        let is_framed = words.get("cf_ws_frame_ping_pong") == Some("true");
        let manner = if is_framed { Manner::Frames } else { Manner::PingPong };
        let shard = Shard::of(self.live.node());
        Ok(handshake.open(payload, |outbox| {
            Session::new(Core::open(shard, outbox.clone(), Wire::Socket(codec), arrival), manner)
        }))
    }

    /// A WebSocket for clients that only listen: what they say to connect is in `?cf_connect=`, as JSON, or in their first message,
    /// and they are in the server's subscriptions.
    ///
    /// # Errors
    ///
    /// When it is no handshake, or one that is not accepted.
    pub fn listening_websocket(
        &self,
        request: &HttpRequest,
        payload: Payload,
        arrival: Arrival,
    ) -> Result<HttpResponse, Problem> {
        let handshake = Handshake::check(request, &self.settings)?;
        self.let_in(request)?;
        let words = Words::of(request);
        let request = match words.get("cf_connect").map(said) {
            Some(None) => return Err(unreadable()),
            Some(request) => request,
            None => None,
        };
        let shard = Shard::of(self.live.node());
        Ok(handshake.open(payload, |outbox| {
            let core = Core::open(shard, outbox.clone(), Wire::BareSocket, arrival);
            let mut session = Session::new(core, Manner::Pings);
            if let Some(request) = request {
                session.connect(request);
            }
            session
        }))
    }
}
