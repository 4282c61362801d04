//! The server API over HTTP, as a controller: its document, its errors, its keys.

use actix_charter::{
    live::{LiveApi, LiveNode},
    prelude::*,
    security::BearerToken,
    testing::TestClient,
};
use serde_json::{Value, json};

use crate::{
    cent::router,
    double::{Double, Kind},
    fixture::{Client, double, live, settle, stream},
    roas::valid_document,
};

async fn client(live: &LiveNode) -> TestClient {
    TestClient::new(router(live)).await.header(("X-API-Key", "k-51c0ffee"))
}

async fn post(client: &TestClient, command: &str, body: Value) -> Value {
    let answer = client.post(&format!("/api/{command}")).json(&body).send().await;
    answer.assert_status(200);
    answer.json()
}

#[actix_web::test]
async fn nobody_gets_in_without_a_key_and_it_cannot_be_forgotten() {
    tokio::time::pause();
    let live = live(double()).await;
    let open = Router::new("/api").controller(LiveApi::new(&live));
    let why = open.check().unwrap_err().to_string();
    assert!(why.contains("ApiKey<LiveCaller>"), "{why}");
    // What an outer layer says changes nothing.
    let public = Router::new("/api").security(Requirement::Public).controller(LiveApi::new(&live));
    assert!(public.check().is_err());

    let client = TestClient::new(router(&live)).await;
    let publish = json!({"channel": "plain:a", "data": 1});
    for (header, value, status) in [
        ("X-API-Key", "k-51c0ffee", 200),
        ("Authorization", "apikey k-51c0ffee", 200),
        ("Authorization", "APIKEY k-51c0ffee", 200),
        ("X-API-Key", "wrong", 401),
        ("X-API-Key", "", 401),
        ("Authorization", "apikey wrong", 401),
        ("Authorization", "apikey", 401),
        ("Authorization", "Bearer k-51c0ffee", 401),
        ("Accept", "*/*", 401),
    ] {
        let answer = client.post("/api/publish").header((header, value)).json(&publish).send().await;
        answer.assert_status(status);
    }
    assert_eq!(live.metrics().publications, 0, "nobody was subscribed");
}

#[actix_web::test]
async fn another_scheme_may_guard_it() {
    tokio::time::pause();
    let live = live(double()).await;
    let tokens = BearerToken::<u64>::new(
        async |_: &actix_web::HttpRequest, token: actix_charter::security::Secret| {
            (token.expose() == "t").then_some(1_u64)
        },
    );
    let router =
        Router::new("/api").scheme(tokens).controller(LiveApi::<BearerToken<u64>>::secured_by(&live));
    let client = TestClient::new(router).await;
    client.post("/api/info").json(&json!({})).send().await.assert_status(401);
    client.post("/api/info").bearer("t").json(&json!({})).send().await.assert_status(200);
}

#[actix_web::test]
async fn the_document_has_all_of_it() {
    tokio::time::pause();
    let live = live(double()).await;
    let document = valid_document(&router(&live));
    let paths: Vec<_> = document["paths"].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(paths.len(), 13, "{paths:?}");
    let publish = &document["paths"]["/api/publish"]["post"];
    assert_eq!(publish["operationId"], "live_publish");
    assert_eq!(publish["security"], json!([{"LiveApiKey": []}]));
    assert_eq!(publish["tags"], json!(["live"]));
    let schema = &document["components"]["schemas"]["LivePublish"];
    assert_eq!(schema["required"], json!(["channel"]), "{schema}");
    assert_eq!(schema["additionalProperties"], false);
    assert_eq!(
        document["components"]["securitySchemes"]["LiveApiKey"],
        json!({"type": "apiKey", "in": "header", "name": "x-api-key"})
    );
}

#[actix_web::test]
async fn data_travels_as_it_was_written() {
    tokio::time::pause();
    let live = live(double()).await;
    let api = client(&live).await;
    let listener = Client::connect(&live, "ada").await;
    listener.subscribe("stream:a").await;
    let number = "12345678901234567890123456789.10";
    let body = format!("{{\"channel\":\"stream:a\",\"data\":{{\"z\":{number},\n \"a\":null}}}}");
    api.post("/api/publish").body("application/json", body).send().await.assert_status(200);
    let text = listener.connection.next().await.unwrap();
    assert!(text.contains(&format!("{{\"z\":{number},  \"a\":null}}")), "{text}");
    let answer = api.post("/api/history").json(&json!({"channel": "stream:a", "limit": -1})).send().await;
    assert!(answer.text().contains(number), "{}", answer.text());

    // Null is data, too, and so is JSON in base64.
    post(&api, "publish", json!({"channel": "stream:a", "data": null})).await;
    post(&api, "publish", json!({"channel": "stream:a", "b64data": "eyJuIjoxfQ=="})).await;
    assert_eq!((listener.data().await, listener.data().await), (Value::Null, json!({"n": 1})));
}

