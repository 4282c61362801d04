//! Passwords. To hash one takes long on purpose, so it is not done on a worker's thread.

use actix_charter::prelude::*;
use actix_web::web::block;
use argon2::{
    Argon2, PasswordHash, PasswordHasher, PasswordVerifier,
    password_hash::{SaltString, rand_core::OsRng},
};
use thiserror::Error;

/// A password could not be hashed.
#[derive(Debug, Error, ApiError)]
#[error("the password could not be hashed")]
#[api(status = 500, code = "hash")]
pub(crate) struct HashError;

pub(crate) async fn hash(password: String) -> Result<String, HashError> {
    let hash = block(move || {
        let salt = SaltString::generate(&mut OsRng);
        Argon2::default().hash_password(password.as_bytes(), &salt).map(|hash| hash.to_string())
    });
    hash.await.ok().and_then(Result::ok).ok_or(HashError)
}

/// Whether the hash was made of this password.
pub(crate) async fn verify(password: String, hash: String) -> bool {
    let verified = block(move || {
        let hash = PasswordHash::new(&hash)?;
        Argon2::default().verify_password(password.as_bytes(), &hash)
    });
    matches!(verified.await, Ok(Ok(())))
}
