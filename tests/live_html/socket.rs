//! WebSockets whose messages are HTML.

use actix_charter::live::{Fragment, LiveSettings, broker::Whom, protocol::DisconnectCode};
use actix_http::ws::{Frame, Message};
use futures_util::{SinkExt as _, StreamExt as _};

use crate::fixture::{Server, Socket, closed, connect, nobody_is_left, serve, serve_with, text_of};

async fn open(server: &Server, query: &str) -> impl Socket + use<> {
    connect(server, &format!("html_websocket?{query}"), "ann").await
}

#[actix_web::test]
async fn each_message_is_the_html_of_a_fragment() {
    let server = serve();
    let broadcaster = server.live.broadcaster();
    broadcaster.publish_html("count", "<b id=\"count\">3</b>").await.unwrap();
    let mut page = open(&server, "channel=count&channel=board:7").await;
    assert_eq!(text_of(&mut page).await, "<b id=\"count\">3</b>", "the latest, at once");
    let html = "<li id=\"a\">\n 1 &lt; 2\n</li>";
    broadcaster.publish_html("board:7", Fragment::new(html).event("card")).await.unwrap();
    assert_eq!(text_of(&mut page).await, html);
    broadcaster.to_user("ann", &"<b>psst</b>").await.unwrap();
    assert_eq!(text_of(&mut page).await, "<b>psst</b>");
}

#[actix_web::test]
async fn the_close_code_tells_whether_to_come_back() {
    let server = serve();
    let broadcaster = server.live.broadcaster();
    for (code, close) in [
        (DisconnectCode::FORCE_RECONNECT, 1012),
        (DisconnectCode::SHUTDOWN, 1012),
        (DisconnectCode::SLOW, 1013),
        (DisconnectCode::FORCE_NO_RECONNECT, 1008),
    ] {
        let mut page = open(&server, "channel=count").await;
        broadcaster.publish_html("count", "here").await.unwrap();
        while text_of(&mut page).await != "here" {}
        broadcaster.disconnect(Whom::user("ann"), code).await.unwrap();
        assert_eq!(closed(&mut page).await, (close, code.reason().to_owned()));
    }
    for (query, words) in [
        ("channel=board:100", "103: it is not for you"),
        ("channel=count&channel=nowhere", "102: unknown channel"),
    ] {
        assert_eq!(closed(&mut open(&server, query).await).await, (1008, words.to_owned()));
    }
    let mut page = open(&server, "channel=board:7").await;
    page.send(Message::Text("{}".into())).await.unwrap();
    assert_eq!(closed(&mut page).await.0, 1008, "it only listens");
    nobody_is_left(&server.live).await;
}

#[actix_web::test]
async fn pings_are_the_sockets_own() {
    let second = std::time::Duration::from_secs(1);
    let server = serve_with(LiveSettings::new().ping(second / 20, second * 10));
    let mut page = open(&server, "channel=board:7").await;
    for _ in 0..2 {
        assert!(matches!(page.next().await.unwrap().unwrap(), Frame::Ping(_)));
        page.send(Message::Pong(Default::default())).await.unwrap();
    }
}
