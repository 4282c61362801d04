//! The database: SQLite inside the process, its migrations, and something to look at.

use std::{path::Path, str::FromStr};

use sqlx::{
    Error, SqlitePool,
    sqlite::{SqliteConnectOptions, SqlitePoolOptions},
};
use uuid::Uuid;

/// Each runs once, in this order; `user_version` counts those that ran.
const MIGRATIONS: &[&str] = &[
    "CREATE TABLE users (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        email TEXT NOT NULL UNIQUE COLLATE NOCASE,
        name TEXT NOT NULL,
        role TEXT NOT NULL,
        password_hash TEXT NOT NULL,
        created TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now'))
    );
    CREATE TABLE boards (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        title TEXT NOT NULL,
        description TEXT NOT NULL,
        archived BOOLEAN NOT NULL DEFAULT FALSE
    );
    CREATE TABLE cards (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        board INTEGER NOT NULL REFERENCES boards ON DELETE CASCADE,
        title TEXT NOT NULL,
        status TEXT NOT NULL DEFAULT 'todo',
        labels TEXT NOT NULL DEFAULT '[]',
        assignee INTEGER REFERENCES users ON DELETE SET NULL,
        starts TEXT,
        due TEXT,
        version INTEGER NOT NULL DEFAULT 1
    );
    CREATE INDEX cards_of_board ON cards (board);",
    "CREATE TABLE comments (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        card INTEGER NOT NULL REFERENCES cards ON DELETE CASCADE,
        author TEXT NOT NULL,
        text TEXT NOT NULL,
        created TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now'))
    );
    CREATE TABLE attachments (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        card INTEGER NOT NULL REFERENCES cards ON DELETE CASCADE,
        name TEXT NOT NULL,
        media_type TEXT NOT NULL,
        size INTEGER NOT NULL,
        note TEXT,
        created TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now'))
    );
    CREATE INDEX comments_of_card ON comments (card);
    CREATE INDEX attachments_of_card ON attachments (card);",
    // Attachments of before have no file.
    "ALTER TABLE attachments ADD COLUMN key TEXT NOT NULL DEFAULT '';
    ALTER TABLE users ADD COLUMN avatar TEXT;
    ALTER TABLE users ADD COLUMN avatar_type TEXT;",
    "CREATE TABLE secrets (value TEXT NOT NULL);",
];

/// For a database without users. Both passwords are `correct horse battery`.
const SEED: &str = "
    INSERT INTO users (id, email, name, role, password_hash) VALUES
        (1, 'ada@example.org', 'Ada', 'admin', '@HASH@'),
        (2, 'bob@example.org', 'Bob', 'member', '@HASH@');
    INSERT INTO boards (id, title, description) VALUES
        (1, 'Launch', 'Everything before the first release.'),
        (2, 'Garden', 'The roof garden behind the office.');
    INSERT INTO cards (id, board, title, status, labels, assignee, starts, due) VALUES
        (1, 1, 'Write the README', 'doing', '[\"docs\"]', 1, '2026-01-05', '2026-01-16'),
        (2, 1, 'Fix the login page', 'todo', '[\"bug\", \"urgent\"]', 2, NULL, NULL),
        (3, 2, 'Buy tomato seeds', 'done', '[]', NULL, NULL, '2026-03-01');
    INSERT INTO comments (id, card, author, text) VALUES
        (1, 1, 'user:2', 'Start with the example, it is what people read.');
    INSERT INTO attachments (id, card, name, media_type, size, note, key) VALUES
        (1, 2, 'what happens – or not.txt', 'text/plain', 11200, 'Two hundred times.', 'seed');";

/// `correct horse battery`, Argon2id.
pub(crate) const SEED_HASH: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$0j0PBLLNZUGY7exwCnGb9Q$E0n55s4d0jnfA/et/TZDEvPqqsbt37HQdUBNVKA8bXE";

/// Opens the file, or a new database in memory for `:memory:`, and brings it up to date.
pub(crate) async fn open(path: &str) -> Result<SqlitePool, Error> {
    if path != ":memory:"
        && let Some(folder) = Path::new(path).parent()
    {
        std::fs::create_dir_all(folder).map_err(Error::Io)?;
    }
    let options = SqliteConnectOptions::from_str(path)?.create_if_missing(true).foreign_keys(true);
    let pool = match path {
        // Every connection to `:memory:` is a database of its own: there must be one, and it must stay.
        ":memory:" => SqlitePoolOptions::new().max_connections(1).idle_timeout(None).max_lifetime(None),
        _ => SqlitePoolOptions::new(),
    };
    let db = pool.connect_with(options).await?;
    migrate(&db).await?;
    Ok(db)
}

/// What signs the tokens. It lives as long as the data, so that a restart signs nobody out; an application with more than one
/// process, or with a vault, takes it from its configuration.
pub(crate) async fn secret(db: &SqlitePool) -> Result<String, Error> {
    let new = format!("{}{}", Uuid::new_v4(), Uuid::new_v4());
    sqlx::query("INSERT INTO secrets (value) SELECT ? WHERE NOT EXISTS (SELECT 1 FROM secrets)")
        .bind(new)
        .execute(db)
        .await?;
    sqlx::query_scalar("SELECT value FROM secrets").fetch_one(db).await
}

async fn migrate(db: &SqlitePool) -> Result<(), Error> {
    let done: u32 = sqlx::query_scalar("PRAGMA user_version").fetch_one(db).await?;
    for (number, migration) in (1_u32..).zip(MIGRATIONS) {
        if number > done {
            let script = format!("BEGIN; {migration} PRAGMA user_version = {number}; COMMIT;");
            sqlx::raw_sql(&script).execute(db).await?;
        }
    }
    let users: u32 = sqlx::query_scalar("SELECT COUNT(*) FROM users").fetch_one(db).await?;
    if users == 0 {
        sqlx::raw_sql(&SEED.replace("@HASH@", SEED_HASH)).execute(db).await?;
    }
    Ok(())
}
