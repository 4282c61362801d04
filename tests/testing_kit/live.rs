//! Clients of live channels on time that stands still: what they do, and how what fails is told.

use std::{
    panic::{AssertUnwindSafe, Location},
    time::{Duration, SystemTime},
};

use actix_charter::{
    live::{
        Connection, LiveSettings, Subscription,
        broker::Whom,
        protocol::{DisconnectCode, UnsubscribeCode},
        socket::SocketSettings,
    },
    prelude::*,
    testing::live::{LiveClient, LiveEvent, LiveKit},
};
use actix_web::{http::StatusCode, web};
use futures_util::{FutureExt, future::LocalBoxFuture};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use validator::Validate;

#[derive(Clone)]
struct Caller {
    is_porter: bool,
}

#[derive(Debug, PartialEq, Deserialize, Serialize, JsonSchema, Validate, Model)]
struct Said {
    #[validate(length(min = 1))]
    text: String,
}

struct Rooms;

#[channel("room:{id}", history(size = 3, ttl = "1m"), recover, presence, join_leave, leave_delay = "2s")]
impl Rooms {
    #[subscribe]
    async fn enter(&self, id: Path<u32>) -> Option<Subscription<String>> {
        (id.0 < 100).then(|| Subscription::new(format!("room {}", id.0)).info(&json!({"seat": 1})))
    }

    #[publish]
    async fn say(&self, Body(said): Body<Said>) -> Said {
        said
    }

    #[rpc]
    async fn double(&self, number: Body<u32>) -> u32 {
        number.0 * 2
    }

    /// It waits for a timer.
    #[rpc]
    async fn ponder(&self) -> u32 {
        tokio::time::sleep(Duration::from_secs(90)).await;
        42
    }

    /// It waits for a thread.
    #[rpc]
    async fn compute(&self, number: Body<u32>) -> u32 {
        let (sender, receiver) = tokio::sync::oneshot::channel();
        std::thread::spawn(move || sender.send(number.0 + 1));
        receiver.await.unwrap()
    }
}

struct Lodge;

#[channel("lodge")]
impl Lodge {
    #[subscribe(declares(403))]
    async fn enter(&self, who: Identity<Caller>, key: web::Data<&'static str>) -> Result<String, Problem> {
        if who.0.is_porter { Ok((**key).to_owned()) } else { Err(Problem::new(StatusCode::FORBIDDEN)) }
    }

    #[publish]
    async fn ring(&self, from: Connection) -> String {
        from.user
    }
}

struct Trials;

#[channel("trial")]
impl Trials {
    #[subscribe]
    async fn enter(&self, life: Option<Body<u64>>) -> Subscription {
        Subscription::new(()).expires_in(Duration::from_secs(life.map_or(60, |life| life.0)))
    }
}

fn channels() -> Live {
    Live::new().channel(Rooms).channel(Lodge).channel(Trials).personal("#{user}")
}

async fn started() -> LiveKit {
    LiveKit::start(channels()).await
}

/// For tests that fail: they wait for nothing.
async fn hasty() -> LiveKit {
    LiveKit::of(channels()).patience(Duration::ZERO).start().await
}

fn said(text: &str) -> Said {
    Said { text: text.to_owned() }
}

fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

/// Ann and Bob in room 7.
async fn two(live: &LiveKit) -> (LiveClient, LiveClient) {
    let (ann, bob) = (live.connect_as("ann").await, live.connect_as("bob").await);
    ann.subscribe("room:7").await;
    bob.subscribe("room:7").await;
    (ann, bob)
}

#[actix_web::test]
async fn what_one_says_all_hear() {
    let live = started().await;
    let (ann, bob) = two(&live).await;
    ann.publish("room:7", &said("hi")).await;
    for client in [&ann, &bob] {
        assert_eq!(client.expect::<Said>("room:7").await, said("hi"));
        client.expect_nothing().await;
    }
    live.broadcaster().publish("room:7", &said("closing")).tag("kind", "notice").await.unwrap();
    let (mut seen, mut joins) = (None, Vec::new());
    while seen.is_none() {
        match bob.next().await {
            LiveEvent::Join { who, .. } => joins.push(who.user),
            LiveEvent::Publication { data, tags, offset, by, .. } => seen = Some((data, tags, offset, by)),
            other => panic!("{other}"),
        }
    }
    assert_eq!(joins, ["bob"]);
    assert_eq!(seen.unwrap(), (json!({"text": "closing"}), json!({"kind": "notice"}), 2, None));
}

