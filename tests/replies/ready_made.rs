//! The replies that come with the crate.

use actix_charter::{
    prelude::*,
    response::{MovedPermanently, NotModified, PermanentRedirect, ResetContent, TemporaryRedirect},
    testing::TestClient,
};
use actix_web::{HttpResponse, http::StatusCode, web::Bytes};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::log::Log;

#[derive(Debug, Serialize, Deserialize, JsonSchema, Model)]
struct User {
    id: u32,
}

#[derive(Debug, Serialize, JsonSchema, Model)]
struct Job {
    job: u32,
}

#[derive(Debug, thiserror::Error, ApiError)]
enum UserError {
    #[error("{0} is taken")]
    #[api(status = 409, code = "taken")]
    Taken(String),
    #[error("the store is gone")]
    #[api(status = 503, code = "store")]
    Store,
}

struct Ready;

#[controller]
impl Ready {
    #[get("/model")]
    async fn get(&self) -> User {
        User { id: 1 }
    }

    #[post("/model")]
    async fn post(&self) -> User {
        User { id: 2 }
    }

    #[put("/model", status = 202)]
    async fn put(&self) -> User {
        User { id: 3 }
    }

    #[get("/status")]
    async fn status(&self) -> Status<206, User> {
        Status(User { id: 4 })
    }

    #[post("/created/{place}")]
    async fn created(&self, place: Path<String>) -> Created<User> {
        Created::at(place.0, User { id: 5 })
    }

    #[post("/accepted")]
    async fn accepted(&self) -> Accepted<Job> {
        Accepted(Job { job: 6 })
    }

    #[delete("/nothing")]
    async fn nothing(&self) -> NoContent {
        NoContent
    }

    #[post("/reset")]
    async fn reset(&self) -> ResetContent {
        ResetContent
    }

    #[get("/unchanged")]
    async fn unchanged(&self) -> NotModified {
        NotModified
    }

    #[get("/found")]
    async fn found(&self) -> Found {
        Found::to("/elsewhere?a=ü")
    }

    #[get("/moved/{how}")]
    async fn moved(
        &self,
        how: Path<u16>,
    ) -> OneOf<(MovedPermanently, SeeOther, TemporaryRedirect, PermanentRedirect)> {
        match how.0 {
            301 => OneOf::first(MovedPermanently::to("/a")),
            303 => OneOf::second(SeeOther::to("/a")),
            307 => OneOf::third(TemporaryRedirect::to("/a")),
            _ => OneOf::fourth(PermanentRedirect::to("/a")),
        }
    }

    #[get("/maybe/{there}")]
    async fn maybe(&self, there: Path<bool>) -> Option<User> {
        there.then_some(User { id: 7 })
    }

    #[post("/result/{how}")]
    async fn result(&self, how: Path<u8>) -> Result<User, UserError> {
        match how.0 {
            0 => Ok(User { id: 8 }),
            1 => Err(UserError::Taken("ann".into())),
            _ => Err(UserError::Store),
        }
    }

    #[get("/one-of/{first}")]
    async fn one_of(&self, first: Path<bool>) -> Result<OneOf<(User, Accepted<Job>)>, Forbidden> {
        Ok(if first.0 { OneOf::first(User { id: 9 }) } else { OneOf::second(Accepted(Job { job: 9 })) })
    }

    #[get("/text")]
    async fn text(&self) -> Text {
        Text("ü".into())
    }

    #[get("/html")]
    async fn html(&self) -> Html {
        Html("<p>".into())
    }

    #[get("/binary")]
    async fn binary(&self) -> Binary {
        Binary(Bytes::from_static(b"\x00\xff"))
    }

    #[get("/raw", declares(200: User, 404))]
    async fn raw(&self) -> HttpResponse {
        HttpResponse::Ok().json(json!({"id": 10}))
    }

    #[get("/actix/{status}", declares(200: "text/plain", 409, 418))]
    async fn actix(&self, status: Path<u16>) -> Result<HttpResponse, actix_web::Error> {
        match status.0 {
            200 => Ok(HttpResponse::Ok().content_type("text/plain").body("x")),
            418 => Err(actix_web::error::ErrorImATeapot("short and stout")),
            _ => Err(actix_web::error::ErrorConflict("no")),
        }
    }

    #[get("/problem", declares(200: User, 410))]
    async fn problem(&self) -> Result<User, Problem> {
        Err(Problem::new(StatusCode::GONE).code("gone").detail("it was here").extension("since", 1999))
    }

    #[get("/infallible")]
    fn infallible(&self) -> Result<User, std::convert::Infallible> {
        Ok(User { id: 11 })
    }
}

