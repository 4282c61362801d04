//! Signing in: a password for a token.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use actix_charter::prelude::*;
use jsonwebtoken::{EncodingKey, Header};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::SqlitePool;
use thiserror::Error;
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

/// Signing in.
pub(crate) struct Session {
    db: SqlitePool,
    key: EncodingKey,
}

impl Session {
    pub(crate) fn new(db: &SqlitePool, secret: &[u8]) -> Self {
        Self { db: db.clone(), key: EncodingKey::from_secret(secret) }
    }

    fn token(&self, caller: &Caller) -> Result<Token, LoginError> {
        #[derive(Serialize)]
        struct Claims<'a> {
            aud: &'a str,
            exp: u64,
            #[serde(flatten)]
            caller: &'a Caller,
        }
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let claims = Claims { aud: AUDIENCE, exp: (now + LIFETIME).as_secs(), caller };
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
    async fn login(&self, Body(credentials): Body<Credentials>) -> Result<Token, LoginError> {
        let found: Option<(u32, Role, String)> =
            sqlx::query_as("SELECT id, role, password_hash FROM users WHERE email = ?")
                .bind(&credentials.email)
                .fetch_optional(&self.db)
                .await
                .map_err(DatabaseError::from)?;
        // Someone who is not there takes as long as a wrong password, or addresses could be told from the time.
        let hash = found.as_ref().map_or(SEED_HASH, |(_, _, hash)| hash).to_owned();
        match (found, password::verify(credentials.password, hash).await) {
            (Some((id, role, _)), true) => self.token(&Caller::user(id, role)),
            _ => Err(LoginError::WrongCredentials { challenge: "Bearer realm=\"api\"" }),
        }
    }

    /// Who is calling?
    #[get("/me")]
    async fn me(&self, Identity(caller): Identity<Caller>) -> Caller {
        caller
    }
}
