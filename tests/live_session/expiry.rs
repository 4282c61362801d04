use std::{
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime},
};

use actix_charter::live::{
    LiveNode, LiveSettings,
    broker::Engine,
    protocol::{Disconnect, DisconnectCode, ErrorCode, ReplyError},
    seam::{Admission, Admitted, Arrival, Grant, Hello, Peer, Refusal},
};
use futures_util::future::{LocalBoxFuture, ready};
use serde_json::json;
use tokio::time::Instant;

use crate::{
    double::{Double, Kind},
    fixture::{Client, arrival, double, error, live, seconds, settings, stream},
};

/// A token is a number of seconds from now.
struct Tokens(LiveSettings, SystemTime, Instant);

impl Tokens {
    fn now(&self) -> SystemTime {
        self.1 + self.2.elapsed()
    }

    fn read(&self, token: &str) -> Result<SystemTime, Refusal> {
        match token.parse() {
            Ok(0) => Err(Refusal::Error(ErrorCode::TOKEN_EXPIRED.into())),
            Ok(seconds) => Ok(self.now() + Duration::from_secs(seconds)),
            Err(_) => Err(Refusal::Disconnect(Disconnect::from(DisconnectCode::INVALID_TOKEN))),
        }
    }
}

impl Admission for Tokens {
    fn admit(
        &self,
        mut arrival: Arrival,
        hello: Hello,
    ) -> LocalBoxFuture<'static, Result<Admitted, Refusal>> {
        let until = self.read(&hello.token);
        Box::pin(async move {
            arrival.expires = Some(until?);
            Ok(Admitted { by_token: true, ..Admitted::from(arrival) })
        })
    }

    fn refresh(
        &self,
        _: Rc<Peer>,
        token: String,
    ) -> LocalBoxFuture<'static, Result<Option<SystemTime>, Refusal>> {
        Box::pin(ready(self.read(&token).map(Some)))
    }

    fn subscription(
        &self,
        _: Rc<Peer>,
        channel: &str,
        token: String,
    ) -> LocalBoxFuture<'static, Result<Grant, ReplyError>> {
        let grant = match token.split_once('/') {
            Some((name, until)) if name == channel => self.read(until).map_err(|refusal| match refusal {
                Refusal::Error(error) => error,
                Refusal::Disconnect(_) => ErrorCode::PERMISSION_DENIED.into(),
            }),
            _ => Err(ErrorCode::PERMISSION_DENIED.into()),
        };
        Box::pin(ready(grant.map(|until| Grant { expires: Some(until), ..Grant::default() })))
    }
}

async fn tokens() -> LiveNode {
    tokens_of(double()).await
}

async fn tokens_of(channels: Double) -> LiveNode {
    let start = SystemTime::UNIX_EPOCH + seconds(1_700_000_000);
    let tokens = Tokens(settings(), start, Instant::now());
    let settings = tokens.0.clone();
    LiveNode::start_here(Arc::new(channels), Arc::new(tokens), Engine::default(), settings).await.unwrap()
}

async fn with_token(live: &LiveNode, token: &str) -> Client {
    let client = Client::open(live, arrival("ada"));
    let reply = client.ask("connect", json!({"token": token})).await;
    assert_eq!(
        (&reply["connect"]["expires"], &reply["connect"]["ttl"]),
        (&json!(true), &json!(token.parse::<u64>().unwrap()))
    );
    client
}

#[actix_web::test]
async fn a_token_that_is_over_is_109_and_one_that_is_bad_is_3500() {
    tokio::time::pause();
    let live = tokens().await;
    let client = Client::open(&live, arrival("ada"));
    assert_eq!(error(&client.ask("connect", json!({"token": "0"})).await), 109);
    client.send("connect", json!({"token": "60"}));
    assert_eq!(client.ended().await, 3501, "it connects anew, or not at all");
    let client = Client::open(&live, arrival("ada"));
    client.send("connect", json!({"token": "forged"}));
    assert_eq!(client.ended().await, 3500);
}

