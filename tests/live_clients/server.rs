use std::{
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use actix_charter::{
    live::{
        ChannelLayer, ConnectionToken, LiveNode, LiveTokens, RecoveryMode, broker::Whom,
        protocol::DisconnectCode,
    },
    prelude::*,
};
use actix_web::{App, HttpResponse, web};
use jsonwebtoken::{EncodingKey, Header, encode};
use serde::Deserialize;
use serde_json::{Value, json};

const SECRET: &[u8] = b"a secret of at least thirty-two bytes";

struct Rooms;

#[channel("room:{id}", presence, join_leave)]
impl Rooms {
    /// Whoever has a token may listen.
    #[subscribe]
    async fn enter(&self, _id: Path<String>, _who: Identity<ConnectionToken>) {}

    /// Anything may be said.
    #[publish]
    async fn say(&self, Body(said): Body<Said>) -> Said {
        said
    }

    /// It comes back.
    #[rpc]
    async fn echo(&self, Body(said): Body<Said>) -> Said {
        said
    }
}

/// A number.
#[derive(serde::Serialize, Deserialize, schemars::JsonSchema, Model)]
struct Said {
    n: u32,
}

struct Secrets;

#[channel("secret:{id}")]
impl Secrets {
    /// Nobody may.
    #[subscribe]
    async fn enter(&self) -> Result<(), Forbidden> {
        Err(Forbidden::new())
    }
}

pub(crate) struct State {
    pub(crate) live: LiveNode,
    /// Whether somebody may come.
    is_open: AtomicBool,
    pub(crate) tokens: AtomicUsize,
}

#[derive(Deserialize)]
struct Wanted {
    user: String,
    channel: Option<String>,
    seconds: u64,
}

async fn token(wanted: web::Query<Wanted>, state: web::Data<State>) -> HttpResponse {
    state.tokens.fetch_add(1, Ordering::SeqCst);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let mut claims =
        json!({"sub": wanted.user, "exp": (now + Duration::from_secs(wanted.seconds)).as_secs()});
    if let Some(channel) = &wanted.channel {
        claims["channel"] = json!(channel);
    }
    let token = encode(&Header::default(), &claims, &EncodingKey::from_secret(SECRET)).unwrap();
    HttpResponse::Ok().body(token)
}

/// Drops everybody, publishes three while nobody is there, and opens again.
async fn drop_all(state: web::Data<State>) -> HttpResponse {
    state.is_open.store(false, Ordering::SeqCst);
    let broadcaster = state.live.broadcaster();
    broadcaster.disconnect(Whom::user("ada"), DisconnectCode::FORCE_RECONNECT).await.unwrap();
    while state.live.metrics().connections > 0 {
        actix_web::rt::task::yield_now().await;
    }
    for n in 2..=4 {
        broadcaster.publish("room:1", &json!({"n": n})).await.unwrap();
    }
    state.is_open.store(true, Ordering::SeqCst);
    HttpResponse::NoContent().finish()
}

async fn personal(state: web::Data<State>) -> HttpResponse {
    state.live.broadcaster().to_user("ada", &json!({"n": 9})).await.unwrap();
    HttpResponse::NoContent().finish()
}

pub(crate) fn serve() -> (actix_test::TestServer, web::Data<State>) {
    let kept = ChannelLayer::new()
        .history(100, Duration::from_secs(300))
        .recovery(RecoveryMode::Stream)
        .history_for_clients(true);
    let live = Live::new()
        .options(kept)
        .channel(Rooms)
        .channel(Secrets)
        .personal("user:{user}")
        .tokens(LiveTokens::hs256(SECRET).unwrap())
        .start()
        .unwrap();
    let api = Router::new("/live").live("", live.endpoints());
    let state = web::Data::new(State { live, is_open: AtomicBool::new(true), tokens: AtomicUsize::new(0) });
    let data = state.clone();
    let server = actix_test::start_with(actix_test::config().workers(2), move || {
        let gate = data.clone();
        App::new()
            .app_data(data.clone())
            .route("/token", web::get().to(token))
            .route("/drop", web::post().to(drop_all))
            .route("/personal", web::post().to(personal))
            .service(
                web::scope("")
                    .guard(actix_web::guard::fn_guard(move |_| gate.is_open.load(Ordering::SeqCst)))
                    .service(api.clone()),
            )
    });
    (server, state)
}

/// What every client is to have seen.
pub(crate) fn expected() -> Value {
    json!({
        "client": 32,
        "subscribed": {"recoverable": true, "was_recovering": false},
        "join": "ada",
        "rpc": {"n": 7},
        "missing": 104,
        "invalid": 107,
        "presence": ["ada"],
        "presence_stats": {"num_clients": 1, "num_users": 1},
        "history": [{"n": 1}],
        "forbidden": 103,
        "unknown": 102,
        "publish_forbidden": 103,
        "dropped": 3011,
        "recovered": {"was_recovering": true, "recovered": true},
        "publications": [{"n": 1}, {"n": 2}, {"n": 3}, {"n": 4}, {"n": 5}],
        "personal": {"n": 9},
        "refreshed": true,
    })
}
