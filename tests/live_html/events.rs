//! Server-sent events.

use std::time::Duration;

use actix_charter::{
    live::{
        Fragment, LiveSettings,
        broker::{HistoryQuery, Whom},
        protocol::DisconnectCode,
    },
    prelude::*,
};
use actix_http::ws::Message;
use futures_util::SinkExt as _;
use serde_json::{Value, json};

use crate::fixture::{Board, Event, Events, Server, connect, nobody_is_left, serve, serve_with, text_of};

async fn card(server: &Server, board: u32, html: &str) {
    let fragment = Fragment::new(html).event("card");
    server.live.broadcaster().publish_html(format!("board:{board}"), fragment).await.unwrap();
}

async fn epoch(server: &Server, channel: &str) -> String {
    let history = server.live.broadcaster().history(channel, HistoryQuery::position()).await.unwrap();
    history.position.epoch.to_string()
}

#[actix_web::test]
async fn fragments_come_as_they_are_in_events_of_their_names() {
    let server = serve();
    let mut page = Events::open(&server, "channel=board:7", "").await;
    let html = "<li id=\"a\">\n  1 &lt; 2\r\n</li>\n";
    card(&server, 7, html).await;
    let event = page.next().await;
    assert_eq!((event.name.as_str(), event.data.as_str()), ("card", "<li id=\"a\">\n  1 &lt; 2\n</li>\n"));
    assert_eq!(event.id, format!("{}:1", epoch(&server, "board:7").await));
    assert!((1000..5000).contains(&page.retry.unwrap()), "not all at once");

    // Without a name, and what is no HTML.
    let broadcaster = server.live.broadcaster();
    broadcaster.publish_html("board:7", "<p>").await.unwrap();
    broadcaster.publish("board:7", &json!({"a": [1]})).await.unwrap();
    let (first, second) = (page.next().await, page.next().await);
    assert_eq!((first.name.as_str(), first.data.as_str()), ("message", "<p>"));
    assert_eq!((second.name.as_str(), second.data.as_str()), ("message", "{\"a\":[1]}"));

    // The user's own channel, and what is for this connection alone.
    broadcaster.to_user("ann", &"<b>psst</b>").tag("event", "note").await.unwrap();
    let note = page.next().await;
    assert_eq!((note.name.as_str(), note.data.as_str(), &note.id), ("note", "<b>psst</b>", &second.id));
}

#[actix_web::test]
async fn clients_of_the_protocol_get_the_same_publication() {
    let server = serve();
    let mut page = Events::open(&server, "channel=board:7", "").await;
    let mut client = connect(&server, "websocket", "bob").await;
    for command in [
        json!({"id": 1, "connect": {}}),
        json!({"id": 2, "subscribe": {"channel": "board:7"}}),
        json!({"id": 3, "publish": {"channel": "board:7", "data": "Write <docs>"}}),
    ] {
        client.send(Message::Text(command.to_string().into())).await.unwrap();
    }
    let publication = loop {
        let text = text_of(&mut client).await;
        let found = text.lines().find_map(|line| {
            let message: Value = serde_json::from_str(line).unwrap();
            message["push"].get("pub").cloned()
        });
        if let Some(publication) = found {
            break publication;
        }
    };
    assert_eq!(publication["data"], "<li>Write <docs></li>");
    assert_eq!(publication["tags"], json!({"event": "card"}));
    let event = page.next().await;
    assert_eq!(
        (event.name.as_str(), event.data.as_str()),
        ("card", "<li>Write <docs></li>"),
        "nobody came or went"
    );
}

#[actix_web::test]
async fn a_page_that_was_away_gets_what_it_missed() {
    let server = serve();
    let mut page = Events::open(&server, "channel=board:7", "").await;
    card(&server, 7, "1").await;
    let last = page.next().await;
    drop(page);
    card(&server, 7, "2").await;
    card(&server, 7, "3").await;
    let mut page = Events::open(&server, "channel=board:7", &last.id).await;
    assert_eq!([page.next().await.data, page.next().await.data], ["2", "3"]);
    card(&server, 7, "4").await;
    let live = page.next().await;
    assert_eq!(live.data, "4");

    // It was away again before anything came.
    drop(page);
    let page = Events::open(&server, "channel=board:7", &live.id).await;
    drop(page);
    card(&server, 7, "5").await;
    let mut page = Events::open(&server, "channel=board:7", &live.id).await;
    assert_eq!(page.next().await.data, "5");
}

