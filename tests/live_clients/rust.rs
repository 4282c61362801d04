//! `tokio-centrifuge`, which knows neither presence, history, recovery nor refreshes.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio_centrifuge::{
    client::{Client, RequestError, State},
    config::{BackoffReconnect, Config},
};

use crate::server::serve;

async fn next<T>(received: &mut mpsc::UnboundedReceiver<T>) -> T {
    tokio::time::timeout(Duration::from_secs(20), received.recv()).await.unwrap().unwrap()
}

fn code(error: &RequestError) -> u32 {
    match error {
        RequestError::ErrorResponse(error) => error.code,
        other => panic!("{other}"),
    }
}

async fn play(config: Config, query: &str) {
    let (server, state) = serve();
    let url = server.url(&format!("/live/websocket{query}")).replace("http", "ws");
    let mut answer = server.get("/token?user=ada&seconds=600").send().await.unwrap();
    let token = String::from_utf8(answer.body().await.unwrap().to_vec()).unwrap();
    let quick = BackoffReconnect {
        factor: 1.5,
        min_delay: Duration::from_millis(20),
        max_delay: Duration::from_millis(100),
    };
    let client = Client::new(&url, config.with_token(token).with_reconnect_strategy(quick));
    let (connecting, mut codes) = mpsc::unbounded_channel();
    client.on_connecting(move |event| {
        let _ = connecting.send(event.code);
    });
    client.connect().await.unwrap();
    assert_eq!((client.state(), next(&mut codes).await), (State::Connected, 0));

    let room = client.new_subscription("room:1");
    let (publications, mut published) = mpsc::unbounded_channel();
    room.on_publication(move |publication| {
        drop(publications.send(serde_json::from_slice::<Value>(&publication.data).unwrap()));
    });
    let (subscribed, mut subscriptions) = mpsc::unbounded_channel();
    room.on_subscribed(move |_| {
        let _ = subscribed.send(());
    });
    room.subscribe().await.unwrap();
    next(&mut subscriptions).await;
    room.publish(br#"{"n":1}"#.to_vec()).await.unwrap();
    assert_eq!(next(&mut published).await, json!({"n": 1}));
    let echo = client.rpc("room:1/echo", br#"{"n":7}"#.to_vec()).await.unwrap();
    assert_eq!(serde_json::from_slice::<Value>(&echo).unwrap(), json!({"n": 7}));
    for (method, expected) in [("room:1/nothing", 104), ("nothing", 104)] {
        let refused = client.rpc(method, b"1".to_vec()).await.unwrap_err();
        assert_eq!(code(&refused), expected, "{method}");
    }
    for (channel, expected) in [("secret:1", 103), ("nothing:1", 102), ("room:1", 107)] {
        let refused = client.publish(channel, br#"{"n":"one"}"#.to_vec()).await.unwrap_err();
        assert_eq!(code(&refused), expected, "{channel}");
    }
    let (unsubscribed, mut refused) = mpsc::unbounded_channel();
    let secret = client.new_subscription("secret:1");
    secret.on_unsubscribed(move |event| {
        let _ = unsubscribed.send(event.code);
    });
    assert!(secret.subscribe().await.is_err());
    assert_eq!(next(&mut refused).await, 103);

    assert_eq!(server.post("/drop").send().await.unwrap().status(), 204);
    // It acts on the close code, and tells 0.
    assert_eq!(next(&mut codes).await, 0);
    next(&mut subscriptions).await;
    room.publish(br#"{"n":5}"#.to_vec()).await.unwrap();
    assert_eq!(next(&mut published).await, json!({"n": 5}), "it does not recover");
    client.disconnect().await;
    assert_eq!(state.live.metrics().insufficient, 0);
}

#[actix_web::test]
async fn tokio_centrifuge_in_json() {
    play(Config::new().use_json(), "").await;
}

#[actix_web::test]
async fn tokio_centrifuge_in_protobuf() {
    play(Config::new().use_protobuf(), "?format=protobuf").await;
}
