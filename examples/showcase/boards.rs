//! Boards, and the router of everything below a board.

use actix_charter::{prelude::*, security::SignedLinks};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::SqlitePool;
use validator::Validate;

use crate::{
    attachments::Attachments,
    cards::Cards,
    comments::Comments,
    errors::{DatabaseError, Missing},
    exports::Exports,
    files::Files,
    news::News,
    paging::{Page, Paging},
};

/// Everything below `/boards`.
pub(crate) fn router(db: &SqlitePool, files: &Files, links: &SignedLinks, news: &News) -> Router {
    Router::new("/boards")
        .controller(Boards { db: db.clone() })
        .controller(Cards::new(db, news))
        .controller(Comments::new(db, news))
        .controller(Exports::new(db))
        .controller(Attachments::new(db, files, links))
}

/// Every path and every channel of a board begins with it.
pub(crate) async fn need_board(db: &SqlitePool, board: u32) -> Result<(), Missing> {
    let found = sqlx::query("SELECT 1 FROM boards WHERE id = ?").bind(board).fetch_optional(db);
    found.await?.map(|_| ()).ok_or(Missing::NotFound("board"))
}

#[derive(Debug, Serialize, JsonSchema, Model, sqlx::FromRow)]
struct Board {
    id: u32,
    title: String,
    description: String,
    archived: bool,
}

#[derive(Deserialize, JsonSchema, Validate, Model)]
struct NewBoard {
    #[validate(length(min = 1, max = 80))]
    title: String,
    #[serde(default)]
    #[validate(length(max = 2000))]
    description: String,
}

/// What is left out stays as it is.
#[derive(Deserialize, JsonSchema, Validate, Model)]
struct BoardChanges {
    #[validate(length(min = 1, max = 80))]
    title: Option<String>,
    #[validate(length(max = 2000))]
    description: Option<String>,
    archived: Option<bool>,
}

/// Which boards.
#[derive(Deserialize, JsonSchema, Model)]
struct BoardFilter {
    /// Only those in the archive, or only the others.
    archived: Option<bool>,
}

struct Boards {
    db: SqlitePool,
}

#[controller(tag = "boards")]
impl Boards {
    /// List boards.
    #[get]
    async fn list(
        &self,
        filter: Query<BoardFilter>,
        paging: Query<Paging>,
    ) -> Result<Page<Board>, DatabaseError> {
        let total = sqlx::query_scalar("SELECT COUNT(*) FROM boards WHERE ?1 IS NULL OR archived = ?1")
            .bind(filter.archived)
            .fetch_one(&self.db)
            .await?;
        let boards = sqlx::query_as(
            "SELECT * FROM boards WHERE ?1 IS NULL OR archived = ?1 ORDER BY id LIMIT ?2 OFFSET ?3",
        )
        .bind(filter.archived)
        .bind(paging.per_page)
        .bind(paging.offset())
        .fetch_all(&self.db)
        .await?;
        Ok(paging.page(boards, total))
    }

    /// Add a board.
    #[post(
        scopes("boards:write"),
        request_example = json!({"title": "Summer party", "description": "Who brings what."}),
    )]
    async fn create(&self, Body(board): Body<NewBoard>) -> Result<Created<Board>, DatabaseError> {
        let board: Board =
            sqlx::query_as("INSERT INTO boards (title, description) VALUES (?, ?) RETURNING *")
                .bind(board.title)
                .bind(board.description)
                .fetch_one(&self.db)
                .await?;
        Ok(Created::at(format!("/api/boards/{}", board.id), board))
    }

    /// Show a board.
    #[get(
        "/{board}",
        response_example = json!({"id": 1, "title": "Launch", "description": "Everything before the first release.", "archived": false}),
    )]
    async fn show(&self, Path(id): Path<u32>) -> Result<Option<Board>, DatabaseError> {
        Ok(sqlx::query_as("SELECT * FROM boards WHERE id = ?").bind(id).fetch_optional(&self.db).await?)
    }

    /// Change a board.
    #[patch("/{board}", scopes("boards:write"), request_example = json!({"archived": true}))]
    async fn change(
        &self,
        Path(id): Path<u32>,
        Body(changes): Body<BoardChanges>,
    ) -> Result<Option<Board>, DatabaseError> {
        let board = sqlx::query_as(
            "UPDATE boards SET title = COALESCE(?2, title), description = COALESCE(?3, description),
                archived = COALESCE(?4, archived) WHERE id = ?1 RETURNING *",
        )
        .bind(id)
        .bind(changes.title)
        .bind(changes.description)
        .bind(changes.archived);
        Ok(board.fetch_optional(&self.db).await?)
    }

    /// Remove a board with all its cards.
    #[delete("/{board}", scopes("boards:write"))]
    async fn remove(&self, Path(id): Path<u32>) -> Result<NoContent, Missing> {
        let removed = sqlx::query("DELETE FROM boards WHERE id = ?").bind(id).execute(&self.db).await?;
        if removed.rows_affected() == 0 { Err(Missing::NotFound("board")) } else { Ok(NoContent) }
    }
}