#[actix_web::test]
async fn answers_are_typed_and_refusals_say_why() {
    let live = started().await;
    let (ann, _bob) = two(&live).await;
    assert_eq!(ann.call::<u32>("room:7", "double", &21).await, 42);
    assert_eq!(ann.call::<u32>("room:7", "compute", &1).await, 2);
    assert_eq!(ann.subscribe("room:8").await.data::<String>(), "room 8");

    let problem = ann.try_subscribe("room:100").await.unwrap_err();
    assert_eq!((problem.code(), problem.is_temporary()), (102, false));
    let problem = ann.try_publish("room:7", &json!({"text": ""})).await.unwrap_err();
    assert_eq!(problem.code(), 107);
    assert!(problem.has_fault("/text", "at least 1"), "{problem}");
    assert!(!problem.has_fault("/other", ""));
    let problem = ann.try_publish("room:seven", &said("hi")).await;
    assert!(problem.is_ok(), "nobody reads the number");
    let problem = ann.try_subscribe("room:seven").await.unwrap_err();
    assert!(problem.has_fault("/id", "") && problem.faults()[0].place == "channel", "{problem}");
    assert_eq!(ann.try_call::<u32>("nowhere", "double", &1).await.unwrap_err().code(), 102);
    assert_eq!(ann.try_call::<u32>("room:7", "triple", &1).await.unwrap_err().code(), 104);
    assert_eq!(ann.try_history::<Value>("lodge").await.unwrap_err().code(), 103);
    assert_eq!(ann.try_presence("lodge").await.unwrap_err().code(), 108);

    ann.publish("room:7", &said("one")).await;
    ann.publish("room:7", &said("two")).await;
    assert_eq!(ann.history::<Said>("room:7").await, [said("one"), said("two")]);
}

#[actix_web::test]
async fn who_was_away_gets_what_they_missed() {
    let live = started().await;
    let (ann, bob) = two(&live).await;
    ann.publish("room:7", &said("1")).await;
    assert_eq!(bob.expect::<Said>("room:7").await, said("1"));
    let first = bob.id();
    bob.disconnect();
    assert!(!bob.is_connected());
    ann.publish("room:7", &said("2")).await;
    ann.publish("room:7", &said("3")).await;
    live.skip(seconds(25)).await;
    let back = bob.reconnect().await;
    assert!(back.recovered());
    assert!(back.subscription("room:7").unwrap().as_ref().unwrap().recovered());
    assert_ne!(bob.id(), first);
    assert_eq!(bob.expect::<Said>("room:7").await, said("2"));
    assert_eq!(bob.expect::<Said>("room:7").await, said("3"));
    bob.expect_nothing().await;

    // More than is kept.
    bob.disconnect();
    for text in ["4", "5", "6", "7"] {
        ann.publish("room:7", &said(text)).await;
    }
    assert!(!bob.reconnect().await.recovered());
    bob.expect_nothing().await;
    ann.publish("room:7", &said("8")).await;
    assert_eq!(bob.expect::<Said>("room:7").await, said("8"));

    // Longer ago than it is kept.
    bob.disconnect();
    ann.publish("room:7", &said("9")).await;
    live.skip(seconds(61)).await;
    assert!(!bob.reconnect().await.recovered());
}

#[actix_web::test]
async fn the_channel_of_ones_own_is_there_from_the_start() {
    let live = started().await;
    let ann = live.connect_as("ann").await;
    live.broadcaster().to_user("ann", &"psst").await.unwrap();
    assert_eq!(ann.expect::<String>("#ann").await, "psst");
    live.broadcaster().to_connection(ann.id(), &1).await.unwrap();
    assert_eq!(ann.expect_message::<u8>().await, 1);
    assert!(ann.reconnect().await.recovered(), "it cannot be recovered, and is there again");
    live.broadcaster().publish("#ann", &"again").await.unwrap();
    assert_eq!(ann.expect::<String>("#ann").await, "again");
}