async fn client() -> TestClient {
    crate::roas::client(Router::new("").controller(Ready)).await
}

#[actix_web::test]
async fn models_have_the_methods_status() {
    let client = client().await;
    client.get("/model").send().await.assert_status(200).assert_json(&json!({"id": 1}));
    client.post("/model").send().await.assert_status(201).assert_json(&json!({"id": 2}));
    client.put("/model").send().await.assert_status(202).assert_json(&json!({"id": 3}));
    client.get("/status").send().await.assert_status(206).assert_json(&json!({"id": 4}));
    client.post("/accepted").send().await.assert_status(202).assert_json(&json!({"job": 6}));
    client.get("/infallible").send().await.assert_status(200).assert_content_type("application/json");
}

#[actix_web::test]
async fn created_says_where() {
    let client = client().await;
    client
        .post("/created/%2Fusers%2F5")
        .send()
        .await
        .assert_status(201)
        .assert_header("location", "/users/5");
    // Beyond ASCII it is encoded, as browsers would.
    client.post("/created/%2F%C3%BC").send().await.assert_header("location", "/%C3%BC");
    // A line break would let it set headers of its own: our fault, and the log says so without the text.
    let log = Log::start();
    let answer = client.post("/created/%2Fa%0D%0Aset-cookie:x=SECRET").unchecked().send().await;
    answer.assert_status(500).assert_no_header("set-cookie").assert_no_header("location");
    let lines = log.take().join("\n");
    assert!(lines.contains("Location") && !lines.contains("SECRET"), "{lines}");
}

#[actix_web::test]
async fn empty_answers_are_empty() {
    let client = client().await;
    client.delete("/nothing").send().await.assert_status(204).assert_no_body();
    client.post("/reset").send().await.assert_status(205).assert_no_body();
    client.get("/unchanged").send().await.assert_status(304).assert_no_body();
}

#[actix_web::test]
async fn redirects_lead_somewhere() {
    let client = client().await;
    client
        .get("/found")
        .send()
        .await
        .assert_status(302)
        .assert_header("location", "/elsewhere?a=%C3%BC")
        .assert_no_body();
    for status in [301, 303, 307, 308] {
        let answer = client.get(&format!("/moved/{status}")).send().await;
        answer.assert_status(status).assert_header("location", "/a").assert_no_body();
    }
}

#[actix_web::test]
async fn options_results_and_unions_answer_as_what_is_inside() {
    let client = client().await;
    client.get("/maybe/true").send().await.assert_status(200).assert_json(&json!({"id": 7}));
    client.get("/maybe/false").send().await.assert_status(404).problem().assert_code("not-found");
    client.post("/result/0").send().await.assert_status(201);
    let answer = client.post("/result/1").send().await;
    answer.assert_status(409).problem().assert_code("taken");
    assert_eq!(answer.problem().detail(), Some("ann is taken"));
    client.get("/one-of/true").send().await.assert_status(200).assert_json(&json!({"id": 9}));
    client.get("/one-of/false").send().await.assert_status(202).assert_json(&json!({"job": 9}));
    client.get("/problem").send().await.assert_status(410).assert_json(
        &json!({"title": "Gone", "status": 410, "code": "gone", "detail": "it was here", "since": 1999}),
    );
}

#[actix_web::test]
async fn declared_server_errors_say_nothing_and_log_everything() {
    let log = Log::start();
    let answer = client().await.post("/result/2").send().await;
    answer
        .assert_status(503)
        .assert_json(&json!({"title": "Service Unavailable", "status": 503, "code": "store"}));
    let lines = log.take().join("\n");
    assert!(lines.contains("the store is gone") && lines.contains("ready_result"), "{lines}");
}

#[actix_web::test]
async fn other_media_types_are_said() {
    let client = client().await;
    client
        .get("/text")
        .send()
        .await
        .assert_header("content-type", "text/plain; charset=utf-8")
        .assert_body("ü");
    client
        .get("/html")
        .send()
        .await
        .assert_header("content-type", "text/html; charset=utf-8")
        .assert_body("<p>");
    client
        .get("/binary")
        .send()
        .await
        .assert_header("content-type", "application/octet-stream")
        .assert_body(b"\x00\xff");
}

#[actix_web::test]
async fn actixs_own_answers_are_answers() {
    let client = client().await;
    client.get("/raw").send().await.assert_status(200).assert_json(&json!({"id": 10}));
    client.get("/actix/200").send().await.assert_status(200).assert_body("x");
    client
        .get("/actix/418")
        .send()
        .await
        .assert_status(418)
        .assert_json(&json!({"title": "I'm a teapot", "status": 418, "detail": "short and stout"}));
}
