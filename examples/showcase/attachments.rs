//! Attachments: files are uploaded, kept under a key, and downloaded under the name that their uploader gave them.

use std::time::Duration;

use actix_charter::{
    prelude::*,
    security::{SignedLink, SignedLinkError, SignedLinks},
};
use actix_web::http::Method;
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sqlx::SqlitePool;
use thiserror::Error;
use validator::Validate;

use crate::{
    comments::need_card,
    errors::{DatabaseError, Missing},
    files::Files,
};

#[derive(Debug, Serialize, JsonSchema, Model, sqlx::FromRow)]
struct Attachment {
    id: u32,
    card: u32,
    name: String,
    /// What the client says it is; nobody looked inside.
    media_type: String,
    /// In bytes.
    size: u32,
    note: Option<String>,
    created: DateTime<Utc>,
    /// Where the file lies; nobody's business but ours.
    #[serde(skip)]
    key: String,
}

impl Attachment {
    fn download(self, files: &Files) -> Download {
        Download::path(&files.attachments, self.key)
            .file_name(self.name)
            .media_type(self.media_type)
            .cache_control("private, no-cache")
    }
}

const LINK_LIFETIME: Duration = Duration::from_secs(600);

#[derive(Serialize, JsonSchema, Model)]
struct Link {
    url: String,
    /// Seconds until it is over.
    expires_in: u64,
}

#[derive(Debug, Error, ApiError)]
enum LinkError {
    #[error("the link could not be signed")]
    #[api(status = 500, code = "signing")]
    Signing(#[from] SignedLinkError),
    #[error(transparent)]
    #[api(transparent)]
    Missing(#[from] Missing),
}

/// The upload could not be kept, or there is nothing to attach it to.
#[derive(Debug, Error, ApiError)]
enum KeepError {
    #[error("the file could not be written")]
    #[api(status = 500, code = "not-kept")]
    Write(#[from] std::io::Error),
    #[error(transparent)]
    #[api(transparent)]
    Missing(#[from] Missing),
}

impl From<sqlx::Error> for KeepError {
    fn from(error: sqlx::Error) -> Self {
        Self::Missing(DatabaseError::from(error).into())
    }
}

/// Files, with a note for all of them. The limits hold while the form is read.
#[derive(Deserialize, JsonSchema, Validate, Model)]
#[serde(deny_unknown_fields)]
struct NewAttachments {
    #[model(
        max_size = "5 MiB",
        max_files = 4,
        accept("image/png", "image/jpeg", "text/plain", "application/pdf")
    )]
    files: Vec<UploadedFile>,
    #[validate(length(min = 1, max = 500))]
    note: Option<String>,
}

/// Attachments of a card.
pub(crate) struct Attachments {
    db: SqlitePool,
    files: Files,
    links: SignedLinks,
}

impl Attachments {
    pub(crate) fn new(db: &SqlitePool, files: &Files, links: &SignedLinks) -> Self {
        Self { db: db.clone(), files: files.clone(), links: links.clone() }
    }

    async fn find(&self, board: u32, card: u32, id: u32) -> Result<Attachment, Missing> {
        need_card(&self.db, board, card).await?;
        let found = sqlx::query_as("SELECT * FROM attachments WHERE card = ? AND id = ?").bind(card).bind(id);
        found.fetch_optional(&self.db).await?.ok_or(Missing::NotFound("attachment"))
    }
}

#[controller(path = "/{board}/cards/{card}/attachments", tag = "attachments")]
impl Attachments {
    /// List a card's attachments.
    #[get]
    async fn list(&self, Path((board, card)): Path<(u32, u32)>) -> Result<Vec<Attachment>, Missing> {
        need_card(&self.db, board, card).await?;
        let found = sqlx::query_as("SELECT * FROM attachments WHERE card = ? ORDER BY id").bind(card);
        Ok(found.fetch_all(&self.db).await?)
    }

    /// Attach files to a card.
    #[post(scopes("boards:write"))]
    async fn create(
        &self,
        Path((board, card)): Path<(u32, u32)>,
        Multipart(form): Multipart<NewAttachments>,
    ) -> Result<Vec<Attachment>, KeepError> {
        need_card(&self.db, board, card).await?;
        let mut attachments = Vec::new();
        for file in form.files {
            let media_type =
                file.content_type().map_or("application/octet-stream", |mime| mime.essence_str()).to_owned();
            let (name, size) = (file.safe_name(), i64::try_from(file.size()).unwrap_or(i64::MAX));
            let key = Files::keep(&self.files.attachments, file).await?;
            let attachment = sqlx::query_as(
                "INSERT INTO attachments (card, name, media_type, size, note, key) VALUES (?, ?, ?, ?, ?, ?) RETURNING *",
            )
            .bind(card)
            .bind(name)
            .bind(media_type)
            .bind(size)
            .bind(&form.note)
            .bind(key)
            .fetch_one(&self.db)
            .await?;
            attachments.push(attachment);
        }
        Ok(attachments)
    }

    /// Download an attachment.
    ///
    /// Whole or in parts; the proxy in front sends it when there is one.
    #[get("/{attachment}/file")]
    async fn file(&self, Path((board, card, id)): Path<(u32, u32, u32)>) -> Result<Download, Missing> {
        Ok(self.find(board, card, id).await?.download(&self.files))
    }

    /// Make a link to an attachment, for somebody who has no account. It holds for ten minutes.
    #[post("/{attachment}/link", status = 200, scopes("boards:write"))]
    async fn link(&self, Path((board, card, id)): Path<(u32, u32, u32)>) -> Result<Link, LinkError> {
        self.find(board, card, id).await?;
        let link = self.links.link(Method::GET, &format!("/api/shared/{id}"));
        Ok(Link { url: link.valid_for(LINK_LIFETIME).sign()?, expires_in: LINK_LIFETIME.as_secs() })
    }

    /// Remove an attachment.
    #[delete("/{attachment}", scopes("boards:write"))]
    async fn remove(&self, Path((board, card, id)): Path<(u32, u32, u32)>) -> Result<NoContent, KeepError> {
        let attachment = self.find(board, card, id).await?;
        sqlx::query("DELETE FROM attachments WHERE id = ?").bind(id).execute(&self.db).await?;
        Files::remove(&self.files.attachments, &attachment.key)?;
        Ok(NoContent)
    }
}

/// What links lead to.
pub(crate) struct Shared {
    db: SqlitePool,
    files: Files,
}

impl Shared {
    pub(crate) fn new(db: &SqlitePool, files: &Files) -> Self {
        Self { db: db.clone(), files: files.clone() }
    }
}

#[controller(path = "/shared", tag = "attachments", security = SignedLink)]
impl Shared {
    /// Download an attachment by a link.
    #[get("/{attachment}")]
    async fn file(&self, Path(id): Path<u32>) -> Result<Download, Missing> {
        let found: Option<Attachment> = sqlx::query_as("SELECT * FROM attachments WHERE id = ?")
            .bind(id)
            .fetch_optional(&self.db)
            .await?;
        Ok(found.ok_or(Missing::NotFound("attachment"))?.download(&self.files))
    }
}