#[actix_web::test]
async fn it_is_known_who_comes_and_goes() {
    let live = started().await;
    let (ann, bob) = two(&live).await;
    assert_eq!(ann.expect_join("room:7").await.user, "bob");
    let there = bob.presence("room:7").await;
    assert_eq!(there.users(), ["ann", "bob"]);
    assert_eq!(there[0].client, ann.id());
    assert_eq!(there[0].info::<Value>(), json!({"seat": 1}));
    bob.disconnect();
    assert_eq!(ann.presence("room:7").await.users(), ["ann"]);
    ann.expect_nothing().await;
    live.skip(seconds(2)).await;
    assert_eq!(ann.expect_leave("room:7").await.to_string(), "bob");
    ann.unsubscribe("room:7").await;
    assert_eq!(live.metrics().subscriptions, 1, "her own channel");
}

#[actix_web::test]
async fn handlers_see_who_connects_and_the_applications_data() {
    let live = LiveKit::of(channels()).app_data(web::Data::new("under the mat")).start().await;
    let porter = live.connect_as("porter").identity(Caller { is_porter: true }).await;
    assert_eq!(porter.subscribe("lodge").await.data::<String>(), "under the mat");
    let ann = live
        .connect_as("ann")
        .identity(Caller { is_porter: false })
        .app_data(web::Data::new("nowhere"))
        .await;
    assert_eq!(ann.try_subscribe("lodge").await.unwrap_err().code(), 103);
    ann.publish("lodge", &()).await;
    assert_eq!(porter.expect::<String>("lodge").await, "ann");
    assert!(porter.reconnect().await.recovered(), "they are who they were");
    assert_eq!(live.connect().await.user(), "");
}

#[actix_web::test]
async fn time_stands_still_until_it_is_skipped() {
    let live = started().await;
    let ann = live.connect_as("ann").await;
    let begun = live.now();
    let real = SystemTime::now();
    assert!(real.duration_since(begun).unwrap_or_default() < seconds(60), "it is about now");
    live.skip(seconds(24 * 60 * 60)).await;
    assert_eq!(live.now().duration_since(begun).unwrap().as_secs(), 24 * 60 * 60);
    assert!(ann.is_connected(), "all pings were answered");
    ann.expect_nothing().await;

    let begun = live.now();
    assert_eq!(live.let_time_pass(ann.call::<u32>("room:7", "ponder", &())).await, 42);
    assert_eq!(live.now().duration_since(begun).unwrap().as_secs(), 90);
}

#[actix_web::test]
async fn permissions_expire_by_the_time_of_the_test() {
    let live = started().await;
    let ann = live.connect_as("ann").expires_at(live.now() + seconds(1000)).await;
    live.skip(seconds(300)).await;
    // A handler says `expires_in`: it is counted from the time of the test.
    ann.subscribe("trial").data(&600).await;
    live.skip(seconds(599)).await;
    live.broadcaster().publish("trial", &1).await.unwrap();
    assert_eq!(ann.expect::<u8>("trial").await, 1);
    live.skip(seconds(102)).await;
    assert_eq!(ann.closed().await.code, 3005, "nothing makes it longer");
}

#[cfg(feature = "jwt")]
#[actix_web::test]
async fn tokens_expire_by_the_time_of_the_test() {
    use actix_charter::live::LiveTokens;
    use jsonwebtoken::{EncodingKey, Header, encode};

    const SECRET: &[u8] = b"a secret of at least thirty-two bytes";
    let live = LiveKit::start(channels().tokens(LiveTokens::hs256(SECRET).unwrap())).await;
    let token = |claims: Value, lasts: u64| {
        let end = (live.now() + seconds(lasts)).duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
        let mut claims = claims;
        claims["exp"] = end.into();
        encode(&Header::default(), &claims, &EncodingKey::from_secret(SECRET)).unwrap()
    };
    assert_eq!(live.connect().attempt().await.unwrap_err().code(), 101);
    let first = token(json!({"sub": "ann"}), 100);
    let ann = live.connect().token(&first).await;
    ann.subscribe("trial").token(token(json!({"sub": "ann", "channel": "trial"}), 50)).await;
    live.skip(seconds(40)).await;
    let longer = token(json!({"sub": "ann", "channel": "trial"}), 1000);
    ann.try_refresh_subscription("trial", longer).await.unwrap();
    live.skip(seconds(50)).await;
    ann.expect_nothing().await;
    ann.try_refresh(token(json!({"sub": "ann"}), 100)).await.unwrap();
    live.skip(seconds(90)).await;
    assert!(ann.is_connected());
    assert_eq!(live.connect().token(first).attempt().await.unwrap_err().code(), 109);
    live.skip(seconds(40)).await;
    assert_eq!(ann.closed().await.code, 3005);
}

