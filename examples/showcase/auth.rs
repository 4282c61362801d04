//! Who is calling: people with a token from `POST /api/login`, service accounts with a key.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use actix_charter::{
    prelude::*,
    security::{ApiKey, Bearer, KeyError},
};
use actix_web::web::block;
use argon2::{
    Argon2, PasswordHash, PasswordHasher, PasswordVerifier,
    password_hash::{SaltString, rand_core::OsRng},
};
use jsonwebtoken::{EncodingKey, Header};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::SqlitePool;
use thiserror::Error;
use validator::Validate;

use crate::{errors::DatabaseError, users::Role};

const AUDIENCE: &str = "team-board";
const LIFETIME: Duration = Duration::from_secs(8 * 60 * 60);
const SCOPES: [&str; 2] = ["boards:write", "users:write"];

/// Who is calling. Tokens carry it as claims; a service account's key stands for one.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
pub(crate) struct Caller {
    /// `user:1` or `service:ci`.
    #[serde(rename = "sub")]
    pub(crate) subject: String,
    /// What the caller may do, separated by blanks.
    pub(crate) scope: String,
}

impl Caller {
    fn new(subject: impl Into<String>, scopes: &[&str]) -> Self {
        Self { subject: subject.into(), scope: scopes.join(" ") }
    }

    fn user(id: u32, role: Role) -> Self {
        let scopes: &[_] = match role {
            Role::Admin => &SCOPES,
            Role::Member => &["boards:write"],
        };
        Self::new(format!("user:{id}"), scopes)
    }

    fn may(&self, scope: &str) -> bool {
        self.scope.split(' ').any(|granted| granted == scope)
    }
}

/// Tokens in `Authorization: Bearer`.
pub(crate) fn bearer(secret: &[u8]) -> Result<Bearer<Caller>, KeyError> {
    Ok(Bearer::hs256(secret)?.audience(AUDIENCE).known_scopes(SCOPES))
}

/// Keys in `X-API-Key`. Real ones come from the configuration.
pub(crate) fn service_keys() -> ApiKey<Caller> {
    ApiKey::fixed([
        ("demo-key-ci", Caller::new("service:ci", &SCOPES)),
        ("demo-key-reports", Caller::new("service:reports", &[])),
    ])
    .grants(Caller::may)
    .known_scopes(SCOPES)
}

/// Hashes a password. It takes long on purpose, so not on the worker's thread.
pub(crate) async fn hash(password: String) -> Result<String, HashError> {
    let hash = block(move || {
        let salt = SaltString::generate(&mut OsRng);
        Argon2::default().hash_password(password.as_bytes(), &salt).map(|hash| hash.to_string())
    });
    hash.await.ok().and_then(Result::ok).ok_or(HashError)
}

/// A password could not be hashed.
#[derive(Debug, Error, ApiError)]
#[error("the password could not be hashed")]
#[api(status = 500, code = "hash")]
pub(crate) struct HashError;

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
        let hash = found.as_ref().map_or(crate::store::SEED_HASH, |(_, _, hash)| hash).to_owned();
        let verified = block(move || {
            let hash = PasswordHash::new(&hash)?;
            Argon2::default().verify_password(credentials.password.as_bytes(), &hash)
        });
        match (found, verified.await) {
            (Some((id, role, _)), Ok(Ok(()))) => self.token(&Caller::user(id, role)),
            _ => Err(LoginError::WrongCredentials { challenge: "Bearer realm=\"api\"" }),
        }
    }

    /// Who is calling?
    #[get("/me")]
    async fn me(&self, Identity(caller): Identity<Caller>) -> Caller {
        caller
    }
}
