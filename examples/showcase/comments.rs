//! Comments: a rule that needs the application's data, and an endpoint that looks at who is calling.

use actix_charter::prelude::*;
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::SqlitePool;
use thiserror::Error;
use validator::Validate;

use crate::{
    auth::Caller,
    card::Card,
    errors::Missing,
    news::News,
    paging::{Page, Paging},
};

/// What the team does not want to read; application data of the router.
#[derive(Debug, Clone)]
pub(crate) struct HouseRules {
    banned: Vec<String>,
}

impl Default for HouseRules {
    fn default() -> Self {
        Self { banned: vec!["asap".to_owned(), "synergy".to_owned()] }
    }
}

#[derive(Debug, Serialize, JsonSchema, Model, sqlx::FromRow)]
struct Comment {
    id: u32,
    card: u32,
    /// `user:1` or `service:ci`.
    author: String,
    text: String,
    created: DateTime<Utc>,
}

#[derive(Deserialize, JsonSchema, Validate, Model)]
#[model(check = house_rules)]
struct NewComment {
    #[validate(length(min = 1, max = 5000))]
    text: String,
}

/// A rule that a schema cannot know.
fn house_rules(comment: &NewComment, context: &CheckContext<'_>) -> Result<(), Violations> {
    let Some(rules) = context.app_data::<HouseRules>() else { return Err(Violations::internal()) };
    let words = comment.text.split(|c: char| !c.is_alphanumeric());
    match words.map(str::to_lowercase).find(|word| rules.banned.contains(word)) {
        Some(_) => Err(Violations::one("/text", "house-rules", "uses a word that this team does not use")),
        None => Ok(()),
    }
}

#[derive(Debug, Error, ApiError)]
enum RemoveError {
    /// The comment is someone else's.
    #[error("only its author may remove a comment")]
    #[api(status = 403, code = "not-yours")]
    NotYours,
    #[error(transparent)]
    #[api(transparent)]
    Missing(#[from] Missing),
}

/// Comments on a card.
pub(crate) struct Comments {
    db: SqlitePool,
    news: News,
}

impl Comments {
    pub(crate) fn new(db: &SqlitePool, news: &News) -> Self {
        Self { db: db.clone(), news: news.clone() }
    }
}

/// Every path below a card begins with both.
pub(crate) async fn need_card(db: &SqlitePool, board: u32, card: u32) -> Result<Card, Missing> {
    let found = sqlx::query_as("SELECT * FROM cards WHERE board = ? AND id = ?").bind(board).bind(card);
    found.fetch_optional(db).await?.ok_or(Missing::NotFound("card"))
}

#[controller(path = "/{board}/cards/{card}/comments", tag = "comments")]
impl Comments {
    /// List a card's comments.
    #[get]
    async fn list(
        &self,
        Path((board, card)): Path<(u32, u32)>,
        paging: Query<Paging>,
    ) -> Result<Page<Comment>, Missing> {
        need_card(&self.db, board, card).await?;
        let total = sqlx::query_scalar("SELECT COUNT(*) FROM comments WHERE card = ?").bind(card);
        let comments = sqlx::query_as("SELECT * FROM comments WHERE card = ? ORDER BY id LIMIT ? OFFSET ?")
            .bind(card)
            .bind(paging.per_page)
            .bind(paging.offset());
        Ok(paging.page(comments.fetch_all(&self.db).await?, total.fetch_one(&self.db).await?))
    }

    /// Comment on a card.
    #[post(scopes("boards:write"), request_example = json!({"text": "Looks good to me."}))]
    async fn create(
        &self,
        Identity(caller): Identity<Caller>,
        Path((board, card)): Path<(u32, u32)>,
        Body(comment): Body<NewComment>,
    ) -> Result<Created<Comment>, Missing> {
        let card = need_card(&self.db, board, card).await?;
        let comment: Comment =
            sqlx::query_as("INSERT INTO comments (card, author, text) VALUES (?, ?, ?) RETURNING *")
                .bind(card.id)
                .bind(&caller.subject)
                .bind(comment.text)
                .fetch_one(&self.db)
                .await?;
        self.news.commented(&caller, &card).await;
        Ok(Created::at(format!("/api/boards/{board}/cards/{}/comments/{}", card.id, comment.id), comment))
    }

    /// Show a comment.
    #[get("/{comment}")]
    async fn show(&self, Path((board, card, id)): Path<(u32, u32, u32)>) -> Result<Comment, Missing> {
        need_card(&self.db, board, card).await?;
        let found = sqlx::query_as("SELECT * FROM comments WHERE card = ? AND id = ?").bind(card).bind(id);
        found.fetch_optional(&self.db).await?.ok_or(Missing::NotFound("comment"))
    }

    /// Remove a comment of one's own.
    #[delete("/{comment}", scopes("boards:write"))]
    async fn remove(
        &self,
        caller: Identity<Caller>,
        path: Path<(u32, u32, u32)>,
    ) -> Result<NoContent, RemoveError> {
        let comment = self.show(path).await?;
        if comment.author != caller.subject {
            return Err(RemoveError::NotYours);
        }
        let query = sqlx::query("DELETE FROM comments WHERE id = ?").bind(comment.id);
        query.execute(&self.db).await.map_err(Missing::from)?;
        Ok(NoContent)
    }
}