#[actix_web::test]
async fn a_client_that_hangs_is_let_go() {
    let live = started().await;
    let (ann, bob) = two(&live).await;
    bob.hang();
    ann.publish("room:7", &said("hello?")).await;
    bob.expect_nothing().await;
    bob.go_on();
    assert_eq!(bob.expect::<Said>("room:7").await, said("hello?"));

    bob.hang();
    live.skip(seconds(60)).await;
    let closed = bob.closed().await;
    assert_eq!((closed.code, closed.reason.as_str()), (3012, "no pong"));
    ann.publish("room:7", &said("still there?")).await;
    assert!(bob.reconnect().await.recovered());
    assert_eq!(bob.expect::<Said>("room:7").await, said("still there?"));
}

#[actix_web::test]
async fn a_client_that_does_not_keep_up_is_let_go() {
    let sockets = SocketSettings::new().queue_bytes(200);
    let live = LiveKit::of(channels()).sockets(sockets).start().await;
    let (ann, bob) = two(&live).await;
    bob.hang();
    for _ in 0..3 {
        ann.publish("room:7", &said(&"x".repeat(100))).await;
        ann.expect::<Said>("room:7").await;
    }
    assert_eq!(bob.closed().await.code, 3008);
    assert!(bob.reconnect().await.recovered());
    for _ in 0..3 {
        bob.expect::<Said>("room:7").await;
    }
}

#[actix_web::test]
async fn the_server_ends_subscriptions_and_connections() {
    let live = started().await;
    let (ann, bob) = two(&live).await;
    let broadcaster = live.broadcaster();
    broadcaster.unsubscribe(Whom::user("ann"), "room:7", UnsubscribeCode::INSUFFICIENT_STATE).await.unwrap();
    bob.publish("room:7", &said("1")).await;
    assert_eq!(ann.expect_unsubscribe("room:7").await, 2500);
    assert!(ann.resubscribe("room:7").await.recovered());
    assert_eq!(ann.expect::<Said>("room:7").await, said("1"));

    broadcaster.unsubscribe(Whom::user("ann"), "room:7", UnsubscribeCode::SERVER).await.unwrap();
    assert_eq!(ann.expect_unsubscribe("room:7").await, 2000);
    assert!(ann.reconnect().await.subscription("room:7").is_none(), "they stay away");

    broadcaster.disconnect(Whom::user("bob"), DisconnectCode::FORCE_NO_RECONNECT).await.unwrap();
    assert_eq!(bob.closed().await.code, 3503);
    live.drain(seconds(10)).await;
    assert_eq!(ann.closed().await.code, 3001);
    assert_eq!(
        ann.about_to_fail(async {
            ann.reconnect().await;
        })
        .await,
        "ann could not connect again: error 3001, shutdown"
    );
}

#[actix_web::test]
async fn not_everybody_is_let_in() {
    let live = LiveKit::start(channels().settings(LiveSettings::new().connections_per_user(1))).await;
    let _ann = live.connect_as("ann").await;
    let refused = live.connect_as("ann").attempt().await.unwrap_err();
    assert_eq!(refused.to_string(), "error 3504, connection limit");
}

#[actix_web::test]
async fn two_kits_are_two_servers() {
    let (one, other) = (started().await, started().await);
    let (ann, bob) = (one.connect_as("ann").await, other.connect_as("bob").await);
    bob.subscribe("room:7").await;
    ann.publish("room:7", &said("hi")).await;
    bob.expect_nothing().await;
    assert_eq!((one.metrics().connections, other.metrics().connections), (1, 1));
}

trait AboutToFail {
    async fn about_to_fail(&self, asked: impl Future<Output = ()>) -> String;
}

impl AboutToFail for LiveClient {
    async fn about_to_fail(&self, asked: impl Future<Output = ()>) -> String {
        let panic = AssertUnwindSafe(asked).catch_unwind().await.expect_err("it was to fail");
        panic.downcast_ref::<String>().cloned().expect("words")
    }
}

fn ended<'a, F: IntoFuture + 'a>(asked: F) -> LocalBoxFuture<'a, ()> {
    async { drop(asked.await) }.boxed_local()
}

