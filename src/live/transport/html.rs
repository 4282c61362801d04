use std::{
    future::poll_fn,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll},
};

use actix_web::{
    HttpRequest, HttpResponse,
    body::{BodySize, MessageBody},
    dev::Payload,
    http::StatusCode,
    web::Query,
};
use bytes::Bytes;

use super::{Transports, stream::event_stream};
use crate::{
    live::{
        html,
        hub::Shard,
        protocol::{ConnectRequest, DisconnectCode, ErrorCode},
        session::{Arrival, Core, Manner, Page, Refusal, Session, Stage, Wire},
        socket::{Handshake, StreamBody},
    },
    problem::Problem,
};

impl Transports {
    /// Server-sent events whose data is HTML, for a page: of the channels in `?channel=`, which may be there many times, and of the
    /// server's subscriptions. What came after `Last-Event-ID`, or else `?since=`, is sent first.
    ///
    /// # Errors
    ///
    /// When they cannot be let in, or one of the channels does not want them.
    pub async fn html_events(
        &self,
        request: &HttpRequest,
        arrival: Arrival,
    ) -> Result<HttpResponse, Problem> {
        self.let_in(request)?;
        let page = page(request);
        let shard = Shard::of(self.live.node());
        let mut opened = None;
        let body = StreamBody::open(self.settings.clone(), |outbox| {
            let core = Core::open(shard, outbox.clone(), Wire::HtmlEvents, arrival);
            opened = Some(Rc::clone(&core));
            session(core, page, Manner::Pings)
        });
        let mut body = Box::pin(body);
        // The status tells whether they are let in: an `EventSource` understands no other way.
        let first = poll_fn(|cx| body.as_mut().poll_next(cx)).await;
        let is_in = opened.as_ref().is_some_and(|core| core.stage.get() == Stage::Connected);
        match first {
            Some(Ok(first)) if is_in => Ok(event_stream(Begun { first: Some(first), body })),
            _ => {
                let page = opened.as_ref().and_then(|core| core.page.get());
                Err(refused(page.and_then(|page| page.refusal.take())))
            }
        }
    }

    /// A WebSocket whose messages are HTML, for a page: of the channels in `?channel=`, which may be there many times, and of the
    /// server's subscriptions.
    ///
    /// # Errors
    ///
    /// When it is no handshake, or one that is not accepted.
    pub fn html_websocket(
        &self,
        request: &HttpRequest,
        payload: Payload,
        arrival: Arrival,
    ) -> Result<HttpResponse, Problem> {
        let handshake = Handshake::check(request, &self.settings)?;
        self.let_in(request)?;
        let page = page(request);
        let shard = Shard::of(self.live.node());
        Ok(handshake.open(payload, |outbox| {
            let core = Core::open(shard, outbox.clone(), Wire::HtmlSocket, arrival);
            session(core, page, Manner::Frames)
        }))
    }
}

fn session(core: Rc<Core>, page: Page, manner: Manner) -> Session {
    let _ = core.page.set(Box::new(page));
    let mut session = Session::new(core, manner);
    session.connect(ConnectRequest::default());
    session
}

fn page(request: &HttpRequest) -> Page {
    let words = Query::<Vec<(String, String)>>::from_query(request.query_string());
    let words = words.map(Query::into_inner).unwrap_or_default();
    let last = request.headers().get("last-event-id").and_then(|id| id.to_str().ok());
    let since = last.or_else(|| words.iter().find(|(name, _)| name == "since").map(|(_, id)| id.as_str()));
    let since = since.map(html::positions).unwrap_or_default();
    let channels = words.into_iter().filter(|(name, _)| name == "channel").map(|(_, channel)| channel);
    Page { channels: channels.collect(), since, ..Page::default() }
}

/// The status that says why.
fn refused(refusal: Option<Refusal>) -> Problem {
    let unavailable = StatusCode::SERVICE_UNAVAILABLE;
    match refusal {
        Some(Refusal::Error(error)) => {
            let status = match error.code {
                ErrorCode::UNAUTHORIZED | ErrorCode::TOKEN_EXPIRED | ErrorCode::EXPIRED => {
                    StatusCode::UNAUTHORIZED
                }
                ErrorCode::UNKNOWN_CHANNEL => StatusCode::NOT_FOUND,
                ErrorCode::BAD_REQUEST | ErrorCode::LIMIT_EXCEEDED => StatusCode::BAD_REQUEST,
                ErrorCode::TOO_MANY_REQUESTS => StatusCode::TOO_MANY_REQUESTS,
                ErrorCode::INTERNAL if error.temporary => unavailable,
                ErrorCode::INTERNAL => StatusCode::INTERNAL_SERVER_ERROR,
                // A code of the application's is often a status.
                code => u16::try_from(code.get())
                    .ok()
                    .filter(|code| (400..500).contains(code))
                    .and_then(|code| StatusCode::from_u16(code).ok())
                    .unwrap_or(StatusCode::FORBIDDEN),
            };
            Problem::new(status).code("refused").detail(error.message)
        }
        Some(Refusal::Disconnect(why)) => {
            let status = match why.code() {
                DisconnectCode::CONNECTION_LIMIT => StatusCode::TOO_MANY_REQUESTS,
                DisconnectCode::INVALID_TOKEN => StatusCode::UNAUTHORIZED,
                code if code.reconnects() => unavailable,
                _ => StatusCode::FORBIDDEN,
            };
            Problem::new(status).code("refused").detail(why.reason().to_owned())
        }
        None => Problem::new(unavailable).code("busy"),
    }
}

/// A body whose first chunk was taken.
struct Begun {
    first: Option<Bytes>,
    body: Pin<Box<StreamBody<Session>>>,
}

impl MessageBody for Begun {
    type Error = <StreamBody<Session> as MessageBody>::Error;

    fn size(&self) -> BodySize {
        BodySize::Stream
    }

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        match self.first.take() {
            Some(first) => Poll::Ready(Some(Ok(first))),
            None => self.body.as_mut().poll_next(cx),
        }
    }
}
