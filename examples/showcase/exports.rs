//! A board as a CSV file, written while it is read from the database.

use actix_charter::{download::Fetched, prelude::*};
use actix_web::HttpRequest;
use futures_util::{Stream, stream};
use sqlx::SqlitePool;

use crate::{card::Card, errors::Missing};

/// Cards that are read at a time.
const ROWS: u32 = 200;

/// Exports of a board.
pub(crate) struct Exports {
    db: SqlitePool,
}

impl Exports {
    pub(crate) fn new(db: &SqlitePool) -> Self {
        Self { db: db.clone() }
    }
}

#[controller(path = "/{board}/export", tag = "boards")]
impl Exports {
    /// Download a board's cards as a table.
    ///
    /// Made once for each state of the board: whoever asks again gets the same file, from the proxy when there is one.
    #[get("/cards.csv")]
    async fn cards(&self, Path(board): Path<u32>, request: HttpRequest) -> Result<Fetched, Missing> {
        let title: Option<String> = sqlx::query_scalar("SELECT title FROM boards WHERE id = ?")
            .bind(board)
            .fetch_optional(&self.db)
            .await?;
        let title = title.ok_or(Missing::NotFound("board"))?;
        let (cards, changes, last): (u32, u32, u32) = sqlx::query_as(
            "SELECT COUNT(*), COALESCE(SUM(version), 0), COALESCE(MAX(id), 0) FROM cards WHERE board = ?",
        )
        .bind(board)
        .fetch_one(&self.db)
        .await?;
        Ok(Download::stream(lines(self.db.clone(), board))
            .file_name(format!("{title}.csv"))
            .media_type("text/csv; charset=utf-8; header=present")
            .etag(format!("{cards}-{changes}-{last}"))
            .cache_control("private, no-cache")
            .cached(format!("board {board}"))
            .fetched(&request)
            .await)
    }
}

/// The head line, then the cards, some at a time.
fn lines(db: SqlitePool, board: u32) -> impl Stream<Item = Result<Vec<u8>, ExportError>> {
    stream::try_unfold(None, move |last: Option<u32>| {
        let db = db.clone();
        async move {
            let Some(after) = last else {
                let mut table = csv::Writer::from_writer(Vec::new());
                table.write_record(["id", "title", "status", "labels", "assignee", "starts", "due"])?;
                return Ok(Some((table.into_inner().map_err(csv::IntoInnerError::into_error)?, Some(0))));
            };
            let cards: Vec<Card> =
                sqlx::query_as("SELECT * FROM cards WHERE board = ? AND id > ? ORDER BY id LIMIT ?")
                    .bind(board)
                    .bind(after)
                    .bind(ROWS)
                    .fetch_all(&db)
                    .await?;
            let Some(last) = cards.last().map(|card| card.id) else { return Ok(None) };
            let mut table = csv::Writer::from_writer(Vec::new());
            for card in cards {
                table.write_record([
                    card.id.to_string(),
                    harmless(card.title),
                    format!("{:?}", card.status).to_lowercase(),
                    harmless(card.labels.join(" ")),
                    card.assignee.map(|user| user.to_string()).unwrap_or_default(),
                    card.starts.map(|day| day.to_string()).unwrap_or_default(),
                    card.due.map(|day| day.to_string()).unwrap_or_default(),
                ])?;
            }
            Ok(Some((table.into_inner().map_err(csv::IntoInnerError::into_error)?, Some(last))))
        }
    })
}

/// A spreadsheet takes what begins like this for a formula.
fn harmless(text: String) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text }
}

/// Why an export stops: the download is aborted, and the log tells.
#[derive(Debug, thiserror::Error)]
enum ExportError {
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    #[error(transparent)]
    Table(#[from] csv::Error),
    #[error(transparent)]
    Write(#[from] std::io::Error),
}
