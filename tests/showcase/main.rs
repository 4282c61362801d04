//! The showcase, as its users see it. Its modules are taken from the example.
#![cfg(feature = "testing")]
#![allow(dead_code, reason = "what only the example's `main` calls")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

#[path = "../../examples/showcase/app.rs"]
mod app;
#[path = "../../examples/showcase/attachments.rs"]
mod attachments;
#[path = "../../examples/showcase/auth.rs"]
mod auth;
#[path = "../../examples/showcase/avatars.rs"]
mod avatars;
#[path = "../../examples/showcase/behind.rs"]
mod behind;
#[path = "../../examples/showcase/boards.rs"]
mod boards;
#[path = "../../examples/showcase/card.rs"]
mod card;
#[path = "../../examples/showcase/cards.rs"]
mod cards;
#[path = "../../examples/showcase/comments.rs"]
mod comments;
#[path = "../../examples/showcase/errors.rs"]
mod errors;
#[path = "../../examples/showcase/exports.rs"]
mod exports;
#[path = "../../examples/showcase/files.rs"]
mod files;
#[path = "../../examples/showcase/handbook.rs"]
mod handbook;
#[path = "../../examples/showcase/live.rs"]
mod live;
#[path = "../../examples/showcase/live_activity.rs"]
mod live_activity;
#[path = "../../examples/showcase/live_board.rs"]
mod live_board;
#[path = "../../examples/showcase/live_pointers.rs"]
mod live_pointers;
#[path = "../../examples/showcase/news.rs"]
mod news;
#[path = "../../examples/showcase/page.rs"]
mod page;
#[path = "../../examples/showcase/paging.rs"]
mod paging;
#[path = "../../examples/showcase/password.rs"]
mod password;
#[path = "../../examples/showcase/preferences.rs"]
mod preferences;
#[path = "../../examples/showcase/session.rs"]
mod session;
#[path = "../../examples/showcase/store.rs"]
mod store;
#[path = "../../examples/showcase/users.rs"]
mod users;

mod downloads;
mod flows;
mod pages;
mod tables;
mod watching;

use std::path::Path;

use actix_charter::{
    download::{Delivery, cache::DownloadCache, origin::Origin},
    prelude::Router,
    testing::TestClient,
};
use actix_test::TestServer;
use actix_web::{App, web};
use serde_json::{Value, json};

/// Signs the tokens of all tests.
const SECRET: &[u8] = b"a secret of the tests, 32 bytes or more";

/// A board, its files, and the server where the handbook is.
struct Site {
    parts: app::Parts,
    cache: DownloadCache,
    _handbook: TestServer,
    folder: tempfile::TempDir,
}

impl Site {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let files = files::Files::open(folder.path().join("uploads")).unwrap();
        files.seed().unwrap();
        let cache = DownloadCache::new(folder.path().join("cache")).unwrap();
        let elsewhere = actix_test::start(|| App::new().route("/{page}", web::get().to(handbook::elsewhere)));
        let origin = Origin::new()
            .allow(elsewhere.url("").trim_end_matches('/'))
            .unwrap()
            .allow_private("127.0.0.1/32")
            .unwrap();
        let db = store::open(":memory:").await.unwrap();
        let live = live::start(&db).unwrap();
        let parts = app::Parts {
            db,
            files,
            handbook: handbook::Handbook::new(&origin, &elsewhere.url("/")),
            delivery: Delivery::new().cache(cache.clone()),
            live,
        };
        Self { parts, cache, _handbook: elsewhere, folder }
    }

    fn files(&self) -> &Path {
        self.parts.files.path()
    }

    fn api(&self) -> Router {
        app::api(&self.parts, SECRET).unwrap()
    }

    /// With the service account that may do everything.
    async fn client(&self) -> TestClient {
        TestClient::new(self.api()).await.header(("x-api-key", "demo-key-ci"))
    }
}

async fn api() -> Router {
    // The folder goes; its files are not asked for.
    Site::new().await.api()
}

/// A client of a fresh board.
async fn client() -> TestClient {
    TestClient::new(api().await).await
}

/// The same, with the service account that may do everything.
async fn service() -> TestClient {
    client().await.header(("x-api-key", "demo-key-ci"))
}

async fn token(client: &TestClient, email: &str) -> String {
    let credentials = json!({"email": email, "password": "correct horse battery"});
    let answer = client.post("/api/login").json(&credentials).send().await;
    answer.assert_status(200);
    answer.json::<Value>()["token"].as_str().unwrap().to_owned()
}

#[actix_web::test]
async fn api_is_sound() {
    api().await.assert_sound();
}
