//! People: a list with filters, and the five usual endpoints.

use actix_charter::prelude::*;
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::{SqlitePool, types::Json};
use thiserror::Error;
use validator::Validate;

use crate::{
    errors::{DatabaseError, Missing},
    paging::{Page, Paging},
    password::{HashError, hash},
};

// One type serves the database and the wire.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, JsonSchema, Model, sqlx::Type)]
#[serde(rename_all = "lowercase")]
#[sqlx(rename_all = "lowercase")]
pub(crate) enum Role {
    #[default]
    Member,
    Admin,
}

#[derive(Debug, Serialize, JsonSchema, Model, sqlx::FromRow)]
struct User {
    id: u32,
    email: String,
    name: String,
    role: Role,
    created: DateTime<Utc>,
}

#[derive(Deserialize, JsonSchema, Validate, Model)]
struct NewUser {
    #[validate(email, length(max = 254))]
    email: String,
    #[validate(length(min = 1, max = 80))]
    name: String,
    #[serde(default)]
    role: Role,
    #[validate(length(min = 12, max = 100))]
    password: String,
}

/// What is left out stays as it is.
#[derive(Deserialize, JsonSchema, Validate, Model)]
struct UserChanges {
    #[validate(length(min = 1, max = 80))]
    name: Option<String>,
    role: Option<Role>,
}

/// Which users.
#[derive(Deserialize, JsonSchema, Validate, Model)]
struct UserFilter {
    /// Any of these roles: `role=admin&role=member`.
    #[serde(default)]
    role: Vec<Role>,
    /// A part of the name.
    #[validate(length(min = 1, max = 80))]
    name: Option<String>,
}

#[derive(Debug, Error, ApiError)]
enum SignUpError {
    /// Someone else has this email address.
    #[error("this email address is taken")]
    #[api(status = 409, code = "email-taken")]
    EmailTaken,
    #[error(transparent)]
    #[api(transparent)]
    Hash(#[from] HashError),
    #[error(transparent)]
    #[api(transparent)]
    Database(DatabaseError),
}

impl From<sqlx::Error> for SignUpError {
    fn from(error: sqlx::Error) -> Self {
        match error.as_database_error() {
            Some(database) if database.is_unique_violation() => Self::EmailTaken,
            _ => Self::Database(error.into()),
        }
    }
}

const COLUMNS: &str = "id, email, name, role, created";
const FILTERED: &str = "FROM users WHERE (?1 = '[]' OR role IN (SELECT value FROM json_each(?1)))
    AND (?2 IS NULL OR instr(lower(name), lower(?2)) > 0)";

/// People.
pub(crate) struct Users {
    db: SqlitePool,
}

impl Users {
    pub(crate) fn new(db: &SqlitePool) -> Self {
        Self { db: db.clone() }
    }
}

#[controller(path = "/users", tag = "users")]
impl Users {
    /// List users.
    #[get]
    async fn list(
        &self,
        filter: Query<UserFilter>,
        paging: Query<Paging>,
    ) -> Result<Page<User>, DatabaseError> {
        let total = sqlx::query_scalar(&format!("SELECT COUNT(*) {FILTERED}"))
            .bind(Json(&filter.role))
            .bind(&filter.name)
            .fetch_one(&self.db)
            .await?;
        let users = sqlx::query_as(&format!("SELECT {COLUMNS} {FILTERED} ORDER BY id LIMIT ?3 OFFSET ?4"))
            .bind(Json(&filter.role))
            .bind(&filter.name)
            .bind(paging.per_page)
            .bind(paging.offset())
            .fetch_all(&self.db)
            .await?;
        Ok(paging.page(users, total))
    }

    /// Add a user.
    #[post(
        scopes("users:write"),
        request_example = json!({"email": "eve@example.org", "name": "Eve", "password": "a long pass phrase"}),
    )]
    async fn create(&self, Body(user): Body<NewUser>) -> Result<Created<User>, SignUpError> {
        let hash = hash(user.password).await?;
        let user: User = sqlx::query_as(&format!(
            "INSERT INTO users (email, name, role, password_hash) VALUES (?, ?, ?, ?) RETURNING {COLUMNS}"
        ))
        .bind(user.email)
        .bind(user.name)
        .bind(user.role)
        .bind(hash)
        .fetch_one(&self.db)
        .await?;
        Ok(Created::at(format!("/api/users/{}", user.id), user))
    }

    /// Show a user.
    #[get("/{user}")]
    async fn show(&self, Path(id): Path<u32>) -> Result<Option<User>, DatabaseError> {
        let query = format!("SELECT {COLUMNS} FROM users WHERE id = ?");
        Ok(sqlx::query_as(&query).bind(id).fetch_optional(&self.db).await?)
    }

    /// Change a user.
    #[patch("/{user}", scopes("users:write"), request_example = json!({"role": "admin"}))]
    async fn change(
        &self,
        Path(id): Path<u32>,
        Body(changes): Body<UserChanges>,
    ) -> Result<Option<User>, DatabaseError> {
        let query = format!(
            "UPDATE users SET name = COALESCE(?2, name), role = COALESCE(?3, role) WHERE id = ?1 RETURNING {COLUMNS}"
        );
        let user = sqlx::query_as(&query).bind(id).bind(changes.name).bind(changes.role);
        Ok(user.fetch_optional(&self.db).await?)
    }

    /// Remove a user. Their cards stay, and are nobody's.
    #[delete("/{user}", scopes("users:write"))]
    async fn remove(&self, Path(id): Path<u32>) -> Result<NoContent, Missing> {
        let removed = sqlx::query("DELETE FROM users WHERE id = ?").bind(id).execute(&self.db).await?;
        if removed.rows_affected() == 0 { Err(Missing::NotFound("user")) } else { Ok(NoContent) }
    }
}