/// Each fails with these words.
#[actix_web::test]
async fn what_fails_says_what_came_instead() {
    let live = hasty().await;
    let (ann, bob) = two(&live).await;
    let cases: Vec<(_, LocalBoxFuture<'_, ()>)> = vec![
        ("ann could not subscribe to `room:100`: error 102, not-found", ended(ann.subscribe("room:100"))),
        (
            "ann could not subscribe to `room:7`: error 105, already subscribed",
            ended(ann.subscribe("room:7")),
        ),
        ("ann could not publish in `trial`: error 103, permission denied", ended(ann.publish("trial", &1))),
        (
            "ann could not call `room:7/triple`: error 104, method not found",
            ended(ann.call::<()>("room:7", "triple", &())),
        ),
        (
            "`room:7/double` answered 2, which is no alloc::string::String: invalid type: integer `2`, expected a string",
            ended(ann.call::<String>("room:7", "double", &1)),
        ),
        (
            "ann wanted to call `room:7/ponder` and got no answer; if a handler waits for a timer, see `LiveKit::let_time_pass`",
            ended(ann.call::<u32>("room:7", "ponder", &())),
        ),
        (
            "bob expected a publication in `room:7`, and nothing came; what else came: bob came into `room:7`",
            ended(bob.expect::<Said>("room:7")),
        ),
        (
            "bob expected a publication in `room:8`, and nothing came; they are not subscribed to it; what else came: bob came into `room:7`",
            ended(bob.expect::<Said>("room:8")),
        ),
        (
            "bob expected somebody to leave `room:7`, and nothing came; what else came: bob came into `room:7`",
            ended(bob.expect_leave("room:7")),
        ),
        (
            "bob expected a publication in `room:7`, and got {\"text\":\"hi\"}, which is no u8: invalid type: map, expected u8",
            Box::pin(async {
                bob.publish("room:7", &said("hi")).await;
                bob.expect::<u8>("room:7").await;
            }),
        ),
        (
            "bob expected nothing, and got {\"text\":\"you\"} in `room:7`",
            Box::pin(async {
                bob.publish("room:7", &said("you")).await;
                bob.expect_nothing().await;
            }),
        ),
        (
            "bob expected a message, and nothing came; they are not connected; what else came: bob came into `room:7`, {\"text\":\"you\"} in `room:7`",
            Box::pin(async {
                bob.disconnect();
                bob.expect_message::<u8>().await;
            }),
        ),
        (
            "bob could not publish in `room:7`: they are not connected",
            ended(bob.publish("room:7", &said("hi"))),
        ),
    ];
    for (words, asked) in cases {
        let panic = ann.about_to_fail(asked).await;
        assert_eq!(panic, words);
    }
}

#[actix_web::test]
#[should_panic(
    expected = "ann expected a publication in `room:7`, and got the end of the subscription of `room:7` (2000, server unsubscribe)"
)]
async fn a_subscription_that_ended_fails_the_test() {
    let live = hasty().await;
    let (ann, _bob) = two(&live).await;
    live.broadcaster().unsubscribe(Whom::user("ann"), "room:7", UnsubscribeCode::SERVER).await.unwrap();
    ann.expect::<Said>("room:7").await;
}

#[actix_web::test]
#[should_panic(expected = "ann expected nothing, and got the end of the connection (3503, force disconnect)")]
async fn a_connection_that_ended_fails_the_test() {
    let live = hasty().await;
    let ann = live.connect_as("ann").await;
    live.broadcaster().disconnect(Whom::user("ann"), DisconnectCode::FORCE_NO_RECONNECT).await.unwrap();
    ann.expect_nothing().await;
}

#[actix_web::test]
#[should_panic(expected = "`room:{id}` is declared twice")]
async fn channels_that_do_not_fit_together_fail_the_test() {
    LiveKit::start(channels().channel(Rooms)).await;
}

/// The panic is at the line that awaits.
#[actix_web::test]
async fn a_failure_is_told_at_the_line_of_the_test() {
    let live = hasty().await;
    let ann = live.connect_as("ann").await;
    let told = std::sync::Arc::new(std::sync::Mutex::new(None));
    let line = {
        let told = std::sync::Arc::clone(&told);
        let this = std::thread::current().id();
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if std::thread::current().id() == this {
                *told.lock().unwrap() = panic.location().map(|at| (at.file().to_owned(), at.line()));
            } else {
                before(panic);
            }
        }));
        let asked = async { ann.publish("trial", &1).await };
        let line = Location::caller().line() - 1;
        ann.about_to_fail(asked).await;
        line
    };
    assert_eq!(*told.lock().unwrap(), Some((file!().to_owned(), line)));
}
