use actix_charter::{
    live::{ConnectionToken, LiveNode, LiveTokens},
    prelude::*,
};
use actix_http::ws::Message;
use actix_web::App;
use futures_util::SinkExt as _;
use jsonwebtoken::{EncodingKey, Header, encode};
use serde_json::{Value, json};

use crate::fixture::{Member, News, Rooms, closed, json_of};

const SECRET: &[u8] = b"a secret of at least thirty-two bytes";

fn token(claims: &Value) -> String {
    encode(&Header::default(), claims, &EncodingKey::from_secret(SECRET)).unwrap()
}

fn member(token: &ConnectionToken) -> Option<Member> {
    let name = match &*token.user {
        "7" => "Ann",
        "8" => "Bob",
        _ => return None,
    };
    Some(Member { id: token.user.parse().ok()?, name })
}

fn with_tokens() -> Live {
    let tokens = LiveTokens::hs256(SECRET).unwrap();
    Live::new().channel(Rooms).channel(News).personal("user:{user}").tokens_as(tokens, member)
}

fn serve(live: &LiveNode) -> actix_test::TestServer {
    let api = Router::new("/api").live("/live", live.endpoints());
    actix_test::start(move || App::new().service(api.clone()))
}

#[actix_web::test]
async fn a_token_says_who_it_is() {
    let live = with_tokens().start().unwrap();
    let mut server = serve(&live);
    let mut socket = server.ws_at("/api/live/websocket").await.unwrap();
    let token = token(&json!({"sub": "7", "exp": 4_000_000_000_u64, "info": {"n": "Ann"}}));
    socket
        .send(Message::Text(json!({"id": 1, "connect": {"token": token}}).to_string().into()))
        .await
        .unwrap();
    let connected = json_of(&mut socket).await;
    assert!(connected["connect"]["ttl"].as_u64().unwrap() > 1000, "{connected}");
    assert_eq!(connected["connect"]["subs"].as_object().unwrap().keys().collect::<Vec<_>>(), ["user:7"]);
    socket
        .send(Message::Text(r#"{"id":2,"subscribe":{"channel":"room:3","join_leave":true}}"#.into()))
        .await
        .unwrap();
    assert_eq!(json_of(&mut socket).await["subscribe"]["data"], "welcome to 3, Ann");
    assert_eq!(json_of(&mut socket).await["push"]["join"]["info"]["conn_info"], json!({"n": "Ann"}));
}

#[actix_web::test]
async fn a_token_subscribes_to_channels_and_says_how() {
    let live = with_tokens().start().unwrap();
    let mut server = serve(&live);
    let mut socket = server.ws_at("/api/live/websocket").await.unwrap();
    let subs = json!({
        "room:1": {"data": {"hello": 1}, "info": "chief", "override": {"presence": {"value": false}}},
        "room:2": {},
        "nothing:1": {},
    });
    let token = token(&json!({"sub": "7", "subs": subs, "channels": ["news:all"]}));
    socket
        .send(Message::Text(json!({"id": 1, "connect": {"token": token}}).to_string().into()))
        .await
        .unwrap();
    let connected = json_of(&mut socket).await;
    let mut channels: Vec<_> = connected["connect"]["subs"].as_object().unwrap().keys().collect();
    channels.sort();
    assert_eq!(channels, ["news:all", "room:1", "room:2", "user:7"]);
    assert_eq!(connected["connect"]["subs"]["room:1"]["data"], json!({"hello": 1}));
    assert_eq!(connected["connect"]["subs"]["room:2"].get("data"), None, "its handler is not asked");
    let here = |channel: &'static str| {
        let broadcaster = live.broadcaster();
        async move { broadcaster.presence(channel).await.unwrap().len() }
    };
    socket.send(Message::Text(r#"{"id":2,"presence_stats":{"channel":"room:2"}}"#.into())).await.unwrap();
    while json_of(&mut socket).await["id"] != 2 {}
    assert_eq!((here("room:1").await, here("room:2").await), (0, 1));
}

#[actix_web::test]
async fn a_new_token_says_anew_who_it_is() {
    let read = |token: &ConnectionToken| {
        let name = match token.info.as_deref() {
            Some(b"\"chief\"") => "the chief",
            Some(b"\"guest\"") => "a guest",
            _ => return None,
        };
        Some(Member { id: token.user.parse().ok()?, name })
    };
    let live =
        Live::new().channel(Rooms).tokens_as(LiveTokens::hs256(SECRET).unwrap(), read).start().unwrap();
    let mut server = serve(&live);
    let mut socket = server.ws_at("/api/live/websocket").await.unwrap();
    let token = |user: &str, info: &str| token(&json!({"sub": user, "exp": 4_000_000_000_u64, "info": info}));
    let mut ask = async |command: Value| {
        socket.send(Message::Text(command.to_string().into())).await.unwrap();
        json_of(&mut socket).await
    };
    ask(json!({"id": 1, "connect": {"token": token("7", "chief")}})).await;
    let reply = ask(json!({"id": 2, "subscribe": {"channel": "room:1"}})).await;
    assert_eq!(reply["subscribe"]["data"], "welcome to 1, the chief");
    let reply = ask(json!({"id": 3, "refresh": {"token": token("7", "guest")}})).await;
    assert_eq!(reply["refresh"]["expires"], true, "{reply}");
    let reply = ask(json!({"id": 4, "subscribe": {"channel": "room:2"}})).await;
    assert_eq!(reply["subscribe"]["data"], "welcome to 2, a guest");
    socket
        .send(Message::Text(json!({"id": 5, "refresh": {"token": token("7", "nobody")}}).to_string().into()))
        .await
        .unwrap();
    assert_eq!(closed(&mut socket).await, 3500, "the application knows nobody of that kind");
}

#[actix_web::test]
async fn tokens_that_are_not_good_are_refused() {
    let live = with_tokens().start().unwrap();
    let mut server = serve(&live);
    let (mut wrong, unknown) = (token(&json!({"sub": "7"})), token(&json!({"sub": "9"})));
    wrong.push('x');
    for bad in [wrong.as_str(), unknown.as_str(), "nonsense"] {
        let mut socket = server.ws_at("/api/live/websocket").await.unwrap();
        socket
            .send(Message::Text(json!({"id": 1, "connect": {"token": bad}}).to_string().into()))
            .await
            .unwrap();
        assert_eq!(closed(&mut socket).await, 3500, "{bad}");
    }
    let expired = token(&json!({"sub": "7", "exp": 1_000_000_000}));
    for (connect, code) in [(json!({"token": expired}), 109), (json!({}), 101)] {
        let mut socket = server.ws_at("/api/live/websocket").await.unwrap();
        socket.send(Message::Text(json!({"id": 1, "connect": connect}).to_string().into())).await.unwrap();
        assert_eq!(json_of(&mut socket).await["error"]["code"], code);
    }
}

#[actix_web::test]
async fn without_a_token_one_is_nobody_where_that_is_allowed() {
    let live = with_tokens().anonymous().start().unwrap();
    let mut server = serve(&live);
    let mut socket = server.ws_at("/api/live/websocket").await.unwrap();
    socket.send(Message::Text(r#"{"id":1,"connect":{}}"#.into())).await.unwrap();
    assert_eq!(json_of(&mut socket).await["connect"].get("subs"), None);
    for (channel, error) in [("room:3", json!(101)), ("news:all", json!(null))] {
        let subscribe = json!({"id": 2, "subscribe": {"channel": channel}});
        socket.send(Message::Text(subscribe.to_string().into())).await.unwrap();
        assert_eq!(json_of(&mut socket).await["error"]["code"], error, "{channel}");
    }
}

#[actix_web::test]
async fn a_token_for_nothing_is_refused() {
    let live = Live::new().channel(News).start().unwrap();
    let mut server = serve(&live);
    let mut socket = server.ws_at("/api/live/websocket").await.unwrap();
    let connect = json!({"id": 1, "connect": {"token": token(&json!({"sub": "7"}))}});
    socket.send(Message::Text(connect.to_string().into())).await.unwrap();
    assert_eq!(closed(&mut socket).await, 3500);
}

#[actix_web::test]
async fn tokens_of_another_identity_than_the_channels_take_are_a_fault() {
    let live = Live::new().channel(Rooms).tokens(LiveTokens::hs256(SECRET).unwrap()).start().unwrap();
    let report = Router::new("/api").live("/live", live.endpoints()).check().unwrap_err().to_string();
    assert!(
        report.contains("takes `Identity<Member>`, but a connection's token finds `ConnectionToken`"),
        "{report}"
    );
}
