//! Pictures of people: uploaded, or made of their initials.

use actix_charter::prelude::*;
use schemars::JsonSchema;
use serde::Deserialize;
use sqlx::SqlitePool;
use thiserror::Error;

use crate::{
    errors::{DatabaseError, Missing},
    files::Files,
};

/// One picture.
#[derive(Deserialize, JsonSchema, Model)]
#[serde(deny_unknown_fields)]
struct Picture {
    #[model(max_size = "1 MiB", accept("image/png", "image/jpeg", "image/webp"))]
    picture: UploadedFile,
}

/// The picture could not be kept, or nobody is there to have it.
#[derive(Debug, Error, ApiError)]
enum PictureError {
    #[error("the picture could not be written")]
    #[api(status = 500, code = "not-kept")]
    Write(#[from] std::io::Error),
    #[error(transparent)]
    #[api(transparent)]
    Missing(#[from] Missing),
}

impl From<sqlx::Error> for PictureError {
    fn from(error: sqlx::Error) -> Self {
        Self::Missing(DatabaseError::from(error).into())
    }
}

/// Pictures of people.
pub(crate) struct Avatars {
    db: SqlitePool,
    root: Root,
}

impl Avatars {
    pub(crate) fn new(db: &SqlitePool, files: &Files) -> Self {
        Self { db: db.clone(), root: files.avatars.clone() }
    }
}

#[controller(path = "/users/{user}/avatar", tag = "users")]
impl Avatars {
    /// Show a user's picture.
    #[get]
    async fn show(&self, Path(user): Path<u32>) -> Result<Download, Missing> {
        let found: Option<(String, Option<String>, Option<String>)> =
            sqlx::query_as("SELECT name, avatar, avatar_type FROM users WHERE id = ?")
                .bind(user)
                .fetch_optional(&self.db)
                .await?;
        let (name, key, media_type) = found.ok_or(Missing::NotFound("user"))?;
        let picture = match (key, media_type) {
            (Some(key), Some(media_type)) => Download::path(&self.root, key).media_type(media_type).inline(),
            // SVG may hold scripts; this one is our own, and still gets a sandbox.
            _ => Download::bytes(initials(&name)).media_type("image/svg+xml").inline_sandboxed(),
        };
        Ok(picture.file_name(name).cache_control("private, no-cache"))
    }

    /// Change a user's picture.
    #[put(scopes("users:write"))]
    async fn change(
        &self,
        Path(user): Path<u32>,
        Multipart(form): Multipart<Picture>,
    ) -> Result<NoContent, PictureError> {
        let old: Option<Option<String>> = sqlx::query_scalar("SELECT avatar FROM users WHERE id = ?")
            .bind(user)
            .fetch_optional(&self.db)
            .await?;
        let old = old.ok_or(Missing::NotFound("user"))?;
        let media_type =
            form.picture.content_type().map_or("image/png", |mime| mime.essence_str()).to_owned();
        let key = Files::keep(&self.root, form.picture).await?;
        sqlx::query("UPDATE users SET avatar = ?, avatar_type = ? WHERE id = ?")
            .bind(key)
            .bind(media_type)
            .bind(user)
            .execute(&self.db)
            .await?;
        if let Some(old) = old {
            Files::remove(&self.root, &old)?;
        }
        Ok(NoContent)
    }
}

fn initials(name: &str) -> String {
    let initials: String = name
        .split_whitespace()
        .filter_map(|word| word.chars().find(|c| c.is_alphanumeric()))
        .take(2)
        .collect();
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 64 64\"><rect width=\"64\" height=\"64\" fill=\"#345\"/>\
         <text x=\"32\" y=\"42\" font-size=\"28\" text-anchor=\"middle\" fill=\"#fff\">{initials}</text></svg>"
    )
}
