//! One API that takes everything, and how it is asked.

use actix_charter::{
    prelude::*,
    problem::MAX_FAULTS,
    request::{BodyStream, RawBody, TextBody},
};
use actix_web::{App, body::to_bytes, dev::Service, http::header::HeaderMap, test::TestRequest};
use futures_util::StreamExt;
use serde_json::Value;

/// Stands in every hostile value; no answer may hold it.
pub const SECRET: &str = "s3cr3t";

/// More than this no problem has.
const LARGEST_ANSWER: usize = 64 * 1024;

pub const BODY_LIMIT: usize = 1_000;

#[derive(Debug, serde::Serialize, serde::Deserialize, schemars::JsonSchema, Model)]
pub struct Note {
    pub text: String,
    #[serde(default)]
    pub tags: Vec<String>,
    #[serde(default)]
    pub number: Option<u8>,
    #[serde(default)]
    pub inner: Option<Box<Note>>,
}

#[derive(Debug, serde::Serialize, serde::Deserialize, schemars::JsonSchema, Model)]
pub struct Search {
    #[serde(default)]
    pub text: String,
    #[serde(default)]
    pub number: u8,
    #[serde(default)]
    pub list: Vec<u8>,
}

#[derive(Debug, serde::Deserialize, schemars::JsonSchema, Model)]
pub struct Given {
    #[serde(rename = "X-Number", default)]
    pub number: Option<u8>,
    #[serde(rename = "X-Text", default)]
    pub text: Option<String>,
}

#[derive(Debug, serde::Deserialize, schemars::JsonSchema, Model)]
pub struct Crumbs {
    #[serde(default)]
    pub text: Option<String>,
}

#[derive(Debug, serde::Deserialize, schemars::JsonSchema, Model)]
pub struct Upload {
    #[serde(default)]
    pub title: Option<String>,
}

pub struct Everything;

#[controller(body_limit = 1000, parsers(Json, Form))]
impl Everything {
    #[post("/json")]
    fn json(&self, note: Body<Note>) -> Note {
        note.0
    }

    #[post("/any", body_limit = "1 MiB")]
    fn any(&self, value: Body<Value>) -> Text {
        Text(value.0.to_string().len().to_string())
    }

    #[post("/large", body_limit = "8 MiB")]
    fn large(&self, note: Body<Note>) -> Text {
        Text(note.0.text.len().to_string())
    }

    #[post("/form", body_limit = "8 MiB")]
    fn form(&self, search: Body<Search>) -> Search {
        search.0
    }

    #[post("/raw")]
    fn raw(&self, body: RawBody) -> Text {
        Text(body.0.len().to_string())
    }

    #[post("/text")]
    fn text(&self, body: TextBody) -> Text {
        Text(body.0.len().to_string())
    }

    #[post("/stream")]
    async fn stream(&self, body: BodyStream) -> Text {
        let mut body = body.0;
        let mut sum = 0;
        while let Some(Ok(chunk)) = body.next().await {
            sum += chunk.len();
        }
        Text(sum.to_string())
    }

    #[post("/multipart")]
    fn multipart(&self, upload: Multipart<Upload>) -> Text {
        Text(upload.0.title.unwrap_or_default())
    }

    #[post("/slow", body_timeout = std::time::Duration::ZERO)]
    fn slow(&self, _note: Body<Note>) -> NoContent {
        NoContent
    }

    #[post("/slow/multipart", body_timeout = std::time::Duration::ZERO)]
    fn slow_multipart(&self, _upload: Multipart<Upload>) -> NoContent {
        NoContent
    }

    #[get("/query")]
    fn query(&self, search: Query<Search>) -> Search {
        search.0
    }

    #[get("/path/{text}/{number}")]
    fn path(&self, Path((text, number)): Path<(String, u8)>) -> Text {
        Text(format!("{text} {number}"))
    }

    #[get("/headers")]
    fn headers(&self, given: Headers<Given>) -> Text {
        Text(format!("{:?} {:?}", given.number, given.text.as_ref().map(String::len)))
    }

    #[get("/cookies")]
    fn cookies(&self, crumbs: Cookies<Crumbs>) -> Text {
        Text(crumbs.0.text.unwrap_or_default())
    }

    #[post("/closed", security = actix_charter::security::ApiKey<u8>)]
    fn closed(&self, note: Body<Note>) -> Note {
        note.0
    }

    /// Looks at no body.
    #[post("/deaf")]
    fn deaf(&self) -> NoContent {
        NoContent
    }
}

pub fn api() -> Router {
    Router::new("/api").scheme(actix_charter::security::ApiKey::fixed([("key", 1_u8)])).controller(Everything)
}

/// What was answered.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: String,
}

pub async fn ask(request: TestRequest) -> Answer {
    let app = actix_web::test::init_service(App::new().service(api())).await;
    let response = app.call(request.to_request()).await.unwrap();
    let (head, body) = response.into_parts().1.into_parts();
    let body = to_bytes(body).await.unwrap_or_default();
    Answer {
        status: head.status().as_u16(),
        headers: head.headers().clone(),
        body: String::from_utf8(body.to_vec()).unwrap(),
    }
}

pub fn post(path: &str, media_type: &str, body: impl Into<Vec<u8>>) -> TestRequest {
    TestRequest::post()
        .uri(&format!("/api{path}"))
        .insert_header(("content-type", media_type))
        .set_payload(body.into())
}

pub fn json(path: &str, body: impl Into<Vec<u8>>) -> TestRequest {
    post(path, "application/json", body)
}

pub fn get(path: &str) -> TestRequest {
    TestRequest::get().uri(&format!("/api{path}"))
}

impl Answer {
    /// A problem of this status and code, small, and without what was sent.
    #[track_caller]
    pub fn refuses(&self, status: u16, code: &str) -> Value {
        let problem = problem(&self.body);
        assert_eq!((self.status, problem["code"].as_str()), (status, Some(code)), "{}", self.body);
        assert_eq!(self.headers.get("content-type").unwrap(), "application/problem+json");
        problem
    }

    /// A 400 with one fault: where, and of what kind.
    #[track_caller]
    pub fn faults(&self) -> Vec<(String, String, String)> {
        let problem = self.refuses(400, "invalid-request");
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let errors = problem["errors"].as_array().unwrap();
        errors
            .iter()
            .map(|fault| (text(&fault["in"]), text(&fault["pointer"]), text(&fault["code"])))
            .collect()
    }

    #[track_caller]
    pub fn is(&self, status: u16, body: &str) {
        assert_eq!((self.status, self.body.as_str()), (status, body));
    }
}

/// Reads a problem, and sees to it that it is bounded and tells nothing back.
#[track_caller]
pub fn problem(body: &str) -> Value {
    assert!(body.len() < LARGEST_ANSWER, "{} bytes", body.len());
    assert!(!body.contains(SECRET), "{body}");
    let problem: Value = serde_json::from_str(body).unwrap_or_else(|_| panic!("no problem: {body}"));
    assert!(problem["errors"].as_array().is_none_or(|errors| errors.len() <= MAX_FAULTS));
    problem
}
