//! An API with something of everything, written as a user would.

use actix_charter::{prelude::*, problem::CompactDetail, security::ApiKey, testing::TestClient};
use actix_web::HttpResponse;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use validator::Validate;

/// A card on a board.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Validate, Model)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Card {
    /// Given by the server.
    #[serde(default)]
    id: u32,
    #[validate(length(min = 1, max = 80))]
    title_text: String,
    #[validate(range(min = 1, max = 5))]
    effort: Option<u8>,
    state: State,
    #[serde(default)]
    labels: Vec<String>,
    #[validate(nested)]
    #[serde(default)]
    steps: Vec<Step>,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize, JsonSchema, Model)]
#[serde(rename_all = "lowercase")]
pub(crate) enum State {
    Open,
    Done,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Validate, Model)]
pub(crate) struct Step {
    #[validate(url)]
    link: String,
}

/// What happened to a card.
#[derive(Debug, Serialize, JsonSchema, Model)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum Event {
    Moved { to: u32 },
    Closed,
}

#[derive(Debug, Serialize, JsonSchema, Model)]
struct Page<T> {
    items: Vec<T>,
    next: Option<String>,
}

#[derive(Debug, Deserialize, JsonSchema, Validate, Model)]
struct Filter {
    /// Only cards in this state.
    state: Option<State>,
    /// Only cards with all of these.
    #[serde(default)]
    #[model(commas)]
    labels: Vec<String>,
    #[serde(flatten)]
    paging: Paging,
}

#[derive(Debug, Deserialize, JsonSchema, Model)]
struct Paging {
    #[serde(default)]
    page: u32,
}

#[derive(Debug, Deserialize, JsonSchema, Model)]
#[allow(dead_code, reason = "nobody asks for it")]
struct Tracing {
    #[serde(rename = "X-Request-Id")]
    request_id: Option<String>,
}

#[derive(Debug, Deserialize, JsonSchema, Model)]
#[allow(dead_code, reason = "nobody asks for it")]
struct Jar {
    theme: Option<String>,
}

#[derive(Debug, Deserialize, JsonSchema, Model)]
struct Attachment {
    title: String,
    #[model(max_size = "1 MiB", accept("image/*", "application/pdf"), max_files = 3)]
    files: Vec<UploadedFile>,
}

#[derive(Debug, thiserror::Error, ApiError)]
enum CardError {
    /// Somebody was faster.
    #[error("the card was changed meanwhile")]
    #[api(status = 412, code = "changed")]
    Changed,
    #[error("try again in {after} s")]
    #[api(status = 503, code = "busy")]
    Busy {
        #[api(header = "Retry-After")]
        after: u32,
    },
}

#[derive(Replies)]
enum Stored {
    /// The card, as it was stored.
    #[reply(status = 200)]
    Replaced {
        body: Card,
        /// Its version.
        #[reply(header = "ETag")]
        tag: String,
        #[reply(cookie = "last-card", http_only)]
        last: String,
    },
    /// There was none before.
    #[reply(status = 201)]
    Made(Card),
}

struct Cards;

/// Cards and what is on them.
#[controller(path = "/boards/{board}/cards", name = "Cards", tag = "cards", security = ApiKey<u32>, renderers(Json, MsgPack))]
impl Cards {
    /// List cards.
    ///
    /// Newest first; *closed* ones too.
    #[get]
    async fn list(
        &self,
        _board: Path<u32>,
        filter: Query<Filter>,
        _tracing: Headers<Tracing>,
        _jar: Cookies<Jar>,
    ) -> Page<Card> {
        let wanted = filter.state.is_some() || !filter.labels.is_empty() || filter.paging.page > 0;
        Page { items: if wanted { Vec::new() } else { vec![card()] }, next: None }
    }

    /// Add a card.
    #[post(parsers(Json, Form), request_example = json!({"titleText": "milk", "state": "open"}), response_example = json!(card()))]
    async fn create(&self, board: Path<u32>, card: Body<Card>) -> Result<Created<Card>, CardError> {
        Ok(Created::at(format!("/boards/{}/cards/1", *board), card.0))
    }

    /// Replace a card.
    #[put("/{card}", header("Cache-Control" = "no-store"))]
    async fn replace(&self, ids: Path<(u32, u32)>, card: Body<Card>) -> Result<Stored, CardError> {
        match ids.1 {
            0 => Err(CardError::Changed),
            1 => Ok(Stored::Replaced { body: card.0, tag: "\"1\"".into(), last: "1".into() }),
            2 => Err(CardError::Busy { after: 3 }),
            _ => Ok(Stored::Made(card.0)),
        }
    }

