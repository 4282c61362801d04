//! Everything put together: the one place that names all controllers.

use std::error::Error;

use actix_charter::{
    download::Delivery,
    live::LiveNode,
    prelude::*,
    security::{ApiKey, Bearer, SignedLink, SignedLinks},
};
use sqlx::SqlitePool;

use crate::{
    attachments::Shared,
    auth::{self, Caller},
    avatars::Avatars,
    boards,
    comments::HouseRules,
    files::Files,
    handbook::Handbook,
    live,
    news::News,
    page::Page,
    preferences::PreferencesPage,
    session::Session,
    users::Users,
};

/// What the API is made of.
pub(crate) struct Parts {
    pub(crate) db: SqlitePool,
    pub(crate) files: Files,
    /// Where the handbook is, and who may fetch it.
    pub(crate) handbook: Handbook,
    /// Who sends the files.
    pub(crate) delivery: Delivery,
    /// Who is connected.
    pub(crate) live: LiveNode,
}

/// The API, and the pages that show its document. `secret` signs the tokens.
pub(crate) fn api(parts: &Parts, secret: &[u8]) -> Result<Router, Box<dyn Error>> {
    let Parts { db, files, handbook, delivery, live } = parts;
    let delivery = delivery.clone();
    let links = SignedLinks::new("1", secret)?;
    let news = News::new(live.broadcaster());
    let api = Router::new("/api")
        .wrap(move || delivery.clone())
        .scheme(auth::bearer(secret)?)
        .scheme(auth::service_keys())
        .scheme(SignedLink::new(links.clone()))
        // Whatever says nothing of its own asks who is calling.
        .security(Requirement::of::<Bearer<Caller>>().or::<ApiKey<Caller>>())
        .app_data(HouseRules::default())
        .controller(Session::new(db, secret, live.broadcaster()))
        .controller(PreferencesPage)
        .controller(Users::new(db))
        .controller(Avatars::new(db, files))
        .controller(handbook.clone())
        .controller(Shared::new(db, files))
        .nest(boards::router(db, files, &links, &news))
        .live("/live", live::endpoints(live));
    Ok(Router::new("")
        .nest(api)
        .controller(Page)
        .openapi(info())
        .asyncapi(info())
        .swagger_ui("/docs")
        .scalar("/scalar"))
}

/// What the document says about the API as a whole.
pub(crate) fn info() -> Info {
    Info::new("Team board", "1.0.0")
        .summary("Who works on what.")
        .description(
            "Sign in with `POST /api/login` and send the token as `Authorization: Bearer`, or send a service account's \
             key as `X-API-Key`. What happens on a board is told live: `/asyncapi.json` says how.",
        )
        .tag("session", "Signing in and out, and who is signed in.")
        .tag("users", "People and their roles.")
        .tag("boards", "A board holds cards.")
        .tag("cards", "Pieces of work: to do, in progress, done.")
        .tag("comments", "What people say about a card.")
        .tag("attachments", "Files that belong to a card.")
        .tag("handbook", "Pages from another team's server.")
        .tag("live", "The ways to the live channels, for Centrifugo's clients.")
        .license("MIT", "MIT")
}
