use std::sync::Arc;

use actix_web::HttpResponse;

use super::{
    LiveEndpoints, LiveUser, Mount, Transport,
    endpoints::Who,
    opening::Opening,
    words::{Commands, Connect, Listen, PageWords, Socket, Upgrade, Words},
};
use crate::{
    endpoint::{ContractMode, HeaderSpec, Operation, Options, Output, OutputContent},
    live::{session::Arrival, transport::Transports},
    problem::Problem,
    request::RawBody,
    router::{BoundController, Charter, Controller},
    security::Requirement,
};

/// The endpoints as a controller, so that the router's schemes, middlewares, errors and document hold for them.
struct Ways {
    transports: Transports,
    who: Option<Who>,
}

impl Controller for Ways {
    fn charter() -> Charter<Self> {
        Charter::new("Live")
    }
}

impl Ways {
    fn arrival(&self, opening: &Opening) -> Arrival {
        let mut arrival = Arrival::anonymous(opening.request.clone());
        if let Some(identity) = &opening.identity {
            let user = self.who.as_ref().and_then(|who| who.read(identity.as_ref().as_any()));
            let LiveUser { id, info, session, expires } = user.unwrap_or_default();
            arrival.identity = Some(identity.clone());
            (arrival.user, arrival.info, arrival.session, arrival.expires) = (id, info, session, expires);
        }
        arrival
    }

    async fn websocket(
        &self,
        _: Words<Upgrade>,
        _: Words<Socket>,
        opening: Opening,
    ) -> Result<HttpResponse, Problem> {
        let arrival = self.arrival(&opening);
        self.transports.websocket(&opening.request, opening.payload, arrival)
    }

    async fn uni_websocket(
        &self,
        _: Words<Upgrade>,
        _: Words<Listen>,
        opening: Opening,
    ) -> Result<HttpResponse, Problem> {
        let arrival = self.arrival(&opening);
        self.transports.listening_websocket(&opening.request, opening.payload, arrival)
    }

    async fn sse(&self, _: Words<Connect>, opening: Opening) -> Result<HttpResponse, Problem> {
        let arrival = self.arrival(&opening);
        self.transports.events(&opening.request, arrival)
    }

    async fn uni_sse(&self, _: Words<Listen>, opening: Opening) -> Result<HttpResponse, Problem> {
        let arrival = self.arrival(&opening);
        self.transports.listening_events(&opening.request, arrival)
    }

    async fn html_websocket(
        &self,
        _: Words<Upgrade>,
        _: Words<PageWords>,
        opening: Opening,
    ) -> Result<HttpResponse, Problem> {
        let arrival = self.arrival(&opening);
        self.transports.html_websocket(&opening.request, opening.payload, arrival)
    }

    async fn html_sse(&self, _: Words<PageWords>, opening: Opening) -> Result<HttpResponse, Problem> {
        let arrival = self.arrival(&opening);
        self.transports.html_events(&opening.request, arrival).await
    }

    async fn http_stream(&self, body: RawBody, opening: Opening) -> Result<HttpResponse, Problem> {
        let arrival = self.arrival(&opening);
        self.transports.http_stream(&opening.request, body.0, arrival)
    }

    async fn emulation(&self, Commands(body): Commands, opening: Opening) -> Result<HttpResponse, Problem> {
        self.transports.emulation(&opening.request, body.0).await
    }
}

