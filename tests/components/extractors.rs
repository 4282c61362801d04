//! Actix's own extractors beside components.

use std::future::{Ready, ready};

use actix_charter::{prelude::*, testing::TestClient};
use actix_web::{
    FromRequest, HttpRequest, HttpResponse, ResponseError,
    dev::{ConnectionInfo, Payload},
    http::StatusCode,
    web,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

#[derive(Debug, Serialize, Deserialize, JsonSchema, Model)]
struct Note {
    text: String,
}

#[derive(Clone)]
struct Store(&'static str);

/// Fails for those who do not knock.
struct Knocked;

#[derive(Debug, derive_more::Display)]
#[display("knock first")]
struct DidNotKnock;

impl ResponseError for DidNotKnock {
    fn status_code(&self) -> StatusCode {
        StatusCode::IM_A_TEAPOT
    }

    fn error_response(&self) -> HttpResponse {
        HttpResponse::build(self.status_code()).insert_header(("x-how", "twice")).body("<h1>knock</h1>")
    }
}

impl FromRequest for Knocked {
    type Error = DidNotKnock;
    type Future = Ready<Result<Self, DidNotKnock>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(if request.headers().contains_key("knock") { Ok(Self) } else { Err(DidNotKnock) })
    }
}

struct Mixed;

#[controller]
impl Mixed {
    #[post("/all")]
    async fn all(
        &self,
        store: web::Data<Store>,
        request: HttpRequest,
        query: web::Query<Note>,
        connection: ConnectionInfo,
        note: Body<Note>,
    ) -> Vec<String> {
        vec![store.0.into(), request.path().into(), query.text.clone(), connection.host().into(), note.0.text]
    }

    #[post("/bytes")]
    async fn bytes(&self, id: Query<Note>, bytes: web::Bytes) -> Vec<String> {
        vec![id.0.text, String::from_utf8(bytes.to_vec()).unwrap()]
    }

    #[get("/knock", declares(418))]
    async fn knock(&self, _knocked: Knocked, query: Query<Note>) -> String {
        query.0.text
    }

    #[get("/missing")]
    async fn missing(&self, store: web::Data<u64>) -> u64 {
        **store
    }
}

async fn client() -> TestClient {
    crate::roas::client(Router::new("/api").app_data(web::Data::new(Store("the store"))).controller(Mixed))
        .await
}

#[actix_web::test]
async fn extractors_stand_beside_components() {
    let answer = client().await.post("/api/all?text=q").json(&json!({"text": "b"})).send().await;
    answer.assert_status(201).assert_json(&["the store", "/api/all", "q", "localhost", "b"]);
    let answer = client().await.post("/api/bytes?text=q").body("x/y", "raw").send().await;
    answer.assert_status(201).assert_json(&["q", "raw"]);
}

#[actix_web::test]
async fn an_extractor_that_fails_answers_in_the_apis_format() {
    let answer = client().await.get("/api/knock?text=x").send().await;
    answer
        .assert_status(418)
        .assert_content_type("application/problem+json")
        .assert_header("x-how", "twice")
        .assert_json(&json!({"title": "I'm a teapot", "status": 418, "detail": "knock first"}));
    client().await.get("/api/knock?text=x").header(("knock", "knock")).send().await.assert_status(200);
}

#[actix_web::test]
async fn faults_say_more_than_an_extractor_that_fails_too() {
    let answer = client().await.get("/api/knock").send().await;
    answer.assert_status(400).problem().assert_fault("query", "/text", "required");
    // `web::Query` fails for a reason of its own, and the body's faults are told.
    let answer = client().await.post("/api/all").json(&json!({})).send().await;
    answer.assert_status(400).problem().assert_fault("body", "/text", "required");
}

#[actix_web::test]
async fn data_that_is_missing_is_our_fault() {
    let answer = client().await.get("/api/missing").unchecked().send().await;
    answer
        .assert_status(500)
        .assert_json(&json!({"title": "Internal Server Error", "status": 500, "code": "internal"}));
}
