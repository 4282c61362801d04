//! Cards of a board: filters with lists, versions in `ETag`, and an endpoint that answers as Actix code does. Whoever looks at
//! the board hears of every change.

use actix_charter::prelude::*;
use actix_web::HttpResponse;
use serde_json::json;
use sqlx::{SqlitePool, types::Json};

use crate::{
    auth::Caller,
    boards::need_board,
    card::{Card, CardChanges, CardFilter, ChangeError, IfMatch, IfNoneMatch, NewCard, SaveError, Versioned},
    comments::need_card,
    errors::Missing,
    live_activity::Did,
    news::News,
    paging::{Page, Paging},
};

const FILTERED: &str = "FROM cards WHERE board = ?1
    AND (?2 = '[]' OR status IN (SELECT value FROM json_each(?2)))
    AND NOT EXISTS (SELECT value FROM json_each(?3) EXCEPT SELECT value FROM json_each(labels))
    AND (?4 IS NULL OR assignee = ?4)
    AND (?5 IS NULL OR due <= ?5)";

/// Cards of a board.
pub(crate) struct Cards {
    db: SqlitePool,
    news: News,
}

impl Cards {
    pub(crate) fn new(db: &SqlitePool, news: &News) -> Self {
        Self { db: db.clone(), news: news.clone() }
    }
}

#[controller(path = "/{board}/cards", tag = "cards")]
impl Cards {
    /// List a board's cards.
    #[get]
    async fn list(
        &self,
        Path(board): Path<u32>,
        filter: Query<CardFilter>,
        paging: Query<Paging>,
    ) -> Result<Page<Card>, Missing> {
        need_board(&self.db, board).await?;
        let total = sqlx::query_scalar(&format!("SELECT COUNT(*) {FILTERED}"))
            .bind(board)
            .bind(Json(&filter.status))
            .bind(Json(&filter.labels))
            .bind(filter.assignee)
            .bind(filter.due_by)
            .fetch_one(&self.db)
            .await?;
        let cards = sqlx::query_as(&format!("SELECT * {FILTERED} ORDER BY id LIMIT ?6 OFFSET ?7"))
            .bind(board)
            .bind(Json(&filter.status))
            .bind(Json(&filter.labels))
            .bind(filter.assignee)
            .bind(filter.due_by)
            .bind(paging.per_page)
            .bind(paging.offset())
            .fetch_all(&self.db)
            .await?;
        Ok(paging.page(cards, total))
    }

    /// Add a card.
    #[post(
        scopes("boards:write"),
        request_example = json!({"title": "Water the tomatoes", "labels": ["urgent"], "starts": "2026-06-01", "due": "2026-09-30"}),
    )]
    async fn create(
        &self,
        Identity(caller): Identity<Caller>,
        Path(board): Path<u32>,
        Body(card): Body<NewCard>,
    ) -> Result<Created<Card>, SaveError> {
        need_board(&self.db, board).await?;
        let card: Card = sqlx::query_as(
            "INSERT INTO cards (board, title, status, labels, assignee, starts, due)
                VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING *",
        )
        .bind(board)
        .bind(card.title)
        .bind(card.status)
        .bind(Json(card.labels))
        .bind(card.assignee)
        .bind(card.starts)
        .bind(card.due)
        .fetch_one(&self.db)
        .await?;
        self.news.saved(&caller, Did::Added, &card).await;
        self.news.assigned(&caller, &card).await;
        Ok(Created::at(format!("/api/boards/{board}/cards/{}", card.id), card))
    }

    /// Show a card.
    #[get("/{card}")]
    async fn show(
        &self,
        Path((board, card)): Path<(u32, u32)>,
        known: Headers<IfNoneMatch>,
    ) -> Result<Versioned, Missing> {
        let card = need_card(&self.db, board, card).await?;
        let etag = card.etag();
        let unchanged = known.if_none_match.as_deref().is_some_and(|known| known.contains(&etag));
        Ok(if unchanged { Versioned::Unchanged { etag } } else { Versioned::Card { etag, body: card } })
    }

    /// Change a card.
    ///
    /// With `If-Match`, only if nobody else changed it meanwhile.
    #[patch(
        "/{card}",
        scopes("boards:write"),
        request_example = json!({"status": "done", "assignee": null}),
    )]
    async fn change(
        &self,
        Identity(caller): Identity<Caller>,
        Path((board, id)): Path<(u32, u32)>,
        wanted: Headers<IfMatch>,
        Body(changes): Body<CardChanges>,
    ) -> Result<Card, ChangeError> {
        let card = need_card(&self.db, board, id).await.map_err(SaveError::from)?;
        let etag = card.etag();
        if wanted.if_match.as_deref().is_some_and(|wanted| wanted != "*" && !wanted.contains(&etag)) {
            return Err(ChangeError::Stale { etag });
        }
        let due = changes.due.unwrap_or(card.due);
        if due.is_some() && due < card.starts {
            return Err(SaveError::Impossible("the card would be due before it starts").into());
        }
        let (status, assignee) = (card.status, card.assignee);
        let changed = sqlx::query_as(
            "UPDATE cards SET title = ?3, status = ?4, labels = ?5, assignee = ?6, due = ?7, version = version + 1
                WHERE id = ?1 AND version = ?2 RETURNING *",
        )
        .bind(id)
        .bind(card.version)
        .bind(changes.title.unwrap_or(card.title))
        .bind(changes.status.unwrap_or(card.status))
        .bind(Json(changes.labels.unwrap_or(card.labels)))
        .bind(changes.assignee.unwrap_or(card.assignee))
        .bind(due);
        let changed: Option<Card> = changed.fetch_optional(&self.db).await.map_err(SaveError::from)?;
        let card = changed.ok_or(ChangeError::Stale { etag })?;
        let did = if card.status == status { Did::Changed } else { Did::Moved };
        self.news.saved(&caller, did, &card).await;
        if card.assignee != assignee {
            self.news.assigned(&caller, &card).await;
        }
        Ok(card)
    }

    /// Remove a card.
    #[delete("/{card}", scopes("boards:write"))]
    async fn remove(
        &self,
        Identity(caller): Identity<Caller>,
        Path((board, card)): Path<(u32, u32)>,
    ) -> Result<NoContent, Missing> {
        let query = sqlx::query_as("DELETE FROM cards WHERE board = ? AND id = ? RETURNING *");
        let removed: Option<Card> = query.bind(board).bind(card).fetch_optional(&self.db).await?;
        self.news.removed(&caller, &removed.ok_or(Missing::NotFound("card"))?).await;
        Ok(NoContent)
    }

    /// All cards of a board as CSV.
    ///
    /// Use the list instead.
    #[get("/export.csv", deprecated, declares(200: "text/csv"))]
    async fn export(&self, Path(board): Path<u32>) -> Result<HttpResponse, Missing> {
        need_board(&self.db, board).await?;
        let cards: Vec<(u32, String)> =
            sqlx::query_as("SELECT id, title FROM cards WHERE board = ? ORDER BY id")
                .bind(board)
                .fetch_all(&self.db)
                .await?;
        let line = |(id, title): (u32, String)| format!("{id},\"{}\"\r\n", title.replace('"', "\"\""));
        let lines: String = cards.into_iter().map(line).collect();
        Ok(HttpResponse::Ok().content_type("text/csv").body(format!("id,title\r\n{lines}")))
    }
}
