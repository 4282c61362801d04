//! The board, live, as a program sees it. Browsers are in `tests/showcase_live`.

use std::pin::Pin;

use actix_http::ws::{Frame, Message, ProtocolError};
use actix_test::TestServer;
use actix_web::{App, http::StatusCode};
use awc::error::WsClientError;
use futures_util::{Sink, SinkExt as _, StreamExt as _, stream::LocalBoxStream};
use serde_json::{Value, json};

use crate::{Site, client};

async fn served() -> (TestServer, Site) {
    let site = Site::new().await;
    let api = site.api().try_mount().unwrap();
    (actix_test::start(move || App::new().service(api.clone())), site)
}

async fn token(server: &TestServer, email: &str) -> String {
    let credentials = json!({"email": email, "password": "correct horse battery"});
    let mut answer = server.post("/api/login").send_json(&credentials).await.unwrap();
    answer.json::<Value>().await.unwrap()["token"].as_str().unwrap().to_owned()
}

struct Watcher {
    says: Pin<Box<dyn Sink<Message, Error = ProtocolError>>>,
    hears: LocalBoxStream<'static, Result<Frame, ProtocolError>>,
}

impl Watcher {
    /// With a session's cookie, as a browser.
    async fn connect(server: &TestServer, token: &str) -> Self {
        let opened = awc::Client::new()
            .ws(server.url("/api/live/websocket"))
            .set_header("cookie", format!("session={token}"))
            .set_header("origin", server.url("").trim_end_matches('/'))
            .connect();
        let (says, hears) = opened.await.unwrap().1.split();
        let mut this = Self { says: Box::pin(says), hears: hears.boxed_local() };
        this.ask(json!({"id": 1, "connect": {}})).await;
        this
    }

    async fn ask(&mut self, command: Value) -> Value {
        let id = command["id"].clone();
        self.says.send(Message::Text(command.to_string().into())).await.unwrap();
        self.until(|reply| reply["id"] == id).await
    }

    async fn subscribe(&mut self, id: u32, channel: &str) -> Value {
        self.ask(json!({"id": id, "subscribe": {"channel": channel, "join_leave": true}})).await
    }

    /// The data of the next publication in the channel.
    async fn next(&mut self, channel: &str) -> Value {
        let is_it = |reply: &Value| reply["push"]["channel"] == channel && !reply["push"]["pub"].is_null();
        self.until(is_it).await["push"]["pub"]["data"].clone()
    }

    async fn until(&mut self, is_it: impl Fn(&Value) -> bool) -> Value {
        loop {
            let Frame::Text(text) = self.hears.next().await.unwrap().unwrap() else { continue };
            // A frame may hold several.
            for line in text.split(|byte| *byte == b'\n') {
                let reply = serde_json::from_slice(line).unwrap();
                if is_it(&reply) {
                    return reply;
                }
            }
        }
    }

    async fn closed(&mut self) -> u16 {
        loop {
            if let Frame::Close(reason) = self.hears.next().await.unwrap().unwrap() {
                return reason.unwrap().code.into();
            }
        }
    }
}

async fn patch(server: &TestServer, token: &str, path: &str, body: &Value) {
    let answer =
        server.patch(path).insert_header(("authorization", format!("Bearer {token}"))).send_json(body);
    assert_eq!(answer.await.unwrap().status(), 200);
}