#[actix_web::test]
async fn nothing_is_lost_between_a_page_and_its_first_event() {
    let server = serve();
    card(&server, 7, "on the page").await;
    let since = server.live.broadcaster().event_id(["board:7", "board:8"]).await.unwrap();
    card(&server, 8, "1").await;
    card(&server, 7, "2").await;
    let query = format!("channel=board:7&channel=board:8&since={since}");
    let mut page = Events::open(&server, &query, "").await;
    assert_eq!([page.next().await.data, page.next().await.data], ["2", "1"]);
    card(&server, 7, "3").await;
    let last = page.next().await;
    assert_eq!(last.data, "3");
    drop(page);

    // Coming back, what the browser says counts, not the address.
    card(&server, 7, "4").await;
    let mut page = Events::open(&server, &query, &last.id).await;
    assert_eq!(page.next().await.data, "4");
}

#[actix_web::test]
async fn one_id_tells_of_all_channels() {
    let server = serve();
    let query = "channel=board:1&channel=board:2&channel=ticker&channel=board:1";
    let mut page = Events::open(&server, query, "").await;
    card(&server, 1, "a1").await;
    assert_eq!(page.next().await.data, "a1");
    card(&server, 2, "b1").await;
    let last = page.next().await;
    let (one, two) = (epoch(&server, "board:1").await, epoch(&server, "board:2").await);
    assert_eq!(last.id, format!("{two}:1,{one}:1"));
    server.live.broadcaster().publish_html("ticker", "tick").await.unwrap();
    let tick = page.next().await;
    assert_eq!((tick.data.as_str(), &tick.id), ("tick", &last.id), "it has no position of its own");
    server.live.broadcaster().publish_html("board:1", "soon gone").skip_history().await.unwrap();
    let gone = page.next().await;
    assert_eq!((gone.data.as_str(), &gone.id), ("soon gone", &last.id), "what is not kept has no position");
    drop(page);

    card(&server, 1, "a2").await;
    card(&server, 2, "b2").await;
    card(&server, 1, "a3").await;
    let mut page = Events::open(&server, query, &last.id).await;
    let mut missed = Vec::new();
    for _ in 0..3 {
        missed.push(page.next().await.data);
    }
    assert_eq!(missed, ["a2", "a3", "b2"]);
    card(&server, 2, "b3").await;
    assert_eq!(page.next().await.id, format!("{two}:3,{one}:3"));
}

#[actix_web::test]
async fn a_page_is_told_what_it_cannot_get_any_more() {
    let server = serve();
    let query = "channel=board:1&channel=board:2";
    let mut page = Events::open(&server, query, "").await;
    card(&server, 1, "a").await;
    card(&server, 2, "b").await;
    page.next().await;
    let last = page.next().await;
    drop(page);
    for html in ["c", "d", "e"] {
        card(&server, 1, html).await;
    }
    card(&server, 2, "f").await;
    for id in [&*last.id, "another:7", "another:7,life:8"] {
        let mut page = Events::open(&server, query, id).await;
        let first = page.next().await;
        assert_eq!((first.name.as_str(), first.data.as_str()), ("stale", "board:1"), "{id}");
        let second = page.next().await;
        let expected = if id == last.id { ("card", "f") } else { ("stale", "board:2") };
        assert_eq!((second.name.as_str(), second.data.as_str()), expected, "{id}");
        drop(page);
    }
    // An id that nobody can read is none.
    let mut page = Events::open(&server, query, "nonsense").await;
    card(&server, 1, "g").await;
    assert_eq!(page.next().await.data, "g");
}

#[actix_web::test]
async fn the_latest_is_there_at_once_where_it_is_kept() {
    let server = serve();
    server.live.broadcaster().publish_html("count", Fragment::new("<b>3</b>").event("count")).await.unwrap();
    let mut page = Events::open(&server, "channel=count", "").await;
    let event = page.next().await;
    assert_eq!((event.name.as_str(), event.data.as_str()), ("count", "<b>3</b>"));
}

