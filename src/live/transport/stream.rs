use actix_web::{HttpRequest, HttpResponse, dev::Payload, http::header};
use bytes::Bytes;

use super::{
    Transports, body,
    query::{self, Words},
};
use crate::live::{
    hub::Shard,
    protocol::{Codec, ConnectRequest},
    session::{Arrival, Core, Manner, Session, Wire, said},
    socket::StreamBody,
};

impl Transports {
    /// A response that goes on, for clients whose WebSocket is blocked: the request's body is the connect command, further ones come
    /// to [`emulation`](Self::emulation).
    pub async fn http_stream(
        &self,
        request: &HttpRequest,
        payload: Payload,
        arrival: Arrival,
    ) -> HttpResponse {
        if let Some(away) = self.turned_away(request) {
            return away;
        }
        let codec = query::codec(request);
        let commands = match body::read(payload, self.settings.largest_message()).await {
            Ok(commands) => commands,
            Err(status) => return HttpResponse::new(status),
        };
        let kind = match codec {
            Codec::Json => "text/plain; charset=utf-8",
            Codec::Protobuf => "application/octet-stream",
        };
        self.stream(Wire::Stream(codec), kind, arrival, Some(commands), None)
    }

    /// Server-sent events for clients whose WebSocket is blocked: the connect command is in `?cf_connect=`, further ones come to
    /// [`emulation`](Self::emulation).
    pub fn events(&self, request: &HttpRequest, arrival: Arrival) -> HttpResponse {
        if let Some(away) = self.turned_away(request) {
            return away;
        }
        let words = Words::of(request);
        let Some(command) = words.get("cf_connect") else {
            return HttpResponse::BadRequest().body("cf_connect is missing");
        };
        let command = Bytes::copy_from_slice(command.as_bytes());
        self.stream(Wire::Events, "text/event-stream", arrival, Some(command), None)
    }

    /// Server-sent events for a plain `EventSource`, which only listens: it is in the server's subscriptions. What it says to
    /// connect may be in `?cf_connect=`.
    pub fn listening_events(&self, request: &HttpRequest, arrival: Arrival) -> HttpResponse {
        if let Some(away) = self.turned_away(request) {
            return away;
        }
        let words = Words::of(request);
        match words.get("cf_connect").map_or_else(|| Some(ConnectRequest::default()), said) {
            Some(said) => self.stream(Wire::BareEvents, "text/event-stream", arrival, None, Some(said)),
            None => HttpResponse::BadRequest().body("cf_connect cannot be read"),
        }
    }

    fn stream(
        &self,
        wire: Wire,
        kind: &'static str,
        arrival: Arrival,
        commands: Option<Bytes>,
        said: Option<ConnectRequest>,
    ) -> HttpResponse {
        let shard = Shard::of(self.live.node());
        let body = StreamBody::open(self.settings.clone(), |outbox| {
            let core = Core::open(shard, outbox.clone(), wire, arrival);
            if let Some(commands) = commands {
                core.take_in(commands);
            }
            let manner = if wire.is_bare() { Manner::Pings } else { Manner::PingPong };
            let mut session = Session::new(core, manner);
            if let Some(said) = said {
                session.connect(said);
            }
            session
        });
        HttpResponse::Ok()
            .insert_header((header::CONTENT_TYPE, kind))
            .insert_header((header::CACHE_CONTROL, "private, no-cache, no-store, must-revalidate, max-age=0"))
            .insert_header(("X-Accel-Buffering", "no"))
            .body(body)
    }
}
