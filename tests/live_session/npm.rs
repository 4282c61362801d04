//! npm's `centrifuge`, in the version of `tests/live_protocol/node/package-lock.json`, over real sockets.

use std::{
    path::Path,
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use actix_charter::live::{
    LiveNode, LiveSettings,
    broker::{Engine, Whom},
    protocol::{DisconnectCode, ErrorCode},
    seam::{Arrival, AsArrived, Transports},
    socket::SocketSettings,
};
use actix_charter::problem::Problem;
use actix_web::{App, HttpRequest, HttpResponse, web};
use serde_json::{Value, json};

use crate::{
    double::{Double, Kind},
    fixture::{present, stream},
    foreign::{live_clients, run},
};

const SCRIPTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/live_session/node");

/// With a thread of its own, as a server has it.
pub(crate) fn started(channels: Double) -> LiveNode {
    LiveNode::start(Arc::new(channels), Arc::new(AsArrived), Engine::default(), LiveSettings::new()).unwrap()
}

fn channels() -> Double {
    let mut room = stream(100);
    let present = present();
    (room.presence, room.presence_for_clients, room.join_leave) = (true, true, true);
    room.leave_delay = present.leave_delay;
    let secret = Kind::new(stream(10))
        .on_subscribe(|_| Err(ErrorCode::PERMISSION_DENIED.into()))
        .on_publish(|_| Err(ErrorCode::PERMISSION_DENIED.into()));
    Double::new()
        .with("stream", Kind::new(room))
        .with("secret", secret)
        .of_peer(|peer| if peer.user == "eve" { vec!["stream:room".to_owned()] } else { Vec::new() })
}

pub(crate) struct Server {
    transports: Transports,
    pub(crate) live: LiveNode,
    /// Whether somebody may come.
    is_open: AtomicBool,
}

fn arrival(request: &HttpRequest) -> Arrival {
    let mut arrival = Arrival::anonymous(request.clone());
    arrival.user = request.query_string().split(['=', '&']).nth(1).unwrap_or_default().to_owned();
    arrival
}

fn answer(answer: Result<HttpResponse, Problem>) -> HttpResponse {
    answer.unwrap_or_else(|problem| HttpResponse::new(problem.status()))
}

async fn websocket(request: HttpRequest, payload: web::Payload, server: web::Data<Server>) -> HttpResponse {
    if !server.is_open.load(Ordering::SeqCst) {
        return HttpResponse::ServiceUnavailable().finish();
    }
    answer(server.transports.websocket(&request, payload.into_inner(), arrival(&request)))
}

async fn http_stream(request: HttpRequest, body: web::Bytes, server: web::Data<Server>) -> HttpResponse {
    if !server.is_open.load(Ordering::SeqCst) {
        return HttpResponse::ServiceUnavailable().finish();
    }
    answer(server.transports.http_stream(&request, body, arrival(&request)))
}

async fn events(request: HttpRequest, server: web::Data<Server>) -> HttpResponse {
    if !server.is_open.load(Ordering::SeqCst) {
        return HttpResponse::ServiceUnavailable().finish();
    }
    answer(server.transports.events(&request, arrival(&request)))
}

async fn listening_websocket(
    request: HttpRequest,
    payload: web::Payload,
    server: web::Data<Server>,
) -> HttpResponse {
    answer(server.transports.listening_websocket(&request, payload.into_inner(), arrival(&request)))
}

async fn listening_events(request: HttpRequest, server: web::Data<Server>) -> HttpResponse {
    answer(server.transports.listening_events(&request, arrival(&request)))
}

async fn emulation(request: HttpRequest, body: web::Bytes, server: web::Data<Server>) -> HttpResponse {
    answer(server.transports.emulation(&request, body).await)
}

/// Drops everybody, publishes three while nobody is there, and opens again.
async fn drop_all(server: web::Data<Server>) -> HttpResponse {
    server.is_open.store(false, Ordering::SeqCst);
    let broadcaster = server.live.broadcaster();
    broadcaster.disconnect(Whom::user("ada"), DisconnectCode::FORCE_RECONNECT).await.unwrap();
    while server.live.metrics().connections > 0 {
        actix_web::rt::task::yield_now().await;
    }
    for n in 2..=4 {
        broadcaster.publish("stream:room", &json!({"n": n})).await.unwrap();
    }
    server.is_open.store(true, Ordering::SeqCst);
    HttpResponse::NoContent().finish()
}

pub(crate) fn serve() -> (actix_test::TestServer, web::Data<Server>) {
    serve_with(LiveSettings::new())
}

pub(crate) fn serve_with(settings: LiveSettings) -> (actix_test::TestServer, web::Data<Server>) {
    let live =
        LiveNode::start(Arc::new(channels()), Arc::new(AsArrived), Engine::default(), settings).unwrap();
    let transports = Transports::new(live.clone(), SocketSettings::new());
    let server = web::Data::new(Server { transports, live, is_open: AtomicBool::new(true) });
    let data = server.clone();
    let config = actix_test::config().workers(2);
    let test = actix_test::start_with(config, move || {
        App::new()
            .app_data(data.clone())
            .route("/connection/websocket", web::get().to(websocket))
            .route("/connection/http_stream", web::post().to(http_stream))
            .route("/connection/sse", web::get().to(events))
            .route("/connection/uni_websocket", web::get().to(listening_websocket))
            .route("/connection/uni_sse", web::get().to(listening_events))
            .route("/emulation", web::post().to(emulation))
            .route("/drop", web::post().to(drop_all))
    });
    (test, server)
}

async fn play(codec: &'static str, transport: &'static str) {
    let (server, state) = serve();
    let base = server.url("");
    let base = base.trim_end_matches('/').to_owned();
    let seen = web::block(move || {
        run(Command::new("node")
            .arg(Path::new(SCRIPTS).join("client.js"))
            .args([codec, transport, &base])
            .env("NODE_PATH", live_clients()))
    })
    .await
    .unwrap();
    let seen: Value = serde_json::from_slice(&seen).unwrap();
    assert_eq!(
        seen,
        json!({
            "connected": {"transport": transport, "client": 32},
            "subscribed": {"recoverable": true, "positioned": true, "wasRecovering": false},
            "join": "ada",
            "rpc": [1, {"a": null}],
            "missing": 104,
            "presence": ["ada"],
            "presenceStats": {"numClients": 1, "numUsers": 1},
            "history": [{"n": 1}],
            "forbidden": 103,
            "unknown": 102,
            "publishForbidden": 103,
            "dropped": 3011,
            "recovered": {"wasRecovering": true, "recovered": true},
            "publications": [{"n": 1}, {"n": 2}, {"n": 3}, {"n": 4}, {"n": 5}],
        })
    );
    assert_eq!(state.live.metrics().insufficient, 0);
}

#[actix_web::test]
async fn websocket_in_json() {
    play("json", "websocket").await;
}

#[actix_web::test]
async fn websocket_in_protobuf() {
    play("protobuf", "websocket").await;
}

#[actix_web::test]
async fn http_stream_in_json() {
    play("json", "http_stream").await;
}

#[actix_web::test]
async fn http_stream_in_protobuf() {
    play("protobuf", "http_stream").await;
}

#[actix_web::test]
async fn server_sent_events() {
    play("json", "sse").await;
}

#[actix_web::test]
async fn a_plain_event_source_listens() {
    use futures_util::StreamExt as _;
    let (server, state) = serve();
    let mut response = server.get("/connection/uni_sse?user=eve").send().await.unwrap();
    assert_eq!(response.headers().get("content-type").unwrap(), "text/event-stream");
    let mut text = String::new();
    let mut events = Vec::new();
    while events.len() < 3 {
        text.push_str(std::str::from_utf8(&response.next().await.unwrap().unwrap()).unwrap());
        while let Some(end) = text.find("\n\n") {
            let event: Value = serde_json::from_str(text[..end].strip_prefix("data: ").unwrap()).unwrap();
            if events.is_empty() {
                state.live.broadcaster().publish("stream:room", &json!({"n": 1})).await.unwrap();
            }
            events.push(event);
            text.drain(..end + 2);
        }
    }
    assert_eq!(events[0]["connect"]["subs"]["stream:room"]["recoverable"], true);
    let rest: Vec<_> = events[1..]
        .iter()
        .map(|event| (event["join"]["info"]["user"].clone(), event["pub"]["data"].clone()))
        .collect();
    assert!(rest.contains(&(json!("eve"), Value::Null)), "{events:?}");
    assert!(rest.contains(&(Value::Null, json!({"n": 1}))), "{events:?}");
}

#[actix_web::test]
async fn strangers_are_not_let_in() {
    let (server, _state) = serve();
    for path in ["/connection/sse?cf_connect={}", "/connection/uni_sse"] {
        let refused =
            server.get(path).insert_header(("Origin", "https://evil.example")).send().await.unwrap();
        assert_eq!(refused.status(), 403, "{path}");
    }
    let emulated = json!({"session": "s", "node": "n", "data": "{}"});
    let refused =
        server.post("/emulation").insert_header(("Origin", "https://evil.example")).send_json(&emulated);
    assert_eq!(refused.await.unwrap().status(), 403);
    assert_eq!(server.post("/emulation").send_json(&emulated).await.unwrap().status(), 404);
    assert_eq!(server.post("/emulation").send_body("nonsense").await.unwrap().status(), 400);
}