#[actix_web::test]
async fn what_cannot_be_done_is_told_and_nothing_else_is_done() {
    tokio::time::pause();
    let mut versioned = stream(10);
    versioned.delta = true;
    let live = live(double().with("delta", Kind::new(versioned))).await;
    let api = client(&live).await;
    let listener = Client::connect(&live, "ada").await;
    listener.subscribe("stream:a").await;
    let a = |more: Value| {
        let mut command = json!({"channel": "stream:a"});
        command.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        command
    };
    for (command, body, code, message) in [
        ("publish", a(json!({})), 107, "data: is missing"),
        ("publish", a(json!({"data": 1, "b64data": "MQ=="})), 107, "data: is there twice, as b64data, too"),
        ("publish", a(json!({"b64data": "?"})), 107, "b64data: is not base64"),
        ("publish", a(json!({"b64data": "eyJh"})), 107, "b64data: is not JSON"),
        ("publish", a(json!({"data": 1, "delta": true})), 108, "delta: the channel has none"),
        ("publish", json!({"channel": "\u{e4}", "data": 1}), 107, "channel: no name of a channel"),
        ("publish", json!({"channel": "x".repeat(256), "data": 1}), 107, "channel: no name of a channel"),
        ("broadcast", json!({"channels": [], "data": 1}), 107, "channels: is empty"),
        ("subscribe", json!({"channel": "nothing", "user": "ada"}), 102, "unknown channel"),
        ("subscribe", a(json!({"user": ""})), 107, "user: is empty"),
        ("subscribe", a(json!({"user": "ada", "b64info": "?"})), 107, "b64info: is not base64"),
        ("subscribe", a(json!({"user": "ada", "expire_at": -1})), 107, "expire_at: no moment there is"),
        ("unsubscribe", json!({"channel": "", "user": "ada"}), 107, "channel: no name of a channel"),
        (
            "disconnect",
            json!({"user": "ada", "disconnect": {"code": 4000, "reason": "x".repeat(124)}}),
            107,
            "disconnect: the reason is longer than 123 bytes",
        ),
        ("history_remove", json!({"channel": "plain:a"}), 108, "the channel keeps no history"),
        ("channels", json!({"pattern": "[ab]"}), 107, "pattern: only * and ? mean something"),
    ] {
        let answer = post(&api, command, body).await;
        assert_eq!(answer, json!({"error": {"code": code, "message": message}}), "{command}");
    }
    for body in [
        json!({"data": 1}),
        json!({"channel": 1, "data": 1}),
        json!({"channel": "stream:a", "data": 1, "use_delta": true}),
        json!([]),
    ] {
        let answer = api.post("/api/publish").json(&body).unchecked().send().await;
        answer.assert_status(400).assert_content_type("application/problem+json");
    }
    assert!(listener.is_quiet().await);
    let done =
        post(&api, "publish", json!({"channel": "delta", "data": 1, "delta": true, "version": 2})).await;
    assert_eq!(done["result"]["offset"], 1);
    let late = post(&api, "publish", json!({"channel": "delta", "data": 1, "version": 1})).await;
    assert_eq!(late["result"]["offset"], 1, "it is older than what there is");
}

#[actix_web::test]
async fn what_is_not_kept_reaches_who_is_there_and_leaves_no_gap() {
    tokio::time::pause();
    let live = live(double()).await;
    let api = client(&live).await;
    let listener = Client::connect(&live, "ada").await;
    listener.subscribe("stream:a").await;
    for (data, skip) in [(1, false), (2, true), (3, false)] {
        post(&api, "publish", json!({"channel": "stream:a", "data": data, "skip_history": skip})).await;
        assert_eq!(listener.data().await, data);
    }
    let history = post(&api, "history", json!({"channel": "stream:a", "limit": -1})).await;
    let kept: Vec<_> = history["result"]["publications"].as_array().unwrap().iter().collect();
    assert_eq!(kept.iter().map(|entry| &entry["data"]).collect::<Vec<_>>(), [&json!(1), &json!(3)]);
    tokio::time::advance(std::time::Duration::from_secs(60)).await;
    settle().await;
    assert_eq!(live.metrics().insufficient, 0);
}

#[actix_web::test]
async fn a_batch_does_what_it_can() {
    tokio::time::pause();
    let live = live(double()).await;
    let api = client(&live).await;
    for parallel in [false, true] {
        let commands = json!([
            {"publish": {"channel": "stream:a", "data": 1}},
            {"publish": {"channel": "nothing", "data": 1}},
            {},
            {"info": {}, "channels": {}},
            {"history": {"channel": "stream:a"}},
        ]);
        let answer = post(&api, "batch", json!({"commands": commands, "parallel": parallel})).await;
        let replies = answer["replies"].as_array().unwrap();
        let kinds: Vec<_> = replies
            .iter()
            .map(|reply| reply.as_object().unwrap().iter().next().unwrap())
            .map(|(name, of)| (name.as_str(), of["code"].as_u64()))
            .collect();
        let bad = ("error", Some(107));
        assert_eq!(kinds, [("publish", None), ("error", Some(102)), bad, bad, ("history", None)]);
    }
}

#[actix_web::test]
async fn when_the_broker_is_down_it_is_an_internal_error() {
    tokio::time::pause();
    let (live, broker) = crate::recovery::faulty(Double::new().with("stream", Kind::new(stream(10)))).await;
    let api = client(&live).await;
    broker.is_down.store(true, std::sync::atomic::Ordering::SeqCst);
    let answer = post(&api, "publish", json!({"channel": "stream:a", "data": 1})).await;
    assert_eq!(answer["error"]["code"], 100);
}
