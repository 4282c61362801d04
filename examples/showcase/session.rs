//! Signing in: a password for a token, which the page gets as a cookie.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use actix_charter::{
    live::{Broadcaster, broker::Whom, protocol::DisconnectCode},
    prelude::*,
};
use jsonwebtoken::{EncodingKey, Header};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::SqlitePool;
use thiserror::Error;
use uuid::Uuid;
use validator::Validate;

use crate::{
    auth::{AUDIENCE, Caller},
    errors::DatabaseError,
    password,
    store::SEED_HASH,
    users::Role,
};

const LIFETIME: Duration = Duration::from_secs(8 * 60 * 60);

#[derive(Deserialize, JsonSchema, Validate, Model)]
struct Credentials {
    #[validate(email, length(max = 254))]
    email: String,
    #[validate(length(min = 1, max = 100))]
    password: String,
}

#[derive(Serialize, JsonSchema, Model)]
struct Token {
    /// Goes into `Authorization: Bearer`.
    token: String,
    /// Seconds until it is over.
    expires_in: u64,
}

/// Signed in. The cookie is for pages, which cannot read it, the token for all others.
#[derive(Replies)]
#[reply(status = 200)]
struct SignedIn {
    /// The token. A server that has TLS adds `secure`.
    #[reply(cookie = "session", path = "/", http_only, same_site = "Strict", max_age = 28_800)]
    cookie: String,
    body: Token,
}

/// Signed out.
#[derive(Replies)]
#[reply(status = 204)]
struct SignedOut {
    #[reply(cookie = "session", path = "/", http_only, same_site = "Strict", max_age = 0)]
    cookie: &'static str,
}

#[derive(Debug, Error, ApiError)]
enum LoginError {
    /// Nobody has this address and password.
    #[error("the email address or the password is wrong")]
    #[api(status = 401, code = "wrong-credentials")]
    WrongCredentials {
        #[api(header = "WWW-Authenticate")]
        challenge: &'static str,
    },
    #[error("the token could not be signed")]
    #[api(status = 500, code = "signing")]
    Signing(#[from] jsonwebtoken::errors::Error),
    #[error(transparent)]
    #[api(transparent)]
    Database(#[from] DatabaseError),
}

/// Signing in and out.
pub(crate) struct Session {
    db: SqlitePool,
    key: EncodingKey,
    live: Broadcaster,
}

impl Session {
    pub(crate) fn new(db: &SqlitePool, secret: &[u8], live: Broadcaster) -> Self {
        Self { db: db.clone(), key: EncodingKey::from_secret(secret), live }
    }

    fn token(&self, caller: &Caller) -> Result<Token, LoginError> {
        #[derive(Serialize)]
        struct Claims<'a> {
            aud: &'a str,
            exp: u64,
            jti: Uuid,
            #[serde(flatten)]
            caller: &'a Caller,
        }
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let claims = Claims { aud: AUDIENCE, exp: (now + LIFETIME).as_secs(), jti: Uuid::new_v4(), caller };
        let token = jsonwebtoken::encode(&Header::default(), &claims, &self.key)?;
        Ok(Token { token, expires_in: LIFETIME.as_secs() })
    }
}

#[controller(tag = "session")]
impl Session {
    /// Sign in.
    ///
    /// The token is good for eight hours.
    #[post(
        "/login",
        status = 200,
        security = none,
        request_example = json!({"email": "ada@example.org", "password": "correct horse battery"}),
    )]
    async fn login(&self, Body(credentials): Body<Credentials>) -> Result<SignedIn, LoginError> {
        let found: Option<(u32, Role, String)> =
            sqlx::query_as("SELECT id, role, password_hash FROM users WHERE email = ?")
                .bind(&credentials.email)
                .fetch_optional(&self.db)
                .await
                .map_err(DatabaseError::from)?;
        // Someone who is not there takes as long as a wrong password, or addresses could be told from the time.
        let hash = found.as_ref().map_or(SEED_HASH, |(_, _, hash)| hash).to_owned();
        match (found, password::verify(credentials.password, hash).await) {
            (Some((id, role, _)), true) => {
                let body = self.token(&Caller::user(id, role))?;
                Ok(SignedIn { cookie: body.token.clone(), body })
            }
            _ => Err(LoginError::WrongCredentials { challenge: "Bearer realm=\"api\"" }),
        }
    }

    /// Sign out.
    ///
    /// The browser forgets the cookie, and what is open of this session is closed. A token that was kept stays good until it
    /// is over.
    #[post("/logout", status = 204)]
    async fn logout(&self, Identity(caller): Identity<Caller>) -> SignedOut {
        if let Some(session) = caller.session {
            let closed = self.live.disconnect(Whom::session(session), DisconnectCode::INVALID_TOKEN).await;
            if let Err(error) = closed {
                log::warn!("connections are still open: {error}");
            }
        }
        SignedOut { cookie: "" }
    }

    /// Who is calling?
    #[get("/me")]
    async fn me(&self, Identity(caller): Identity<Caller>) -> Caller {
        caller
    }
}
