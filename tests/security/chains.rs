//! Several schemes for one endpoint, optional ones, and none at all.

use std::borrow::Cow;

use actix_charter::{
    prelude::*,
    security::{ApiKey, Basic, Credentials, Denial, Scheme, Verdict},
    testing::TestClient,
};
use actix_web::{HttpRequest, http::header::HeaderValue};
use serde_json::{Value, json};

/// Both schemes find the same kind of someone.
#[derive(Debug, Clone, PartialEq)]
struct User(Cow<'static, str>);

/// `x-pass: NAME` is accepted, `x-pass: !` stops the chain, anything else goes on.
#[derive(Debug)]
struct Pass;

impl Scheme for Pass {
    type Identity = User;

    fn name(&self) -> Cow<'static, str> {
        "Pass".into()
    }

    fn document(&self) -> Value {
        json!({"type": "apiKey", "in": "header", "name": "x-pass"})
    }

    fn challenge(&self) -> Option<HeaderValue> {
        Some(HeaderValue::from_static("Pass"))
    }

    async fn identify(&self, request: &HttpRequest, _: &[Cow<'static, str>]) -> Verdict<User> {
        match request.headers().get("x-pass").and_then(|pass| pass.to_str().ok()) {
            None | Some("") => Verdict::Next,
            Some("!") => Verdict::Stop(Denial::unauthorized("revoked", "the pass was revoked")),
            Some(name) => Verdict::Accept(User(name.to_owned().into())),
        }
    }
}

struct Rooms;

#[controller(security(Pass, Basic<User>))]
impl Rooms {
    #[get("/either")]
    async fn either(&self, who: Identity<User>) -> String {
        who.0.0.into_owned()
    }

    #[get("/optional", security(optional, Pass, Basic<User>))]
    async fn optional(&self, who: Option<Identity<User>>) -> String {
        who.map_or_else(|| "nobody".to_owned(), |who| who.0.0.into_owned())
    }

    #[get("/open", security = none)]
    async fn open(&self) -> NoContent {
        NoContent
    }

    #[get("/key", security = ApiKey<User>)]
    async fn key(&self, who: Identity<User>) -> String {
        who.0.0.into_owned()
    }
}

struct Plain;

#[controller]
impl Plain {
    #[get("/inherited")]
    async fn inherited(&self) -> NoContent {
        NoContent
    }
}

fn api() -> Router {
    let basic = Basic::new(async |_: &HttpRequest, sent: Credentials| {
        sent.password_eq("right").then(|| User(sent.username.clone().into()))
    });
    let required = actix_charter::security::SchemeRef::of::<Pass>();
    Router::new("")
        .scheme(Pass)
        .scheme(basic)
        .scheme(ApiKey::fixed([("key", User("key".into()))]))
        .security(Requirement::AnyOf(vec![required]))
        .controller(Rooms)
        .controller(Plain)
}

async fn client() -> TestClient {
    crate::roas::client(api()).await
}

#[actix_web::test]
async fn the_first_scheme_that_accepts_says_who_it_is() {
    let client = client().await;
    client.get("/either").header(("x-pass", "ann")).send().await.assert_body("\"ann\"");
    client.get("/either").basic("bob", "right").send().await.assert_body("\"bob\"");
    client.get("/either").header(("x-pass", "ann")).basic("bob", "right").send().await.assert_body("\"ann\"");
}

#[actix_web::test]
async fn without_credentials_every_scheme_is_named() {
    let answer = client().await.get("/either").send().await;
    answer.assert_status(401).problem().assert_code("unauthenticated");
    let challenges: Vec<_> = answer.headers().get_all("www-authenticate").collect();
    assert_eq!(challenges, ["Pass", "Basic realm=\"api\", charset=\"UTF-8\""]);
}

#[actix_web::test]
async fn a_scheme_that_refuses_ends_the_chain() {
    let answer = client().await.get("/either").header(("x-pass", "!")).basic("bob", "right").send().await;
    answer.assert_status(401).problem().assert_code("revoked");
    let challenges: Vec<_> = answer.headers().get_all("www-authenticate").collect();
    assert_eq!(challenges, ["Pass"]);
}

#[actix_web::test]
async fn optional_lets_nobody_in_but_no_wrong_ones() {
    let client = client().await;
    client.get("/optional").send().await.assert_status(200).assert_body("\"nobody\"");
    client.get("/optional").basic("bob", "right").send().await.assert_body("\"bob\"");
    client.get("/optional").basic("bob", "wrong").send().await.assert_status(401);
}

#[actix_web::test]
async fn layers_override_and_none_is_none() {
    let client = client().await;
    client.get("/open").send().await.assert_status(204);
    client.get("/key").header(("x-pass", "ann")).send().await.assert_status(401);
    client.get("/key").header(("x-api-key", "key")).send().await.assert_status(200);
    client.get("/inherited").send().await.assert_status(401).assert_header("www-authenticate", "Pass");
    client.get("/inherited").header(("x-pass", "ann")).send().await.assert_status(204);
}

#[actix_web::test]
async fn the_document_shows_the_alternatives() {
    let document = crate::roas::valid_document(&api());
    let security = |path: &str| document["paths"][path]["get"]["security"].clone();
    assert_eq!(security("/either"), json!([{"Pass": []}, {"Basic": []}]));
    assert_eq!(security("/optional"), json!([{"Pass": []}, {"Basic": []}, {}]));
    assert_eq!(security("/open"), Value::Null);
    assert_eq!(security("/inherited"), json!([{"Pass": []}]));
}
