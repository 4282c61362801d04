use actix_web::{HttpRequest, HttpResponse, body::MessageBody, http::header};
use bytes::Bytes;

use super::{
    Transports,
    query::{self, Words, unreadable},
};
use crate::live::{
    hub::Shard,
    protocol::{Codec, Command, ConnectRequest, Limits, Request},
    session::{Arrival, Core, Manner, Session, Wire, said},
    socket::StreamBody,
};
use crate::problem::Problem;

impl Transports {
    /// A response that goes on, for clients whose WebSocket is blocked: the request's body is the connect command, further ones come
    /// to [`emulation`](Self::emulation).
    ///
    /// # Errors
    ///
    /// When they cannot be let in.
    pub fn http_stream(
        &self,
        request: &HttpRequest,
        commands: Bytes,
        arrival: Arrival,
    ) -> Result<HttpResponse, Problem> {
        self.let_in(request)?;
        let codec = query::codec(request);
        let kind = match codec {
            Codec::Json => "text/plain; charset=utf-8",
            Codec::Protobuf => "application/octet-stream",
        };
        Ok(self.stream(Wire::Stream(codec), kind, arrival, Some(commands), None))
    }

    /// Server-sent events for clients whose WebSocket is blocked: the connect command is in `?cf_connect=`, further ones come to
    /// [`emulation`](Self::emulation).
    ///
    /// # Errors
    ///
    /// When they cannot be let in, or there is no connect command.
    pub fn events(&self, request: &HttpRequest, arrival: Arrival) -> Result<HttpResponse, Problem> {
        self.let_in(request)?;
        let words = Words::of(request);
        let command = words.get("cf_connect").ok_or_else(unreadable)?;
        let command = Bytes::copy_from_slice(command.as_bytes());
        if !is_connect(&command) {
            return Err(unreadable());
        }
        Ok(self.stream(Wire::Events, "text/event-stream", arrival, Some(command), None))
    }

    /// Server-sent events for a plain `EventSource`, which only listens: it is in the server's subscriptions. What it says to
    /// connect may be in `?cf_connect=`.
    ///
    /// # Errors
    ///
    /// When they cannot be let in, or what they say cannot be read.
    pub fn listening_events(&self, request: &HttpRequest, arrival: Arrival) -> Result<HttpResponse, Problem> {
        self.let_in(request)?;
        let words = Words::of(request);
        let said = words.get("cf_connect").map_or_else(|| Some(ConnectRequest::default()), said);
        let said = said.ok_or_else(unreadable)?;
        Ok(self.stream(Wire::BareEvents, "text/event-stream", arrival, None, Some(said)))
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
        response(kind, body)
    }
}

/// Whether it is the connect command and nothing more: a GET, which any site can cause, does nothing else.
fn is_connect(frame: &Bytes) -> bool {
    let mut commands = Codec::Json.commands(frame.clone(), Limits::default());
    let first = commands.next();
    matches!(first, Some(Ok(Command { request: Request::Connect(_), .. }))) && commands.next().is_none()
}

/// A stream of events.
pub(super) fn event_stream(body: impl MessageBody + 'static) -> HttpResponse {
    response("text/event-stream", body)
}

fn response(kind: &'static str, body: impl MessageBody + 'static) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, kind))
        .insert_header((header::CACHE_CONTROL, "private, no-cache, no-store, must-revalidate, max-age=0"))
        .insert_header(("X-Accel-Buffering", "no"))
        // A middleware that compresses would gather it.
        .insert_header((header::CONTENT_ENCODING, "identity"))
        .body(body)
}