#[actix_web::test]
async fn who_refreshes_stays_and_who_does_not_is_let_go_after_the_grace() {
    tokio::time::pause();
    let live = tokens().await;
    let client = with_token(&live, "60").await;
    let start = Instant::now();
    while start.elapsed() < seconds(59) {
        tokio::time::advance(seconds(1)).await;
        assert!(client.is_alive().await);
    }
    let reply = client.ask("refresh", json!({"token": "60"})).await;
    assert_eq!((&reply["refresh"]["expires"], &reply["refresh"]["ttl"]), (&json!(true), &json!(60)));
    assert_eq!(error(&client.ask("refresh", json!({"token": "0"})).await), 109);
    let refreshed = Instant::now();
    let silent = client.keep_until_end().await;
    assert_eq!(silent, 3005);
    assert_eq!(refreshed.elapsed().as_secs(), 60 + 25);
}

#[actix_web::test]
async fn a_subscription_by_token_ends_when_it_is_not_refreshed() {
    tokio::time::pause();
    let live = tokens().await;
    let client = with_token(&live, "1000").await;
    let ask =
        async |token: &str| client.ask("subscribe", json!({"channel": "plain:a", "token": token})).await;
    assert_eq!(error(&ask("plain:b/60").await), 103);
    assert_eq!(error(&ask("plain:a/0").await), 109);
    let reply = ask("plain:a/60").await;
    assert_eq!((&reply["subscribe"]["expires"], &reply["subscribe"]["ttl"]), (&json!(true), &json!(60)));
    let refreshed = client.ask("sub_refresh", json!({"channel": "plain:a", "token": "plain:a/50"})).await;
    assert_eq!(refreshed["sub_refresh"]["ttl"], 50);
    let start = Instant::now();
    assert_eq!(client.push().await["unsubscribe"]["code"], 2501);
    assert_eq!(start.elapsed().as_secs(), 75);
    assert_eq!(live.metrics().subscriptions, 0);
}

#[actix_web::test]
async fn a_new_token_does_not_outlive_what_the_channel_allows() {
    tokio::time::pause();
    let asked = Arc::new(AtomicU64::new(0));
    let count = Arc::clone(&asked);
    let kind = Kind::new(stream(10)).on_subscribe(move |_| match count.fetch_add(1, Ordering::SeqCst) {
        2 => Err(ErrorCode::PERMISSION_DENIED.into()),
        _ => Ok(Grant { lasts: Some(seconds(30)), ..Grant::default() }),
    });
    let live = tokens_of(Double::new().with("a", kind)).await;
    let client = with_token(&live, "1000").await;
    let reply = client.ask("subscribe", json!({"channel": "a", "token": "a/600"})).await;
    assert_eq!(reply["subscribe"]["ttl"], 30);
    let refresh = async || client.ask("sub_refresh", json!({"channel": "a", "token": "a/600"})).await;
    assert_eq!(refresh().await["sub_refresh"]["ttl"], 30);
    assert_eq!(error(&refresh().await), 103, "the channel thinks otherwise by now");
}

#[actix_web::test]
async fn without_tokens_the_channel_is_asked_again() {
    tokio::time::pause();
    let start = Instant::now();
    let asked = Arc::new(AtomicU64::new(0));
    let count = Arc::clone(&asked);
    let kind = Kind::new(stream(10)).on_subscribe(move |_| match count.fetch_add(1, Ordering::SeqCst) {
        3 => Err(ErrorCode::PERMISSION_DENIED.into()),
        times => {
            let until = SystemTime::UNIX_EPOCH + seconds(1_700_000_000 + 60 * (times + 1));
            Ok(Grant { expires: Some(until), ..Grant::default() })
        }
    });
    let live = live(Double::new().with("a", kind)).await;
    let client = Client::connect(&live, "ada").await;
    let reply = client.subscribe("a").await;
    assert_eq!(reply.get("expires"), None, "there is nothing for the client to do");
    assert_eq!(client.push().await["unsubscribe"]["code"], 2501);
    assert_eq!((start.elapsed().as_secs(), asked.load(Ordering::SeqCst)), (180, 4));
}

#[actix_web::test]
async fn an_identity_that_is_over_ends_the_connection() {
    tokio::time::pause();
    let live = live(double()).await;
    let mut arrival = arrival("ada");
    arrival.expires = Some(SystemTime::UNIX_EPOCH + seconds(1_700_000_020));
    let client = Client::open(&live, arrival);
    let reply = client.ask("connect", json!({})).await;
    assert_eq!(reply["connect"].get("expires"), None);
    let start = Instant::now();
    assert_eq!(client.keep_until_end().await, 3005);
    assert_eq!(start.elapsed().as_secs(), 20);
}