#[actix_web::test]
async fn who_is_not_let_in_is_told_by_the_status() {
    let server = serve_with(LiveSettings::new().channels_per_connection(3).connections_per_user(1));
    let ask = async |query: &str, user: &str| {
        let request = server.http.get(format!("/api/live/html_sse?{query}"));
        let mut answer = request.insert_header(("cookie", format!("user={user}"))).send().await.unwrap();
        let body: Value = answer.json().await.unwrap();
        (answer.status().as_u16(), body["detail"].as_str().unwrap_or_default().to_owned())
    };
    for (query, status, detail) in [
        ("channel=board:100", 403, "it is not for you"),
        ("channel=board:7&channel=board:100", 403, "it is not for you"),
        ("channel=nowhere", 404, "unknown channel"),
        ("channel=user:bob", 403, "permission denied"),
        ("channel=board:x", 400, "channel /id: must be an integer"),
        ("channel=board:300", 409, "it is full"),
        ("channel=", 400, "bad request"),
        ("channel=count&channel=count&channel=count&channel=count", 400, "limit exceeded"),
    ] {
        let (told, words) = ask(query, "ann").await;
        assert_eq!(told, status, "{query}: {words}");
        assert!(words.starts_with(detail), "{query}: {words}");
    }
    assert_eq!(ask("channel=board:200", "ann").await.0, 503, "it may be let in later");
    let answer = server.http.get("/api/live/html_sse?channel=count").send().await.unwrap();
    assert_eq!(answer.status(), 401);
    let foreign = server.http.get("/api/live/html_sse?channel=count").insert_header(("cookie", "user=ann"));
    let foreign = foreign.insert_header(("origin", "https://elsewhere.example")).send().await.unwrap();
    assert_eq!(foreign.status(), 403);
    nobody_is_left(&server.live).await;

    let _page = Events::open(&server, "channel=count", "").await;
    assert_eq!(ask("channel=count", "ann").await.0, 429);
}

#[actix_web::test]
async fn a_page_that_shall_stay_away_is_told_to() {
    let server = serve();
    let broadcaster = server.live.broadcaster();
    let mut page = Events::open(&server, "channel=board:7", "").await;
    card(&server, 7, "before").await;
    assert_eq!(page.next().await.data, "before");
    broadcaster.disconnect(Whom::user("ann"), DisconnectCode::FORCE_NO_RECONNECT).await.unwrap();
    let close = Event {
        name: "close".into(),
        data: "3503".into(),
        id: format!("{}:1", epoch(&server, "board:7").await),
    };
    assert_eq!(page.try_next().await, Some(close));
    assert_eq!(page.try_next().await, None);

    let mut page = Events::open(&server, "channel=board:7", "").await;
    broadcaster.disconnect(Whom::user("ann"), DisconnectCode::FORCE_RECONNECT).await.unwrap();
    assert_eq!(page.try_next().await, None, "it comes back by itself");
    nobody_is_left(&server.live).await;
}

#[actix_web::test]
async fn idle_pages_are_kept_alive() {
    let second = Duration::from_secs(1);
    let server = serve_with(LiveSettings::new().ping(second / 20, second / 20));
    let mut page = Events::open(&server, "channel=board:7", "").await;
    for _ in 0..3 {
        page.ping().await;
    }
    card(&server, 7, "still there").await;
    assert_eq!(page.next().await.data, "still there");
}

#[actix_web::test]
async fn what_many_pages_get_is_made_once() {
    let server = serve();
    let mut pages = Vec::new();
    for _ in 0..5 {
        pages.push(Events::open(&server, "channel=board:7", "").await);
    }
    let before = server.live.metrics().encodings;
    card(&server, 7, "x").await;
    for page in &mut pages {
        page.next().await;
    }
    assert_eq!(server.live.metrics().encodings - before, 1);
}

#[actix_web::test]
async fn the_document_says_that_it_is_html() {
    let document = Live::new().channel(Board).asyncapi(&Info::new("Board", "1.0"), "/live", &[]).unwrap();
    let document = serde_json::to_string(&document.to_value()).unwrap();
    assert!(document.contains(r#""contentMediaType":"text/html""#), "{document}");
}
