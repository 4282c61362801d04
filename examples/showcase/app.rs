//! Everything put together: the one place that names all controllers.

use actix_charter::{
    prelude::*,
    security::{ApiKey, Bearer, KeyError},
};
use sqlx::SqlitePool;

use crate::{
    auth::{self, Caller},
    boards,
    comments::HouseRules,
    preferences::PreferencesPage,
    session::Session,
    users::Users,
};

/// The API, and the pages that show its document. `secret` signs the tokens.
pub(crate) fn api(db: &SqlitePool, secret: &[u8]) -> Result<Router, KeyError> {
    let api = Router::new("/api")
        .scheme(auth::bearer(secret)?)
        .scheme(auth::service_keys())
        // Whatever says nothing of its own asks who is calling.
        .security(Requirement::of::<Bearer<Caller>>().or::<ApiKey<Caller>>())
        .app_data(HouseRules::default())
        .controller(Session::new(db, secret))
        .controller(PreferencesPage)
        .controller(Users::new(db))
        .nest(boards::router(db));
    Ok(Router::new("").nest(api).openapi(info()).swagger_ui("/docs").scalar("/scalar"))
}

/// What the document says about the API as a whole.
pub(crate) fn info() -> Info {
    Info::new("Team board", "1.0.0")
        .summary("Who works on what.")
        .description(
            "Sign in with `POST /api/login` and send the token as `Authorization: Bearer`, or send a service account's \
             key as `X-API-Key`.",
        )
        .tag("session", "Signing in, and who is signed in.")
        .tag("users", "People and their roles.")
        .tag("boards", "A board holds cards.")
        .tag("cards", "Pieces of work: to do, in progress, done.")
        .tag("comments", "What people say about a card.")
        .tag("attachments", "Files that belong to a card.")
        .license("MIT", "MIT")
}
