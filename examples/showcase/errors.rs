//! Errors that many endpoints share. What only one resource can get wrong stands in that resource's file.

use actix_charter::prelude::*;
use thiserror::Error;

/// The database failed.
///
/// The client learns no more than that; the log has the cause.
#[derive(Debug, Error, ApiError)]
#[error("the database failed")]
#[api(status = 500, code = "database")]
pub(crate) struct DatabaseError(#[from] sqlx::Error);

/// Something that the path names is not there.
#[derive(Debug, Error, ApiError)]
pub(crate) enum Missing {
    /// There is no such thing.
    #[error("there is no such {0}")]
    #[api(status = 404, code = "not-found")]
    NotFound(&'static str),
    #[error(transparent)]
    #[api(transparent)]
    Database(#[from] DatabaseError),
}

// One `?` goes from sqlx all the way.
impl From<sqlx::Error> for Missing {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error.into())
    }
}