#[actix_web::test]
async fn who_watches_a_board_hears_of_its_cards() {
    let (server, _site) = served().await;
    let (ada, bob) = (token(&server, "ada@example.org").await, token(&server, "bob@example.org").await);
    let mut watcher = Watcher::connect(&server, &bob).await;
    for (id, channel) in [(2, "board:1"), (3, "activity:1")] {
        assert_eq!(watcher.subscribe(id, channel).await["subscribe"]["recoverable"], true);
    }
    assert_eq!(watcher.subscribe(4, "board:99").await["error"]["code"], 102, "there is no such board");
    assert_eq!(watcher.subscribe(5, "user:1").await["error"]["code"], 103, "somebody else's");

    patch(&server, &ada, "/api/boards/1/cards/1", &json!({"status": "done", "assignee": 2})).await;
    let event = watcher.next("board:1").await;
    assert_eq!((&event["event"], &event["card"]["status"]), (&json!("saved"), &json!("done")));
    let activity = watcher.next("activity:1").await;
    assert_eq!((&activity["by"], &activity["did"]), (&json!("user:1"), &json!("moved")));
    let notice = watcher.next("user:2").await;
    assert_eq!((&notice["by"], &notice["title"]), (&json!("user:1"), &json!("Write the README")));

    let gone = server.delete("/api/boards/1/cards/2").insert_header(("x-api-key", "demo-key-ci")).send();
    assert_eq!(gone.await.unwrap().status(), 204);
    assert_eq!(watcher.next("board:1").await, json!({"event": "removed", "card": 2}));
    assert_eq!(watcher.next("activity:1").await["by"], "service:ci");
}

#[actix_web::test]
async fn pointers_are_seen_and_checked() {
    let (server, _site) = served().await;
    let mut watcher = Watcher::connect(&server, &token(&server, "bob@example.org").await).await;
    let mut pointer = Watcher::connect(&server, &token(&server, "ada@example.org").await).await;
    watcher.subscribe(2, "pointers:1").await;
    let point = |id: u32, x: f32| json!({"id": id, "publish": {"channel": "pointers:1", "data": {"at": {"x": x, "y": 0.5}, "typing": 1}}});
    let refused = pointer.ask(point(2, 7.0)).await;
    assert_eq!(refused["error"]["code"], 107);
    assert!(refused["error"]["message"].as_str().unwrap().starts_with("data /at/x: "), "{refused}");
    pointer.ask(point(3, 0.25)).await;
    assert_eq!(watcher.next("pointers:1").await, json!({"at": {"x": 0.25, "y": 0.5}, "typing": 1}));
}

#[actix_web::test]
async fn who_signs_out_is_cut_off_and_others_are_not() {
    let (server, _site) = served().await;
    let (first, second) = (token(&server, "bob@example.org").await, token(&server, "bob@example.org").await);
    let mut out = Watcher::connect(&server, &first).await;
    let mut other = Watcher::connect(&server, &second).await;
    let answer =
        server.post("/api/logout").insert_header(("authorization", format!("Bearer {first}"))).send();
    assert_eq!(answer.await.unwrap().status(), 204);
    assert_eq!(out.closed().await, 3500);
    assert!(other.subscribe(2, "board:1").await["error"].is_null());
}

#[actix_web::test]
async fn another_site_s_page_is_not_let_in() {
    let (server, _site) = served().await;
    let token = token(&server, "bob@example.org").await;
    let opened = awc::Client::new()
        .ws(server.url("/api/live/websocket"))
        .set_header("cookie", format!("session={token}"))
        .set_header("origin", "https://evil.example")
        .connect();
    let refused = opened.await.map(drop).unwrap_err();
    assert!(matches!(refused, WsClientError::InvalidResponseStatus(StatusCode::FORBIDDEN)), "{refused:?}");
}

#[actix_web::test]
async fn the_documents_tell_of_it() {
    let client = client().await;
    let openapi: Value = client.get("/openapi.json").send().await.json();
    assert!(openapi["paths"]["/api/live/websocket"]["get"].is_object());
    assert!(openapi["paths"].get("/").is_none(), "the page is no API");
    let asyncapi: Value = client.get("/asyncapi.json").send().await.json();
    let addresses: Vec<_> = asyncapi["channels"]
        .as_object()
        .unwrap()
        .values()
        .map(|one| one["address"].as_str().unwrap())
        .collect();
    assert_eq!(addresses, ["board:{board}", "activity:{board}", "pointers:{board}", "user:{user}"]);
}
