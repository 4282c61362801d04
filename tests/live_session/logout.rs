//! Who logs out leaves with all that is theirs, connected or not.

use std::{rc::Rc, sync::Arc, time::SystemTime};

use actix_charter::live::{
    LiveNode, LiveSettings,
    broker::{Engine, Whom},
    protocol::{DisconnectCode, ErrorCode, ReplyError},
    seam::{Admission, Admitted, Arrival, Grant, Hello, Peer, Refusal},
};
use futures_util::future::{LocalBoxFuture, ready};
use serde_json::json;
use tokio::sync::Semaphore;

use crate::fixture::{Client, arrival, double, live_with, seconds, settings, settle};

fn of_session(user: &str, session: &str) -> Arrival {
    Arrival { session: Some(session.to_owned()), ..arrival(user) }
}

#[actix_web::test]
async fn a_logout_ends_what_was_opened_and_has_not_connected_yet() {
    tokio::time::pause();
    let live = live_with(double(), patient()).await;
    let other = Client::open(&live, of_session("ada", "s2"));
    let bob = Client::open(&live, of_session("bob", "s3"));
    let anonymous = Client::open(&live, arrival(""));
    for whom in
        [Whom::session("s1"), Whom { session: Some("s1".to_owned()), ..Whom::user("ada") }, Whom::user("ada")]
    {
        let client = Client::open(&live, of_session("ada", "s1"));
        let gone = whom == Whom::user("ada");
        live.broadcaster().disconnect(whom, DisconnectCode::FORCE_NO_RECONNECT).await.unwrap();
        settle().await;
        client.send("connect", json!({}));
        assert_eq!(client.ended().await, 3503);
        assert_eq!(other.connection.closed().is_some(), gone);
        let fresh = Client::open(&live, of_session("ada", "s1"));
        assert!(fresh.ask("connect", json!({})).await["error"].is_null(), "a later login is another one");
        live.broadcaster().disconnect(Whom::client(""), DisconnectCode::FORCE_NO_RECONNECT).await.unwrap();
        assert!(fresh.is_alive().await);
    }
    for stays in [bob, anonymous] {
        assert!(stays.ask("connect", json!({})).await["error"].is_null());
        assert!(stays.is_alive().await);
    }
}

#[actix_web::test]
async fn everybody_anonymous_is_also_who_has_not_connected_yet() {
    tokio::time::pause();
    let live = live_with(double(), patient()).await;
    let (anonymous, ada) = (Client::open(&live, arrival("")), Client::open(&live, arrival("ada")));
    live.broadcaster().disconnect(Whom::user(""), DisconnectCode::FORCE_NO_RECONNECT).await.unwrap();
    assert_eq!(anonymous.ended().await, 3503);
    assert!(ada.ask("connect", json!({})).await["error"].is_null());
    drop((anonymous, ada));
    settle().await;
    assert_eq!(live.metrics().connections, 0);
}

#[actix_web::test]
async fn who_has_expired_has_so_before_they_connect() {
    tokio::time::pause();
    let live = live_with(double(), patient()).await;
    let (early, other) = (Client::open(&live, arrival("ada")), Client::open(&live, arrival("bob")));
    live.broadcaster().refresh(Whom::user("ada")).never_expires().await.unwrap();
    settle().await;
    assert!(early.connection.closed().is_none(), "a later end is no end");
    live.broadcaster().refresh(Whom::user("ada")).expired().await.unwrap();
    assert_eq!(early.ended().await, 3005);
    assert!(other.ask("connect", json!({})).await["error"].is_null());
}

/// Who waits for one client does nothing for another.
fn patient() -> LiveSettings {
    settings().ping(seconds(10_000), seconds(8)).stale_after(seconds(10_000))
}

/// The token is the user; a permit lets one in.
struct Slow(Arc<Semaphore>);

impl Admission for Slow {
    fn admit(
        &self,
        mut arrival: Arrival,
        hello: Hello,
    ) -> LocalBoxFuture<'static, Result<Admitted, Refusal>> {
        let gate = Arc::clone(&self.0);
        Box::pin(async move {
            gate.acquire().await.unwrap().forget();
            if !hello.token.is_empty() {
                arrival.user = hello.token;
            }
            Ok(arrival.into())
        })
    }

    fn refresh(
        &self,
        _: Rc<Peer>,
        _: String,
    ) -> LocalBoxFuture<'static, Result<Option<SystemTime>, Refusal>> {
        Box::pin(ready(Ok(None)))
    }

    fn subscription(
        &self,
        _: Rc<Peer>,
        _: &str,
        _: String,
    ) -> LocalBoxFuture<'static, Result<Grant, ReplyError>> {
        Box::pin(ready(Err(ErrorCode::PERMISSION_DENIED.into())))
    }
}

#[actix_web::test]
async fn a_logout_ends_what_is_being_let_in() {
    tokio::time::pause();
    let gate = Arc::new(Semaphore::new(0));
    let slow = Arc::new(Slow(Arc::clone(&gate)));
    let live = LiveNode::start_here(Arc::new(double()), slow, Engine::default(), patient()).await.unwrap();
    // By what the request tells, and by what the token does.
    for (token, whom) in [("", Whom::session("s1")), ("", Whom::user("ada")), ("eve", Whom::user("eve"))] {
        let (ada, bob) =
            (Client::open(&live, of_session("ada", "s1")), Client::open(&live, of_session("bob", "s2")));
        ada.send("connect", json!({"token": token}));
        bob.send("connect", json!({}));
        settle().await;
        live.broadcaster().disconnect(whom, DisconnectCode::FORCE_NO_RECONNECT).await.unwrap();
        settle().await;
        gate.add_permits(2);
        assert_eq!(ada.ended().await, 3503);
        assert!(bob.next().await["error"].is_null());
        assert!(bob.is_alive().await);
        settle().await;
        // Who was ended before it was let in has left a permit.
        while gate.try_acquire().is_ok_and(|permit| {
            permit.forget();
            true
        }) {}
    }
    settle().await;
    assert_eq!(live.metrics().connections, 0);
}
