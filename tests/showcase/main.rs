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

mod flows;
mod tables;

use actix_charter::{prelude::*, testing::TestClient};
use serde_json::{Value, json};

/// Signs the tokens of all tests.
const SECRET: &[u8] = b"a secret of the tests, 32 bytes or more";

async fn api() -> Router {
    app::api(&store::open(":memory:").await.unwrap(), SECRET).unwrap()
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