impl LiveEndpoints {
    /// As an item of a router.
    pub(crate) fn bind(self, path: String) -> BoundController {
        let message = self.sockets.largest_message();
        let options = |body: usize| Options::new().contract(ContractMode::Off).head(false).body_limit(body);
        let is_on = |transport| self.transports.contains(&transport);
        let mut charter = Charter::<Ways>::new("live").path(path).tag("live");
        if is_on(Transport::WebSocket) {
            let draft = Operation::get("/websocket")
                .name("websocket")
                .summary("Live channels over WebSocket")
                .description(
                    "The protocol of Centrifugo's clients: in Protobuf with the subprotocol `centrifuge-protobuf` or with \
                     `?format=protobuf`, else in JSON.",
                )
                .options(options(0));
            charter = charter.operation(handshake(draft).handle(Ways::websocket));
        }
        if is_on(Transport::HttpStream) {
            let draft = Operation::post("/http_stream")
                .name("http_stream")
                .summary("Live channels over a response that goes on")
                .description("For clients whose WebSocket is blocked. The body is the connect command.")
                .options(options(message));
            charter = charter.operation(stream(draft, "text/plain").handle(Ways::http_stream));
        }
        if is_on(Transport::Sse) {
            let draft = Operation::get("/sse")
                .name("sse")
                .summary("Live channels over server-sent events")
                .description(
                    "For clients whose WebSocket is blocked. The connect command is in `?cf_connect=`.",
                )
                .options(options(0));
            charter = charter.operation(stream(draft, "text/event-stream").handle(Ways::sse));
        }
        if is_on(Transport::HttpStream) || is_on(Transport::Sse) {
            // Whoever knows the session has been let in: its name is a secret of 128 bits.
            let options = options(message.saturating_mul(2)).security(Requirement::Public);
            let draft = Operation::post("/emulation")
                .name("emulation")
                .summary("Commands of clients that listen by another way than WebSocket")
                .options(options)
                .declares(said(
                    204,
                    OutputContent::Empty,
                    "The commands are on their way; the answers come by the stream.",
                ))
                .declares(Output::problem(403, "Pages of this origin may not connect."))
                .declares(Output::problem(404, "There is no such session."))
                .declares(Output::problem(503, "The session has no room for more commands."));
            charter = charter.operation(draft.handle(Ways::emulation));
        }
        if is_on(Transport::UniWebSocket) {
            let draft = Operation::get("/uni_websocket")
                .name("uni_websocket")
                .summary("Live channels over WebSocket, for clients that only listen")
                .description(
                    "What they say to connect is in `?cf_connect=`, as JSON, or in their first message.",
                )
                .options(options(0));
            charter = charter.operation(handshake(draft).handle(Ways::uni_websocket));
        }
        if is_on(Transport::UniSse) {
            let draft = Operation::get("/uni_sse")
                .name("uni_sse")
                .summary("Live channels as server-sent events, for a plain `EventSource`")
                .description("They get what comes in the channels that the server subscribes them to.")
                .options(options(0));
            charter = charter.operation(stream(draft, "text/event-stream").handle(Ways::uni_sse));
        }
        if is_on(Transport::HtmlWebSocket) {
            let draft = Operation::get("/html_websocket")
                .name("html_websocket")
                .summary("HTML of live channels over WebSocket, for pages")
                .description(
                    "They get what comes in the channels that `?channel=` names, each as often as need be.",
                )
                .options(options(0));
            charter = charter.operation(handshake(draft).handle(Ways::html_websocket));
        }
        if is_on(Transport::HtmlSse) {
            let draft = Operation::get("/html_sse")
                .name("html_sse")
                .summary("HTML of live channels as server-sent events, for pages")
                .description(
                    "They get what comes in the channels that `?channel=` names, each as often as need be, and what came \
                     after `Last-Event-ID` or `?since=`.",
                )
                .options(options(0));
            let draft = stream(draft, "text/event-stream")
                .declares(Output::problem(401, "One of the channels is for those who are known."))
                .declares(Output::problem(404, "One of the channels is not there."))
                .declares(Output::problem(429, "The user has too many connections."));
            charter = charter.operation(draft.handle(Ways::html_sse));
        }
        let mount = Mount { live: self.live.clone(), who: self.who.clone() };
        let ways = Ways { transports: Transports::new(self.live, self.sockets), who: self.who };
        let mut bound = charter.bind(ways);
        bound.live = Some(Arc::new(mount));
        bound
    }
}

fn said(status: u16, content: OutputContent, description: &'static str) -> Output {
    let mut output = Output::new(Some(status), content);
    output.description = Some(description.into());
    output
}

fn handshake(draft: crate::endpoint::Draft) -> crate::endpoint::Draft {
    let mut switched = said(101, OutputContent::Empty, "WebSocket is spoken from here on (RFC 6455).");
    switched.headers = ["Upgrade", "Sec-WebSocket-Accept"].map(HeaderSpec::required).into();
    let mut upgrade = Output::problem(426, "It is no WebSocket handshake of version 13.");
    upgrade.headers = ["Upgrade", "Sec-WebSocket-Version"].map(HeaderSpec::required).into();
    draft
        .declares(switched)
        .declares(Output::problem(400, "The handshake cannot be read."))
        .declares(upgrade)
        .declares(Output::problem(403, "Pages of this origin may not connect."))
        .declares(full())
}

fn stream(draft: crate::endpoint::Draft, media_type: &'static str) -> crate::endpoint::Draft {
    draft
        .declares(said(
            200,
            OutputContent::Media(media_type.into(), None),
            "Replies and pushes, until one side ends it.",
        ))
        .declares(Output::problem(400, "The connect command cannot be read."))
        .declares(Output::problem(403, "Pages of this origin may not connect."))
        .declares(full())
}

fn full() -> Output {
    Output::problem(503, "There is no room for another connection, or this server is about to stop.")
}
