//! The WebSocket endpoints over real sockets, frame by frame.

use actix_http::ws::{CloseCode, Frame, Message, ProtocolError};
use actix_web::web::Bytes;
use futures_util::{SinkExt as _, Stream, StreamExt as _};
use serde_json::{Value, json};

use crate::npm::{serve, serve_with};
use actix_charter::live::LiveSettings;

async fn json_of(socket: &mut (impl Stream<Item = Result<Frame, ProtocolError>> + Unpin)) -> Value {
    match socket.next().await.unwrap().unwrap() {
        Frame::Text(text) => serde_json::from_slice(&text).unwrap(),
        other => panic!("text, not {other:?}"),
    }
}

async fn closed(socket: &mut (impl Stream<Item = Result<Frame, ProtocolError>> + Unpin)) -> u16 {
    loop {
        match socket.next().await.unwrap().unwrap() {
            Frame::Close(Some(reason)) => return reason.code.into(),
            Frame::Close(None) => panic!("a code"),
            _ => {}
        }
    }
}

#[actix_web::test]
async fn what_is_no_command_is_closed_with_3501() {
    let (mut server, _) = serve();
    for message in [
        Message::Text("{\"id\":1,\"subscribe\":{\"channel\":\"stream:a\"}}".into()),
        Message::Text("nonsense".into()),
        Message::Text("".into()),
        Message::Binary(Bytes::from_static(b"{\"id\":1,\"connect\":{}}")),
    ] {
        let mut socket = server.ws_at("/connection/websocket?user=ada").await.unwrap();
        socket.send(message).await.unwrap();
        assert_eq!(closed(&mut socket).await, 3501);
    }
}

#[actix_web::test]
async fn a_listener_connects_by_its_first_message_or_by_the_address() {
    let (mut server, state) = serve();
    let connect = "%7B%22name%22%3A%22js%22%7D";
    for (query, message) in [(format!("&cf_connect={connect}"), None), (String::new(), Some("{}"))] {
        let mut socket = server.ws_at(&format!("/connection/uni_websocket?user=eve{query}")).await.unwrap();
        if let Some(message) = message {
            socket.send(Message::Text(message.into())).await.unwrap();
        }
        let connected = json_of(&mut socket).await;
        assert_eq!(connected["connect"]["subs"]["stream:room"]["positioned"], true, "{connected}");
        state.live.broadcaster().publish("stream:room", &json!({"n": 1})).await.unwrap();
        loop {
            let push = json_of(&mut socket).await;
            if push.get("pub").is_some() {
                assert_eq!(
                    (&push["channel"], &push["pub"]["data"]),
                    (&json!("stream:room"), &json!({"n": 1}))
                );
                break;
            }
        }
        socket.send(Message::Text("{}".into())).await.unwrap();
        assert_eq!(closed(&mut socket).await, 3501, "it only listens");
    }
}

#[actix_web::test]
async fn pings_may_be_the_sockets_own() {
    let second = std::time::Duration::from_secs(1);
    let (mut server, _) = serve_with(LiveSettings::new().ping(second / 20, second * 10));
    let mut socket = server.ws_at("/connection/websocket?user=ada&cf_ws_frame_ping_pong=true").await.unwrap();
    socket.send(Message::Text("{\"id\":1,\"connect\":{}}".into())).await.unwrap();
    let connected = json_of(&mut socket).await;
    assert_eq!((connected["connect"].get("ping"), connected["connect"].get("pong")), (None, None));
    for _ in 0..2 {
        assert!(matches!(socket.next().await.unwrap().unwrap(), Frame::Ping(_)));
        socket.send(Message::Pong(Bytes::new())).await.unwrap();
    }
    socket.send(Message::Text("{}".into())).await.unwrap();
    assert_eq!(closed(&mut socket).await, 3501, "that is no pong here");
}

#[actix_web::test]
async fn who_is_one_too_many_is_told_so_before_the_upgrade() {
    let (mut server, state) = serve_with(LiveSettings::new().connections(1));
    let mut first = server.ws_at("/connection/websocket?user=ada").await.unwrap();
    first.send(Message::Text("{\"id\":1,\"connect\":{}}".into())).await.unwrap();
    json_of(&mut first).await;
    let refused = server.ws_at("/connection/websocket?user=bob").await;
    let refused = format!("{:?}", refused.err().unwrap());
    assert!(refused.contains("503"), "{refused}");
    first.send(Message::Close(Some(CloseCode::Normal.into()))).await.unwrap();
    while state.live.metrics().connections > 0 {
        actix_web::rt::task::yield_now().await;
    }
    assert!(server.ws_at("/connection/websocket?user=bob").await.is_ok());
}
