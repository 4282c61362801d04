//! All faults of all components in one answer, in wire names, without a value that was sent.

use actix_charter::{prelude::*, testing::TestClient};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use validator::Validate;

#[derive(Debug, Serialize, Deserialize, JsonSchema, Validate, Model)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NewCard {
    #[validate(length(min = 1, max = 10))]
    title_text: String,
    #[validate(range(min = 1, max = 5))]
    effort: u8,
    #[validate(nested)]
    lines: Vec<Line>,
    due: Option<u32>,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema, Validate, Model)]
#[serde(rename_all = "camelCase")]
struct Line {
    #[validate(email)]
    sent_to: String,
}

#[derive(Debug, Deserialize, JsonSchema, Validate, Model)]
#[serde(rename_all = "kebab-case")]
struct Page {
    #[validate(range(min = 1))]
    page_number: u32,
    sort: Option<Sort>,
}

#[derive(Debug, Deserialize, JsonSchema, Model)]
#[serde(rename_all = "lowercase")]
enum Sort {
    Newest,
    Oldest,
}

#[derive(Debug, Deserialize, JsonSchema, Model)]
struct Client {
    #[serde(rename = "X-Client-Build")]
    build: u32,
    #[serde(rename = "X-Mode")]
    mode: String,
}

#[derive(Debug, Deserialize, JsonSchema, Model)]
struct Jar {
    visits: u8,
}

struct Cards;

#[controller(path = "/boards")]
impl Cards {
    #[post("/{board}/cards/{card}")]
    async fn put(
        &self,
        Path((board, card)): Path<(u32, u32)>,
        page: Query<Page>,
        client: Headers<Client>,
        jar: Cookies<Jar>,
        new: Body<NewCard>,
    ) -> Vec<u32> {
        let sort = matches!(page.sort, Some(Sort::Newest | Sort::Oldest)).into();
        let length = u32::try_from(new.title_text.len() + client.mode.len()).unwrap();
        vec![board, card, page.page_number, client.build, jar.visits.into(), length, sort]
    }

    #[post("/list")]
    async fn list(&self, ids: Body<Vec<u8>>) -> Vec<u8> {
        ids.0
    }
}

async fn client() -> TestClient {
    crate::roas::client(Router::new("/api").controller(Cards)).await
}

#[actix_web::test]
async fn everything_right_reaches_the_handler() {
    let answer = client()
        .await
        .post("/api/boards/3/cards/4?page-number=2&sort=newest")
        .header(("x-client-build", "7"))
        .header(("x-mode", "ab"))
        .cookie("visits", "9")
        .json(&json!({"titleText": "milk", "effort": 1, "lines": [{"sentTo": "a@example.org"}]}))
        .send()
        .await;
    answer.assert_status(201).assert_json(&[3, 4, 2, 7, 9, 6, 1]);
}

#[actix_web::test]
async fn five_components_are_wrong_at_once() {
    let answer = client()
        .await
        .post("/api/boards/SECRETa/cards/-SECRETb?page-number=SECRETc&sort=SECRETd")
        .header(("x-client-build", "SECRETe"))
        .cookie("visits", "SECRETf")
        .json(&json!({"effort": "SECRETg", "lines": [{"sentTo": "SECRETh"}, {}], "due": -4242, "SECRETi": 1}))
        .send()
        .await;
    answer.assert_status(400).assert_content_type("application/problem+json");
    let text = answer.text();
    // `SECRETi` is a name that the client chose, which it must be told; no value is.
    for secret in
        ["SECRETa", "SECRETb", "SECRETc", "SECRETd", "SECRETe", "SECRETf", "SECRETg", "SECRETh", "4242"]
    {
        assert!(!text.contains(secret), "{secret} is told: {text}");
    }
    insta::assert_json_snapshot!(answer.json::<serde_json::Value>());
}

#[actix_web::test]
async fn rules_of_several_components_are_told_together() {
    let answer = client()
        .await
        .post("/api/boards/1/cards/2?page-number=0")
        .header(("x-client-build", "7"))
        .header(("x-mode", "ab"))
        .cookie("visits", "1")
        .json(&json!({"titleText": "", "effort": 9, "lines": [{"sentTo": "SECRET"}]}))
        .send()
        .await;
    assert!(!answer.text().contains("SECRET"));
    answer
        .assert_status(400)
        .problem()
        .assert_fault_count(4)
        .assert_fault("query", "/page-number", "range")
        .assert_fault("body", "/titleText", "length")
        .assert_fault("body", "/effort", "range")
        .assert_fault("body", "/lines/0/sentTo", "email");
}

#[actix_web::test]
async fn a_missing_body_is_told_beside_the_rest() {
    let answer = client().await.post("/api/boards/1/cards/x").send().await;
    answer
        .assert_status(400)
        .problem()
        .assert_fault("body", "", "required")
        .assert_fault("path", "/card", "type")
        .assert_fault("query", "/page-number", "required")
        .assert_fault("header", "/X-Client-Build", "required")
        .assert_fault("header", "/X-Mode", "required")
        .assert_fault("cookie", "/visits", "required");
}

#[actix_web::test]
async fn there_is_an_end_to_faults() {
    let answer = client().await.post("/api/boards/list").json(&vec!["x"; 100]).send().await;
    answer.assert_status(400).problem().assert_fault_count(64).assert_fault("body", "/63", "type");
    assert_eq!(answer.json::<serde_json::Value>()["more_errors"], true);

    let answer = client().await.post("/api/boards/list").json(&vec!["x"; 64]).send().await;
    answer.problem().assert_fault_count(64);
    assert!(answer.json::<serde_json::Value>().get("more_errors").is_none());
}
