//! Other media types than JSON: forms, MessagePack, and one of the application's own.

use actix_charter::{
    media::{ParseError, Parser, RenderError, Renderer, Target},
    prelude::*,
    testing::TestClient,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use validator::Validate;

#[derive(Debug, PartialEq, Serialize, Deserialize, JsonSchema, Validate, Model)]
struct Note {
    #[validate(length(min = 2))]
    text: String,
    #[serde(default)]
    stars: Vec<u8>,
}

/// `application/xml`, both ways.
#[derive(Debug)]
struct Xml;

impl Parser for Xml {
    fn media_type(&self) -> &str {
        "application/xml"
    }

    fn parse(&self, body: &[u8], target: &mut Target<'_>) -> Result<(), ParseError> {
        let text = std::str::from_utf8(body).map_err(ParseError::new)?;
        target.read(&mut quick_xml::de::Deserializer::from_str(text))
    }
}

impl Renderer for Xml {
    fn media_type(&self) -> &str {
        "application/xml"
    }

    fn render(&self, value: &dyn erased_serde::Serialize, out: &mut Vec<u8>) -> Result<(), RenderError> {
        let text = quick_xml::se::to_string_with_root("answer", value).map_err(RenderError::new)?;
        out.extend_from_slice(text.as_bytes());
        Ok(())
    }
}

struct Notes;

#[controller(path = "/notes", parsers(Json, MsgPack, Form, Xml), renderers(Json, MsgPack, Xml))]
impl Notes {
    #[post]
    async fn create(&self, note: Body<Note>) -> Note {
        note.0
    }
}

#[derive(Debug, Serialize, Deserialize, JsonSchema, Model)]
#[allow(clippy::use_self, reason = "the derives want the name")]
struct Deep {
    below: Option<Box<Deep>>,
}

struct Deeps;

#[controller(path = "/deep", parsers(MsgPack))]
impl Deeps {
    #[post]
    async fn deep(&self, _deep: Body<Deep>) -> NoContent {
        NoContent
    }
}

async fn client() -> TestClient {
    crate::roas::client(Router::new("").controller(Notes).controller(Deeps)).await
}

fn note() -> Note {
    Note { text: "milk".into(), stars: vec![1, 2] }
}

#[actix_web::test]
async fn forms_are_bodies() {
    let client = client().await;
    client.post("/notes").form(&note()).send().await.assert_status(201).assert_json(&note());
    let answer =
        client.post("/notes").body("application/x-www-form-urlencoded", "stars=1&stars=x").send().await;
    answer
        .assert_status(400)
        .problem()
        .assert_fault("body", "/text", "required")
        .assert_fault("body", "/stars/1", "type");
}

#[actix_web::test]
async fn messagepack_goes_both_ways() {
    let client = client().await;
    let answer = client.post("/notes").accept("application/msgpack").msgpack(&note()).send().await;
    answer.assert_status(201).assert_content_type("application/msgpack").assert_header("vary", "accept");
    assert_eq!(answer.msgpack::<Note>(), note());
    let answer =
        client.post("/notes").accept("application/msgpack").msgpack(&json!({"text": "m"})).send().await;
    answer
        .assert_status(400)
        .assert_content_type("application/msgpack")
        .problem()
        .assert_fault("body", "/text", "length");
    let answer = client.post("/notes").body("application/msgpack", b"\xc1".as_slice()).send().await;
    answer.assert_status(400).problem().assert_fault("body", "", "syntax");
}

#[actix_web::test]
async fn messagepack_has_a_floor() {
    // {"below": {"below": ..}}
    let nested = |depth: usize| {
        let mut body = Vec::new();
        (0..depth).for_each(|_| body.extend_from_slice(b"\x81\xa5below"));
        body.push(0xc0);
        body
    };
    let client = client().await;
    client.post("/deep").body("application/msgpack", nested(60)).send().await.assert_status(204);
    let answer = client.post("/deep").body("application/msgpack", nested(10_000)).send().await;
    answer.assert_status(400).problem().assert_fault("body", "", "syntax");
}

#[actix_web::test]
async fn a_format_of_ones_own_goes_both_ways() {
    let client = client().await;
    let body = "<note><text>milk</text><stars>1</stars><stars>2</stars></note>";
    let answer = client.post("/notes").accept("application/xml").body("application/xml", body).send().await;
    answer
        .assert_status(201)
        .assert_content_type("application/xml")
        .assert_body("<answer><text>milk</text><stars>1</stars><stars>2</stars></answer>");

    let answer = client.post("/notes").body("application/xml", "<note><text>m</text></note>").send().await;
    answer.assert_status(400).problem().assert_fault("body", "/text", "length");
    let answer = client.post("/notes").body("application/xml", "<note><stars>1</stars></note>").send().await;
    answer.assert_status(400).problem().assert_fault("body", "/text", "required");
    let answer = client.post("/notes").body("application/xml", "<note").send().await;
    answer.assert_status(400).problem().assert_fault("body", "", "syntax");

    // Errors are told in it too.
    let answer = client.post("/notes").accept("application/xml").json(&json!({})).send().await;
    answer.assert_status(400).assert_content_type("application/xml");
    assert!(answer.text().starts_with("<answer><title>Bad Request</title><status>400</status>"), "{answer}");
}