    #[delete("/{card}", scopes("cards:write"))]
    async fn remove(&self, _ids: Path<(u32, u32)>, _who: Identity<u32>) -> Result<NoContent, NotFound> {
        Ok(NoContent)
    }

    #[get("/{card}/events", security(optional, ApiKey<u32>))]
    async fn events(&self, _ids: Path<(u32, u32)>) -> Vec<Event> {
        vec![Event::Moved { to: 2 }, Event::Closed]
    }

    #[post("/{card}/files", deprecated)]
    async fn attach(&self, _ids: Path<(u32, u32)>, form: Multipart<Attachment>) -> usize {
        form.title.len() + form.files.len()
    }
}

struct Files;

#[controller(path = "/files", tag = "files")]
impl Files {
    #[get("/{path}*")]
    async fn read(&self, path: Path<String>) -> Option<Binary> {
        (!path.is_empty()).then(|| Binary(path.0.into_bytes().into()))
    }

    #[get("/{name}.csv", declares(200: "text/csv", 410), operation_id = "exportFile")]
    async fn export(&self, _name: Path<String>) -> HttpResponse {
        HttpResponse::Ok().content_type("text/csv; charset=utf-8").body("a,b")
    }

    #[method("PURGE", "/all")]
    async fn purge(&self) -> NoContent {
        NoContent
    }

    #[get("/health", hidden)]
    async fn health(&self) -> NoContent {
        NoContent
    }
}

fn card() -> Card {
    Card {
        id: 1,
        title_text: "milk".into(),
        effort: None,
        state: State::Open,
        labels: Vec::new(),
        steps: Vec::new(),
    }
}

pub(crate) fn api() -> Router {
    let keys = ApiKey::fixed([("key", 7_u32)]).grants(|_, scope| scope == "cards:write");
    let files =
        Router::new("/v2").tag("later").options(Options::new().error_model(CompactDetail)).controller(Files);
    Router::new("/api").scheme(keys).controller(Cards).nest(files)
}

pub(crate) fn info() -> Info {
    Info::new("Team board", "1.0").description("Who works on what.").tag("cards", "What is to be done.")
}

#[test]
fn it_says_all_that_was_declared() {
    let document = api().document(&info()).unwrap();
    crate::roas::assert_valid(document.to_value());
    insta::assert_snapshot!(document.to_json());
}

#[actix_web::test]
async fn and_it_is_true() {
    let client = TestClient::new(api()).await.header(("x-api-key", "key"));
    let cards = "/api/boards/1/cards";
    client.get(cards).send().await.assert_status(200);
    client.get(cards).accept("application/msgpack").send().await.assert_status(200);
    client.get(&format!("{cards}?labels=a,b&state=open&page=2")).send().await.assert_status(200);
    client.get(&format!("{cards}?state=x&page=y")).send().await.assert_status(400);
    client.get(cards).without("x-api-key").send().await.assert_status(401);
    client.post(cards).json(&card()).send().await.assert_status(201);
    client.post(cards).form(&json!({"titleText": "milk", "state": "open"})).send().await.assert_status(201);
    client
        .post(cards)
        .json(&json!({"titleText": "", "state": "x", "steps": [{"link": "no"}]}))
        .send()
        .await
        .assert_status(400);
    client.post(cards).body("text/plain", "x").send().await.assert_status(415);
    for (id, status) in [(0, 412), (1, 200), (2, 503), (3, 201)] {
        client.put(&format!("{cards}/{id}")).json(&card()).send().await.assert_status(status);
    }
    client.delete(&format!("{cards}/1")).send().await.assert_status(204);
    client.get(&format!("{cards}/1/events")).without("x-api-key").send().await.assert_status(200);
    let form = actix_charter::testing::MultipartForm::new().text("title", "a").file(
        "files",
        "a.pdf",
        "application/pdf",
        "x",
    );
    client.post(&format!("{cards}/1/files")).multipart(form).send().await.assert_status(201).assert_body("2");
    client.get("/api/v2/files/a/b").send().await.assert_status(200).assert_body("a/b");
    client.get("/api/v2/files/a.csv").send().await.assert_status(200).assert_content_type("text/csv");
    client.get("/api/v2/files/").send().await.assert_status(404);
    client.get("/api/v2/files/health").send().await.assert_status(204);
}
