//! Attachments: files are uploaded, looked at and dropped; what is kept is their metadata.

use actix_charter::prelude::*;
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sqlx::SqlitePool;
use validator::Validate;

use crate::{comments::need_card, errors::Missing};

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
}

impl Attachments {
    pub(crate) fn new(db: &SqlitePool) -> Self {
        Self { db: db.clone() }
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
    ) -> Result<Vec<Attachment>, Missing> {
        need_card(&self.db, board, card).await?;
        let mut attachments = Vec::new();
        for file in form.files {
            let media_type =
                file.content_type().map_or("application/octet-stream", |mime| mime.essence_str());
            let attachment = sqlx::query_as(
                "INSERT INTO attachments (card, name, media_type, size, note) VALUES (?, ?, ?, ?, ?) RETURNING *",
            )
            .bind(card)
            .bind(file.safe_name())
            .bind(media_type)
            .bind(i64::try_from(file.size()).unwrap_or(i64::MAX))
            .bind(&form.note)
            .fetch_one(&self.db)
            .await?;
            attachments.push(attachment);
        }
        Ok(attachments)
    }

    /// Remove an attachment.
    #[delete("/{attachment}", scopes("boards:write"))]
    async fn remove(&self, Path((board, card, id)): Path<(u32, u32, u32)>) -> Result<NoContent, Missing> {
        need_card(&self.db, board, card).await?;
        let query = sqlx::query("DELETE FROM attachments WHERE card = ? AND id = ?").bind(card).bind(id);
        match query.execute(&self.db).await?.rows_affected() {
            0 => Err(Missing::NotFound("attachment")),
            _ => Ok(NoContent),
        }
    }
}
